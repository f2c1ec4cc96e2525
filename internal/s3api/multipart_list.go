package s3api

import (
	"encoding/xml"
	"slices"
	"strconv"
	"strings"

	"github.com/almanac-forecast/almanac/internal/blob"
)

type partsResult struct {
	XMLName              xml.Name `xml:"ListPartsResult"`
	XMLNS                string   `xml:"xmlns,attr"`
	Bucket               string
	Key                  string
	UploadID             string `xml:"UploadId"`
	Initiator            *owner
	Owner                *owner
	StorageClass         string
	PartNumberMarker     int
	NextPartNumberMarker int
	MaxParts             int
	IsTruncated          bool
	ChecksumAlgorithm    string       `xml:",omitempty"`
	ChecksumType         string       `xml:",omitempty"`
	Parts                []listedPart `xml:"Part"`
}

type listedPart struct {
	PartNumber   int
	LastModified string
	ETag         string
	Size         int64
	checksums
}

// listParts answers ListParts.
func (c *call) listParts() error {
	id, u, err := c.upload()
	if err != nil {
		return err
	}
	limit, err := number(c.query.Get("max-parts"), maxKeys)
	if err != nil {
		return err
	}
	marker, err := number(c.query.Get("part-number-marker"), 0)
	if err != nil {
		return err
	}
	all, err := c.parts(id)
	if err != nil {
		return err
	}
	out := partsResult{
		XMLNS: namespace, Bucket: c.bucket, Key: c.key, UploadID: id, Initiator: c.owner(), Owner: c.owner(), StorageClass: "STANDARD",
		PartNumberMarker: marker, MaxParts: min(limit, maxKeys), ChecksumAlgorithm: u.Algorithm, ChecksumType: u.Type,
	}
	for _, p := range all {
		if p.Number <= marker {
			continue
		}
		if len(out.Parts) == out.MaxParts {
			out.IsTruncated = true
			break
		}
		out.NextPartNumberMarker = p.Number
		out.Parts = append(out.Parts, listedPart{p.Number, xmlTime(p.Modified), quote(p.ETag), p.Size, checksumElements(p.Algorithm, p.Checksum, "")})
	}
	return c.answer(out)
}

func number(text string, otherwise int) (int, error) {
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, badArgument("%q is not a number from 0 to 2147483647", text)
	}
	return n, nil
}

type uploadsResult struct {
	XMLName            xml.Name `xml:"ListMultipartUploadsResult"`
	XMLNS              string   `xml:"xmlns,attr"`
	Bucket             string
	KeyMarker          string
	UploadIDMarker     string `xml:"UploadIdMarker"`
	NextKeyMarker      string
	NextUploadIDMarker string `xml:"NextUploadIdMarker"`
	Prefix             string
	Delimiter          string `xml:",omitempty"`
	EncodingType       string `xml:",omitempty"`
	MaxUploads         int
	IsTruncated        bool
	Uploads            []listedUpload `xml:"Upload"`
	CommonPrefixes     []commonPrefix
}

type listedUpload struct {
	Key          string
	UploadID     string `xml:"UploadId"`
	Initiator    *owner
	Owner        *owner
	StorageClass string
	Initiated    string
}

type namedUpload struct {
	upload
	id string
}

// uploads loads the bucket's uploads under way, ordered by key and start.
func (c *call) uploads(prefix string) ([]namedUpload, error) {
	var all []namedUpload
	root := "upload/" + c.bucket + "/"
	err := c.s.side.List(c.ctx, root, func(o blob.Object) error {
		id, found := strings.CutSuffix(strings.TrimPrefix(o.Key, root), "/upload.json")
		if !found {
			return nil
		}
		u := namedUpload{id: id}
		if err := c.s.load(c.ctx, o.Key, &u.upload); err != nil {
			return err
		}
		if strings.HasPrefix(u.Key, prefix) {
			all = append(all, u)
		}
		return nil
	})
	slices.SortFunc(all, func(a, b namedUpload) int {
		if n := strings.Compare(a.Key, b.Key); n != 0 {
			return n
		}
		if n := a.Started.Compare(b.Started); n != 0 {
			return n
		}
		return strings.Compare(a.id, b.id)
	})
	return all, err
}

// listUploads answers ListMultipartUploads.
func (c *call) listUploads() error {
	q, err := c.listQuery()
	if err != nil {
		return err
	}
	limit, err := number(c.query.Get("max-uploads"), maxKeys)
	if err != nil {
		return err
	}
	all, err := c.uploads(q.prefix)
	if err != nil {
		return err
	}
	keyMarker, idMarker := c.query.Get("key-marker"), c.query.Get("upload-id-marker")
	out := uploadsResult{
		XMLNS: namespace, Bucket: c.bucket, KeyMarker: q.encode(keyMarker), UploadIDMarker: idMarker, Prefix: q.encode(q.prefix),
		Delimiter: q.encode(q.delimiter), EncodingType: q.encoding, MaxUploads: min(limit, maxKeys),
	}
	begun := idMarker == "" // with an id, the page begins after that upload
	for _, u := range all {
		if keyMarker != "" && (u.Key < keyMarker || u.Key == keyMarker && begun) {
			continue
		}
		if u.Key == keyMarker && !begun {
			begun = u.id == idMarker
			continue
		}
		folded := fold(u.Key, q.prefix, q.delimiter)
		if folded != "" && slices.Contains(out.CommonPrefixes, commonPrefix{q.encode(folded)}) {
			continue
		}
		if len(out.Uploads)+len(out.CommonPrefixes) == out.MaxUploads {
			out.IsTruncated = true
			break
		}
		if folded != "" {
			out.CommonPrefixes = append(out.CommonPrefixes, commonPrefix{q.encode(folded)})
		} else {
			out.Uploads = append(out.Uploads, listedUpload{q.encode(u.Key), u.id, c.owner(), c.owner(), "STANDARD", xmlTime(u.Started)})
		}
		out.NextKeyMarker, out.NextUploadIDMarker = q.encode(u.Key), u.id
	}
	if !out.IsTruncated {
		out.NextKeyMarker, out.NextUploadIDMarker = "", ""
	}
	return c.answer(out)
}
