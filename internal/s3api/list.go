package s3api

import (
	"encoding/base64"
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/almanac-forecast/almanac/internal/blob"
)

const maxKeys = 1000

// A page is a piece of a listing.
type page struct {
	objects   []blob.Object
	prefixes  []string
	truncated bool
	last      string // the last key or prefix on the page
}

// page lists up to limit keys and common prefixes after marker.
func (c *call) page(prefix, delimiter, marker string, limit int) (page, error) {
	var p page
	if limit == 0 {
		return p, nil
	}
	from := ""
	if marker != "" {
		from = marker + "\x00"
	}
	add := func(name string) bool {
		if len(p.objects)+len(p.prefixes) == limit {
			p.truncated = true
			return false
		}
		p.last = name
		return true
	}
	err := c.store.(blob.Scanner).Scan(c.ctx, prefix, from, func(o blob.Object) error {
		folded := fold(o.Key, prefix, delimiter)
		switch {
		case folded == "":
			if !add(o.Key) {
				return blob.Stop
			}
			p.objects = append(p.objects, o)
			return nil
		case folded > marker:
			if !add(folded) {
				return blob.Stop
			}
			p.prefixes = append(p.prefixes, folded)
		}
		return blob.SkipTo(after(folded))
	})
	return p, err
}

// fold returns the common prefix that key is shown as, empty if as itself.
func fold(key, prefix, delimiter string) string {
	if delimiter == "" {
		return ""
	}
	head, _, found := strings.Cut(key[len(prefix):], delimiter)
	if !found {
		return ""
	}
	return prefix + head + delimiter
}

// after returns the first string that is greater than all with this prefix.
func after(prefix string) string {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] < 0xff {
			return prefix[:i] + string([]byte{prefix[i] + 1})
		}
	}
	return prefix + "\xff"
}

type listResult struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	XMLNS                 string   `xml:"xmlns,attr"`
	Name                  string
	Prefix                string
	Delimiter             string `xml:",omitempty"`
	EncodingType          string `xml:",omitempty"`
	MaxKeys               int
	IsTruncated           bool
	Marker                *string // version 1
	NextMarker            string  `xml:",omitempty"`
	KeyCount              *int    // version 2
	ContinuationToken     string  `xml:",omitempty"`
	NextContinuationToken string  `xml:",omitempty"`
	StartAfter            string  `xml:",omitempty"`
	Contents              []listedObject
	CommonPrefixes        []commonPrefix
}

type listedObject struct {
	Key               string
	VersionID         string `xml:"VersionId,omitempty"`
	IsLatest          string `xml:",omitempty"`
	LastModified      string
	ETag              string
	ChecksumAlgorithm string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
	Size              int64
	StorageClass      string
	Owner             *owner
}

type commonPrefix struct{ Prefix string }

type owner struct {
	ID          string
	DisplayName string
}

// listQuery is what all three listings have.
type listQuery struct {
	prefix, delimiter string
	limit             int
	encode            func(string) string
	encoding          string
}

func (c *call) listQuery() (listQuery, error) {
	q := listQuery{prefix: c.query.Get("prefix"), delimiter: c.query.Get("delimiter"), limit: maxKeys, encode: func(s string) string { return s }}
	if v := c.query.Get("max-keys"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 {
			return q, badArgument("Argument max-keys must be an integer between 0 and 2147483647, not %q", v)
		}
		q.limit = min(n, maxKeys)
	}
	switch q.encoding = c.query.Get("encoding-type"); q.encoding {
	case "":
	case "url":
		q.encode = urlEncode
	default:
		return q, badArgument("Invalid Encoding Method specified in Request: %q", q.encoding)
	}
	return q, nil
}

