package s3api

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/almanac-forecast/almanac/internal/blob"
)

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

// getObject answers GetObject and HeadObject.
func (c *call) getObject() error {
	if v := c.query.Get("versionId"); v != "" && v != "null" {
		return failf(http.StatusBadRequest, "InvalidArgument", "Invalid version id specified: there are no versions here, use null.")
	}
	f, r, err := c.open(c.bucket, c.key, c.store)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	o := f.Object()
	c.describe(o, r)
	if err := readConditions(c.r.Header, "", r.ETag, o.Modified); err != nil {
		return err
	}
	s, status, err := c.span(o.Size, r)
	if err != nil {
		return err
	}
	h := c.w.Header()
	if status == http.StatusPartialContent {
		h.Set("Content-Range", s.header(o.Size))
	} else if strings.EqualFold(c.r.Header.Get("X-Amz-Checksum-Mode"), "ENABLED") && r.Checksum != "" {
		// A checksum is of the whole object, so it goes with the whole object only.
		h.Set(checksumHeader(r.Algorithm), r.Checksum)
		h.Set("X-Amz-Checksum-Type", r.ChecksumType)
	}
	h.Set("Content-Length", strconv.FormatInt(s.length, 10))
	for name, values := range c.query {
		if to, ok := strings.CutPrefix(strings.ToLower(name), "response-"); ok && len(values) > 0 && values[0] != "" {
			h.Set(to, values[0])
		}
	}
	c.w.WriteHeader(status)
	if c.r.Method == http.MethodHead {
		return nil
	}
	if n, err := io.Copy(c.w, io.NewSectionReader(f, s.start, s.length)); err != nil || n != s.length {
		return fmt.Errorf("%w: %d of %d bytes sent: %w", errBegun, n, s.length, err)
	}
	return nil
}

// span finds out which bytes are wanted: by range, by part, or all.
func (c *call) span(size int64, r record) (span, int, error) {
	if number := c.query.Get("partNumber"); number != "" {
		n, err := strconv.Atoi(number)
		parts := r.Parts
		if len(parts) == 0 {
			parts = []int64{size}
		}
		if err != nil || n < 1 || n > 10_000 {
			return span{}, 0, badArgument("Part number must be an integer between 1 and 10000, inclusive")
		}
		if n > len(parts) {
			return span{}, 0, failf(http.StatusRequestedRangeNotSatisfiable, "InvalidPartNumber", "The requested partnumber is not satisfiable")
		}
		var s span
		for _, length := range parts[:n-1] {
			s.start += length
		}
		s.length = parts[n-1]
		if len(r.Parts) > 0 {
			c.w.Header().Set("X-Amz-Mp-Parts-Count", strconv.Itoa(len(r.Parts)))
		}
		if s.length == 0 {
			return s, http.StatusOK, nil
		}
		return s, http.StatusPartialContent, nil
	}
	s, ok, err := parseRange(c.r.Header.Get("Range"), size)
	if err != nil {
		c.w.Header().Set("Content-Range", fmt.Sprintf("bytes */%d", size))
		return span{}, 0, err
	}
	if !ok {
		return span{0, size}, http.StatusOK, nil
	}
	return s, http.StatusPartialContent, nil
}

