package s3api

import (
	"context"
	"crypto/md5" //nolint:gosec // S3's ETag is an MD5 sum; nothing is secured by it
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// An upload in parts lies at the side until it is complete:
//
//	upload/<bucket>/<id>/upload.json      the upload
//	upload/<bucket>/<id>/part-00007.json  a part's record, which names
//	upload/<bucket>/<id>/data-00007-<x>   the part's content
const (
	maxParts    = 10_000
	minPartSize = 5 << 20
)

type upload struct {
	Key       string    `json:"key"`
	Started   time.Time `json:"started"`
	Record    record    `json:"record"`
	Algorithm string    `json:"algorithm,omitempty"`
	Type      string    `json:"type,omitempty"` // of the checksum
}

type part struct {
	Number    int       `json:"number"`
	Data      string    `json:"data"`
	Size      int64     `json:"size"`
	ETag      string    `json:"etag"`
	Algorithm string    `json:"algorithm,omitempty"`
	Checksum  string    `json:"checksum,omitempty"`
	Modified  time.Time `json:"modified"`
}

func (c *call) uploadPrefix(id string) string { return "upload/" + c.bucket + "/" + id + "/" }

func partName(number int) string { return fmt.Sprintf("part-%05d.json", number) }

type initiated struct {
	XMLName  xml.Name `xml:"InitiateMultipartUploadResult"`
	XMLNS    string   `xml:"xmlns,attr"`
	Bucket   string
	Key      string
	UploadID string `xml:"UploadId"`
}

// createUpload answers CreateMultipartUpload.
func (c *call) createUpload() error {
	r, err := recordOf(c.r.Header)
	if err != nil {
		return err
	}
	u := upload{Key: c.key, Started: c.s.conf.Clock.Now(), Record: r, Algorithm: strings.ToUpper(c.r.Header.Get("X-Amz-Checksum-Algorithm"))}
	if u.Algorithm != "" {
		if algorithms[u.Algorithm] == nil {
			return badRequest("The checksum algorithm %s is not known here: use CRC32, CRC32C, CRC64NVME, SHA1 or SHA256.", u.Algorithm)
		}
		u.Type = strings.ToUpper(c.r.Header.Get("X-Amz-Checksum-Type"))
		sha := strings.HasPrefix(u.Algorithm, "SHA")
		switch {
		case u.Type == "" && u.Algorithm == "CRC64NVME":
			u.Type = "FULL_OBJECT"
		case u.Type == "":
			u.Type = "COMPOSITE"
		case u.Type == "FULL_OBJECT" && sha, u.Type == "COMPOSITE" && u.Algorithm == "CRC64NVME", u.Type != "FULL_OBJECT" && u.Type != "COMPOSITE":
			return badRequest("The %s checksum type cannot be used with the %s checksum algorithm.", u.Type, u.Algorithm)
		}
		c.w.Header().Set("X-Amz-Checksum-Algorithm", u.Algorithm)
		c.w.Header().Set("X-Amz-Checksum-Type", u.Type)
	}
	// A key that cannot be stored must fail now and not after gigabytes.
	probe, err := c.newWriter(c.store, c.key)
	if err != nil {
		return err
	}
	probe.Abort()
	id := strings.ToLower(requestID() + requestID())
	if err := c.s.save(c.ctx, c.uploadPrefix(id)+"upload.json", u); err != nil {
		return err
	}
	return c.answer(initiated{XMLNS: namespace, Bucket: c.bucket, Key: c.key, UploadID: id})
}

// upload loads the upload that the request names.
func (c *call) upload() (string, upload, error) {
	id := c.query.Get("uploadId")
	var u upload
	if raw, err := hex.DecodeString(id); err != nil || len(raw) != 16 {
		return "", u, errNoSuchUpload
	}
	err := c.s.load(c.ctx, c.uploadPrefix(id)+"upload.json", &u)
	if errors.Is(err, blob.ErrNotFound) || err == nil && u.Key != c.key {
		return "", u, errNoSuchUpload
	}
	return id, u, err
}

// uploadPart answers UploadPart and UploadPartCopy.
func (c *call) uploadPart() error {
	number, err := strconv.Atoi(c.query.Get("partNumber"))
	if err != nil || number < 1 || number > maxParts {
		return badArgument("Part number must be an integer between 1 and %d, inclusive", maxParts)
	}
	id, u, err := c.upload()
	if err != nil {
		return err
	}
	p := part{Number: number, Data: fmt.Sprintf("data-%05d-%s", number, strings.ToLower(requestID()))}
	w, err := c.s.side.NewWriter(c.ctx, c.uploadPrefix(id)+p.Data)
	if err != nil {
		return err
	}
	defer w.Abort()
	fromCopy := c.r.Header.Get("X-Amz-Copy-Source") != ""
	var sums *sums
	if fromCopy {
		sums, p.Size, err = c.receiveCopy(w, u.Algorithm)
	} else {
		if p.Size = c.r.ContentLength; p.Size < 0 {
			return failf(http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header.")
		}
		sums, err = c.receive(w)
	}
	if err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	p.ETag, p.Algorithm, p.Checksum = sums.etag(), sums.algorithm, sums.checksum()
	p.Modified = c.s.conf.Clock.Now()
	if err := c.keepPart(id, p); err != nil {
		return err
	}
	if fromCopy {
		return c.answer(copyResult{
			XMLName: xml.Name{Local: "CopyPartResult"}, XMLNS: namespace, LastModified: xmlTime(p.Modified), ETag: quote(p.ETag),
			checksums: checksumElements(p.Algorithm, p.Checksum, ""),
		})
	}
	c.w.Header().Set("Etag", quote(p.ETag))
	if p.Algorithm != "" {
		c.w.Header().Set(checksumHeader(p.Algorithm), p.Checksum)
	}
	c.w.WriteHeader(http.StatusOK)
	return nil
}

// receiveCopy copies a part, or all, of another object.
func (c *call) receiveCopy(w io.Writer, algorithm string) (*sums, int64, error) {
	f, _, _, err := c.source()
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = f.Close() }()
	s := span{0, f.Size()}
	if header := c.r.Header.Get("X-Amz-Copy-Source-Range"); header != "" {
		part, ok, err := parseRange(header, f.Size())
		if err != nil || !ok {
			return nil, 0, badArgument("The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the " +
				"zero-based offsets of the first and last bytes to copy, within the source")
		}
		s = part
	}
	sums, err := copySums("", algorithm)
	if err != nil {
		return nil, 0, err
	}
	_, err = io.Copy(plainWriter{io.MultiWriter(w, sums)}, io.NewSectionReader(f, s.start, s.length))
	return sums, s.length, err
}

// keepPart makes a part that is written the one of its number, if the upload
// is still there.
func (c *call) keepPart(id string, p part) error {
	lock := c.s.lockOfUpload(id)
	lock.Lock()
	defer lock.Unlock()
	prefix := c.uploadPrefix(id)
	if _, err := c.s.side.Stat(c.ctx, prefix+"upload.json"); err != nil {
		_ = c.s.side.Delete(c.ctx, prefix+p.Data)
		return errNoSuchUpload
	}
	var old part
	err := c.s.load(c.ctx, prefix+partName(p.Number), &old)
	if err != nil && !errors.Is(err, blob.ErrNotFound) {
		return err
	}
	if err := c.s.save(c.ctx, prefix+partName(p.Number), p); err != nil {
		return err
	}
	if old.Data != "" {
		return c.s.side.Delete(c.ctx, prefix+old.Data)
	}
	return nil
}

// parts loads the records of an upload's parts, in ascending order.
func (c *call) parts(id string) ([]part, error) {
	var names []string
	err := c.s.side.List(c.ctx, c.uploadPrefix(id)+"part-", func(o blob.Object) error {
		names = append(names, o.Key)
		return nil
	})
	if err != nil {
		return nil, err
	}
	all := make([]part, len(names))
	for i, name := range names {
		if err := c.s.load(c.ctx, name, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// abortUpload answers AbortMultipartUpload.
func (c *call) abortUpload() error {
	id, _, err := c.upload()
	if err != nil {
		return err
	}
	lock := c.s.lockOfUpload(id)
	lock.Lock()
	defer lock.Unlock()
	if err := c.dropUpload(c.ctx, id); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// dropUpload removes an upload, first of all what makes it one.
func (c *call) dropUpload(ctx context.Context, id string) error {
	if err := c.s.side.Delete(ctx, c.uploadPrefix(id)+"upload.json"); err != nil {
		return err
	}
	return blob.DeletePrefix(ctx, c.s.side, c.uploadPrefix(id))
}

type completeRequest struct {
	XMLName xml.Name `xml:"CompleteMultipartUpload"`
	Parts   []struct {
		PartNumber int
		ETag       string
		checksums
	} `xml:"Part"`
}

type completed struct {
	XMLName  xml.Name `xml:"CompleteMultipartUploadResult"`
	XMLNS    string   `xml:"xmlns,attr"`
	Location string
	Bucket   string
	Key      string
	ETag     string
	checksums
}

// completeUpload answers CompleteMultipartUpload.
func (c *call) completeUpload() error {
	id, u, err := c.upload()
	if err != nil {
		return err
	}
	var in completeRequest
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxDocument))
	if err != nil {
		return err
	}
	if err := xml.Unmarshal(body, &in); err != nil || len(in.Parts) == 0 || len(in.Parts) > maxParts {
		return errMalformedXML
	}
	return c.keepAlive(func() (any, error) { return c.complete(id, u, in) })
}

// complete makes the object from its parts and forgets the upload. It takes as
// long as copying the parts does.
func (c *call) complete(id string, u upload, in completeRequest) (any, error) {
	lock := c.s.lockOfUpload(id)
	lock.Lock()
	defer lock.Unlock()
	if _, _, err := c.upload(); err != nil {
		return nil, err // completed or aborted while we waited
	}
	chosen, err := c.choose(id, u, in)
	if err != nil {
		return nil, err
	}
	r, err := c.join(id, u, chosen)
	if err != nil {
		return nil, err
	}
	if err := c.dropUpload(c.ctx, id); err != nil {
		return nil, err
	}
	return completed{
		XMLNS: namespace, Location: "http://" + c.r.Host + c.r.URL.EscapedPath(), Bucket: c.bucket, Key: c.key, ETag: quote(r.ETag),
		checksums: checksumElements(r.Algorithm, r.Checksum, r.ChecksumType),
	}, nil
}

// choose compares the client's list of parts with what was uploaded.
func (c *call) choose(id string, u upload, in completeRequest) ([]part, error) {
	have, err := c.parts(id)
	if err != nil {
		return nil, err
	}
	for i, want := range in.Parts {
		if i > 0 && want.PartNumber <= in.Parts[i-1].PartNumber {
			return nil, failf(http.StatusBadRequest, "InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.")
		}
	}
	var chosen []part
	for i, want := range in.Parts {
		at, found := slices.BinarySearchFunc(have, want.PartNumber, func(p part, n int) int { return p.Number - n })
		if !found || have[at].ETag != strings.Trim(want.ETag, `"`) {
			return nil, failf(http.StatusBadRequest, "InvalidPart", "One or more of the specified parts could not be found. "+
				"The part may not have been uploaded, or the specified entity tag may not match the part's entity tag (part %d).", want.PartNumber)
		}
		p := have[at]
		if sum := want.value(u.Algorithm); u.Algorithm != "" && sum != "" && p.Algorithm == u.Algorithm && sum != p.Checksum {
			return nil, failf(http.StatusBadRequest, "InvalidPart", "The checksum of part %d is not the one it was uploaded with.", want.PartNumber)
		}
		if i < len(in.Parts)-1 && p.Size < minPartSize {
			return nil, failf(http.StatusBadRequest, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size (part %d has %d bytes).", p.Number, p.Size)
		}
		chosen = append(chosen, p)
	}
	return chosen, nil
}

// join writes the object from its parts.
func (c *call) join(id string, u upload, parts []part) (record, error) {
	r := u.Record
	w, err := c.newWriter(c.store, c.key)
	if err != nil {
		return r, err
	}
	defer w.Abort()
	var whole hash.Hash // of the object, where that is the checksum's type
	if u.Type == "FULL_OBJECT" {
		whole = algorithms[u.Algorithm]()
	}
	etags := md5.New() //nolint:gosec // see the import
	for _, p := range parts {
		if err := c.appendPart(w, c.uploadPrefix(id)+p.Data, whole); err != nil {
			return r, fmt.Errorf("append part %d: %w", p.Number, err)
		}
		raw, err := hex.DecodeString(p.ETag)
		if err != nil {
			return r, fmt.Errorf("part %d has the broken ETag %q: %w", p.Number, p.ETag, err)
		}
		etags.Write(raw)
		r.Parts = append(r.Parts, p.Size)
	}
	r.ETag = fmt.Sprintf("%x-%d", etags.Sum(nil), len(parts))
	r.Algorithm, r.ChecksumType = u.Algorithm, u.Type
	switch {
	case whole != nil:
		r.Checksum = base64.StdEncoding.EncodeToString(whole.Sum(nil))
		if want := c.r.Header.Get(checksumHeader(u.Algorithm)); want != "" && want != r.Checksum {
			return r, errBadDigest
		}
	case u.Algorithm != "":
		r.Checksum = composite(u.Algorithm, parts)
		if r.Checksum == "" { // parts without checksums: the object has none
			r.Algorithm, r.ChecksumType = "", ""
		}
	}
	_, err = c.commit(w, r)
	return r, err
}

func (c *call) appendPart(w io.Writer, key string, whole hash.Hash) error {
	f, err := c.s.side.NewReader(c.ctx, key, 0, -1)
	if errors.Is(err, blob.ErrNotFound) { // of ours: not that the client's object is missing
		return failf(http.StatusInternalServerError, "InternalError", "The content of an uploaded part is lost (%s): upload it again.", key)
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if whole != nil {
		w = plainWriter{io.MultiWriter(w, whole)}
	}
	_, err = io.Copy(w, f) // within the kernel, where it can
	return err
}

// composite is the checksum of the parts' checksums.
func composite(algorithm string, parts []part) string {
	sum := algorithms[algorithm]()
	for _, p := range parts {
		raw, err := base64.StdEncoding.DecodeString(p.Checksum)
		if err != nil || p.Algorithm != algorithm {
			return ""
		}
		sum.Write(raw)
	}
	return fmt.Sprintf("%s-%d", base64.StdEncoding.EncodeToString(sum.Sum(nil)), len(parts))
}