// listObjects answers ListObjects and ListObjectsV2.
func (c *call) listObjects() error {
	q, err := c.listQuery()
	if err != nil {
		return err
	}
	v2 := c.query.Get("list-type") == "2"
	marker := c.query.Get("marker")
	out := listResult{
		XMLNS: namespace, Name: c.bucket, Prefix: q.encode(q.prefix), Delimiter: q.encode(q.delimiter),
		EncodingType: q.encoding, MaxKeys: q.limit,
	}
	if v2 {
		marker = c.query.Get("start-after")
		out.StartAfter = q.encode(marker)
		if out.ContinuationToken = c.query.Get("continuation-token"); out.ContinuationToken != "" {
			raw, err := base64.RawURLEncoding.DecodeString(out.ContinuationToken)
			if err != nil || len(raw) == 0 {
				return badArgument("The continuation token provided is incorrect")
			}
			marker = string(raw)
		}
	}
	p, err := c.page(q.prefix, q.delimiter, marker, q.limit)
	if err != nil {
		return err
	}
	out.IsTruncated = p.truncated
	if out.Contents, err = c.listed(p.objects, q.encode, !v2 || c.query.Get("fetch-owner") == "true"); err != nil {
		return err
	}
	for _, prefix := range p.prefixes {
		out.CommonPrefixes = append(out.CommonPrefixes, commonPrefix{q.encode(prefix)})
	}
	switch {
	case v2:
		count := len(p.objects) + len(p.prefixes)
		out.KeyCount = &count
		if p.truncated {
			out.NextContinuationToken = base64.RawURLEncoding.EncodeToString([]byte(p.last))
		}
	default:
		marker = q.encode(marker)
		out.Marker = &marker
		if p.truncated && q.delimiter != "" {
			out.NextMarker = q.encode(p.last)
		}
	}
	return c.answer(out)
}

func (c *call) listed(objects []blob.Object, encode func(string) string, withOwner bool) ([]listedObject, error) {
	var all []listedObject
	for _, o := range objects {
		r, err := c.s.record(c.ctx, c.bucket, o)
		if err != nil {
			return nil, err
		}
		l := listedObject{
			Key: encode(o.Key), LastModified: xmlTime(o.Modified), ETag: quote(r.ETag), Size: o.Size, StorageClass: "STANDARD",
			ChecksumAlgorithm: r.Algorithm, ChecksumType: r.ChecksumType,
		}
		if withOwner {
			l.Owner = c.owner()
		}
		all = append(all, l)
	}
	return all, nil
}

type versionsResult struct {
	XMLName         xml.Name `xml:"ListVersionsResult"`
	XMLNS           string   `xml:"xmlns,attr"`
	Name            string
	Prefix          string
	KeyMarker       string
	VersionIDMarker string `xml:"VersionIdMarker"`
	NextKeyMarker   string `xml:",omitempty"`
	NextVersionID   string `xml:"NextVersionIdMarker,omitempty"`
	Delimiter       string `xml:",omitempty"`
	EncodingType    string `xml:",omitempty"`
	MaxKeys         int
	IsTruncated     bool
	Version         []listedObject
	CommonPrefixes  []commonPrefix
}

// listVersions answers ListObjectVersions: every object has one version, null.
func (c *call) listVersions() error {
	q, err := c.listQuery()
	if err != nil {
		return err
	}
	marker := c.query.Get("key-marker")
	p, err := c.page(q.prefix, q.delimiter, marker, q.limit)
	if err != nil {
		return err
	}
	out := versionsResult{
		XMLNS: namespace, Name: c.bucket, Prefix: q.encode(q.prefix), Delimiter: q.encode(q.delimiter), KeyMarker: q.encode(marker),
		VersionIDMarker: c.query.Get("version-id-marker"), EncodingType: q.encoding, MaxKeys: q.limit, IsTruncated: p.truncated,
	}
	if out.Version, err = c.listed(p.objects, q.encode, true); err != nil {
		return err
	}
	for i := range out.Version {
		out.Version[i].VersionID, out.Version[i].IsLatest = "null", "true"
	}
	for _, prefix := range p.prefixes {
		out.CommonPrefixes = append(out.CommonPrefixes, commonPrefix{q.encode(prefix)})
	}
	if p.truncated {
		out.NextKeyMarker, out.NextVersionID = q.encode(p.last), "null"
	}
	return c.answer(out)
}

// urlEncode is S3's encoding-type=url.
func urlEncode(s string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		switch ch := s[i]; {
		case ch >= 'a' && ch <= 'z', ch >= 'A' && ch <= 'Z', ch >= '0' && ch <= '9', strings.IndexByte("-_.*/", ch) >= 0:
			b.WriteByte(ch)
		default:
			b.Write([]byte{'%', digits[ch>>4], digits[ch&15]})
		}
	}
	return b.String()
}