// putObject answers PutObject.
func (c *call) putObject() error {
	if c.r.ContentLength < 0 {
		return failf(http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header.")
	}
	r, err := recordOf(c.r.Header)
	if err != nil {
		return err
	}
	w, err := c.newWriter(c.store, c.key)
	if err != nil {
		return err
	}
	defer w.Abort()
	sums, err := c.receive(w)
	if err != nil {
		return err
	}
	r.ETag, r.Algorithm, r.Checksum = sums.etag(), sums.algorithm, sums.checksum()
	if r.Algorithm != "" {
		r.ChecksumType = "FULL_OBJECT"
	}
	if _, err := c.commit(w, r); err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Etag", quote(r.ETag))
	if r.Algorithm != "" {
		h.Set(checksumHeader(r.Algorithm), r.Checksum)
		h.Set("X-Amz-Checksum-Type", r.ChecksumType)
	}
	c.w.WriteHeader(http.StatusOK)
	return nil
}

func (c *call) newWriter(store blob.Bucket, key string) (blob.Writer, error) {
	w, err := store.NewWriter(c.ctx, key)
	if errors.Is(err, blob.ErrInvalidKey) {
		return nil, failf(http.StatusBadRequest, "KeyTooLongError", "Your key is too long or cannot be stored: %d bytes.", len(key))
	}
	return w, err
}

// receive copies the request's body and checks its length and sums.
func (c *call) receive(w io.Writer) (*sums, error) {
	sums, err := newSums(c.r)
	if err != nil {
		return nil, err
	}
	n, err := io.CopyBuffer(plainWriter{io.MultiWriter(w, sums)}, c.r.Body, make([]byte, 256<<10))
	if err != nil {
		return nil, err
	}
	if n != c.r.ContentLength {
		return nil, errIncomplete
	}
	return sums, sums.verify(c.r)
}

// plainWriter hides what else a writer can do, so that the buffer is used.
type plainWriter struct{ io.Writer }

// deleteObject answers DeleteObject.
func (c *call) deleteObject() error {
	if err := c.remove(c.key); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// remove deletes objects and their records.
func (c *call) remove(keys ...string) error {
	defer c.s.lockObjects(c.bucket, keys)()
	if err := c.store.Delete(c.ctx, keys...); err != nil {
		return err
	}
	records := make([]string, len(keys))
	for i, key := range keys {
		records[i] = c.s.recordKey(c.bucket, key)
	}
	return c.s.side.Delete(c.ctx, records...)
}

type deleteRequest struct {
	XMLName xml.Name `xml:"Delete"`
	Quiet   bool
	Objects []struct {
		Key       string
		VersionID string `xml:"VersionId"`
	} `xml:"Object"`
}

type deleteResult struct {
	XMLName xml.Name `xml:"DeleteResult"`
	XMLNS   string   `xml:"xmlns,attr"`
	Deleted []deletedObject
	Errors  []deleteError `xml:"Error"`
}

type deletedObject struct {
	Key       string
	VersionID string `xml:"VersionId,omitempty"`
}

type deleteError struct{ Key, Code, Message string }

// deleteObjects answers DeleteObjects.
func (c *call) deleteObjects() error {
	var in deleteRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	if len(in.Objects) == 0 || len(in.Objects) > 1000 {
		return errMalformedXML
	}
	out := deleteResult{XMLNS: namespace}
	var keys []string
	for _, o := range in.Objects {
		if o.VersionID == "" || o.VersionID == "null" {
			keys = append(keys, o.Key)
		}
	}
	together := c.remove(keys...) // far cheaper than one by one
	for _, o := range in.Objects {
		err := together
		switch {
		case o.VersionID != "" && o.VersionID != "null":
			err = failf(http.StatusBadRequest, "NoSuchVersion", "The specified version does not exist: there are no versions here.")
		case err != nil:
			err = c.remove(o.Key) // to tell which one it is
		}
		switch {
		case err != nil:
			e := explain(err)
			out.Errors = append(out.Errors, deleteError{o.Key, e.Code, e.Message})
		case !in.Quiet:
			out.Deleted = append(out.Deleted, deletedObject(o))
		}
	}
	return c.answer(out)
}

// source opens the object of an x-amz-copy-source header.
func (c *call) source() (*blob.Reader, record, string, error) {
	path, version, _ := strings.Cut(c.r.Header.Get("X-Amz-Copy-Source"), "?")
	path, err := url.PathUnescape(path)
	bucket, key, ok := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if err != nil || !ok || key == "" {
		return nil, record{}, "", badArgument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	}
	if version != "" && version != "versionId=null" {
		return nil, record{}, "", badArgument("Invalid version id specified: there are no versions here.")
	}
	store, err := c.s.conf.Folders.Bucket(bucket)
	if err != nil {
		return nil, record{}, "", err
	}
	f, r, err := c.open(bucket, key, store)
	if err != nil {
		return nil, record{}, "", err
	}
	if err := readConditions(c.r.Header, "X-Amz-Copy-Source-", r.ETag, f.Object().Modified); err != nil {
		_ = f.Close()
		return nil, record{}, "", err
	}
	return f, r, bucket + "/" + key, nil
}

type copyResult struct {
	XMLName      xml.Name
	XMLNS        string `xml:"xmlns,attr"`
	LastModified string
	ETag         string
	checksums
}

// checksums are the elements of a checksum in XML: one of them is there.
type checksums struct {
	CRC32     string `xml:"ChecksumCRC32,omitempty"`
	CRC32C    string `xml:"ChecksumCRC32C,omitempty"`
	CRC64NVME string `xml:"ChecksumCRC64NVME,omitempty"`
	SHA1      string `xml:"ChecksumSHA1,omitempty"`
	SHA256    string `xml:"ChecksumSHA256,omitempty"`
	Type      string `xml:"ChecksumType,omitempty"`
}

func checksumElements(algorithm, value, kind string) checksums {
	c := checksums{Type: kind}
	switch algorithm {
	case "CRC32":
		c.CRC32 = value
	case "CRC32C":
		c.CRC32C = value
	case "CRC64NVME":
		c.CRC64NVME = value
	case "SHA1":
		c.SHA1 = value
	case "SHA256":
		c.SHA256 = value
	}
	return c
}

func (c checksums) value(algorithm string) string {
	switch algorithm {
	case "CRC32":
		return c.CRC32
	case "CRC32C":
		return c.CRC32C
	case "CRC64NVME":
		return c.CRC64NVME
	case "SHA1":
		return c.SHA1
	}
	return c.SHA256
}

// copyObject answers CopyObject.
func (c *call) copyObject() error {
	f, old, from, err := c.source()
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	r, err := recordOf(c.r.Header)
	if err != nil {
		return err
	}
	replace := strings.EqualFold(c.r.Header.Get("X-Amz-Metadata-Directive"), "REPLACE")
	if from == c.bucket+"/"+c.key && !replace {
		return badRequest("This copy request is illegal because it is trying to copy an object to itself without changing " +
			"the object's metadata, storage class, website redirect location or encryption attributes.")
	}
	if !replace {
		r.Headers, r.User = old.Headers, old.User
	}
	if !strings.EqualFold(c.r.Header.Get("X-Amz-Tagging-Directive"), "REPLACE") {
		r.Tags = old.Tags
	}
	w, err := c.newWriter(c.store, c.key)
	if err != nil {
		return err
	}
	defer w.Abort()
	sums, err := copySums(c.r.Header.Get("X-Amz-Checksum-Algorithm"), old.Algorithm)
	if err != nil {
		return err
	}
	if _, err := io.Copy(plainWriter{io.MultiWriter(w, sums)}, io.NewSectionReader(f, 0, f.Size())); err != nil {
		return err
	}
	r.ETag, r.Algorithm, r.Checksum = sums.etag(), sums.algorithm, sums.checksum()
	if r.Algorithm != "" {
		r.ChecksumType = "FULL_OBJECT"
	}
	o, err := c.commit(w, r)
	if err != nil {
		return err
	}
	return c.answer(copyResult{
		XMLName: xml.Name{Local: "CopyObjectResult"}, XMLNS: namespace, LastModified: xmlTime(o.Modified), ETag: quote(r.ETag),
		checksums: checksumElements(r.Algorithm, r.Checksum, r.ChecksumType),
	})
}

// copySums makes the sums of a copy: with the algorithm asked for, or else the
// source's.
func copySums(asked, old string) (*sums, error) {
	if asked == "" {
		asked = old
	}
	h := http.Header{}
	if asked != "" {
		h.Set("X-Amz-Sdk-Checksum-Algorithm", asked)
	}
	return newSums(&http.Request{Header: h})
}

type attributes struct {
	XMLName      xml.Name `xml:"GetObjectAttributesResponse"`
	XMLNS        string   `xml:"xmlns,attr"`
	ETag         string   `xml:",omitempty"`
	Checksum     *checksums
	ObjectParts  *attributeParts
	StorageClass string `xml:",omitempty"`
	ObjectSize   *int64
}

type attributeParts struct {
	PartsCount int `xml:"PartsCount"`
}

// getAttributes answers GetObjectAttributes.
func (c *call) getAttributes() error {
	f, r, err := c.open(c.bucket, c.key, c.store)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	size := f.Size()
	out := attributes{XMLNS: namespace}
	for _, list := range c.r.Header.Values("X-Amz-Object-Attributes") {
		for name := range strings.SplitSeq(list, ",") {
			switch strings.TrimSpace(name) {
			case "ETag":
				out.ETag = r.ETag
			case "Checksum":
				if r.Checksum != "" {
					sum := checksumElements(r.Algorithm, r.Checksum, r.ChecksumType)
					out.Checksum = &sum
				}
			case "ObjectParts":
				if len(r.Parts) > 0 {
					out.ObjectParts = &attributeParts{len(r.Parts)}
				}
			case "StorageClass":
				out.StorageClass = "STANDARD"
			case "ObjectSize":
				out.ObjectSize = &size
			default:
				return badArgument("Invalid attribute name specified: %q.", name)
			}
		}
	}
	c.w.Header().Set("Last-Modified", f.Object().Modified.Format(http.TimeFormat))
	return c.answer(out)
}
