package s3api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// defaultRegion is the region whose name GetBucketLocation leaves out.
const defaultRegion = "us-east-1"

// bucketRecord is what a folder cannot hold of its bucket.
type bucketRecord struct {
	Created time.Time `json:"created"`
	Region  string    `json:"region"`
}

func bucketKey(bucket string) string { return "bucket/" + bucket + "/bucket.json" }

func (s *Server) bucketRecord(ctx context.Context, bucket string) (bucketRecord, error) {
	var r bucketRecord
	err := s.load(ctx, bucketKey(bucket), &r)
	if errors.Is(err, blob.ErrNotFound) {
		return bucketRecord{Region: defaultRegion}, nil // a folder made by hand
	}
	return r, err
}

// owner is the caller: every bucket belongs to whom it is shown.
func (c *call) owner() *owner {
	sum := sha256.Sum256([]byte("almanac account " + c.id.Account))
	return &owner{ID: hex.EncodeToString(sum[:]), DisplayName: c.id.Account}
}

type bucketList struct {
	XMLName xml.Name `xml:"ListAllMyBucketsResult"`
	XMLNS   string   `xml:"xmlns,attr"`
	Owner   *owner
	Buckets []listedBucket `xml:"Buckets>Bucket"`
	Prefix  string         `xml:",omitempty"`
}

type listedBucket struct {
	Name         string
	CreationDate string
	BucketRegion string `xml:",omitempty"`
}

// listBuckets answers ListBuckets, always with all buckets.
func (c *call) listBuckets() error {
	all, err := c.s.conf.Folders.Buckets()
	if err != nil {
		return err
	}
	out := bucketList{XMLNS: namespace, Owner: c.owner(), Prefix: c.query.Get("prefix")}
	for _, b := range all {
		if !strings.HasPrefix(b.Name, out.Prefix) {
			continue
		}
		r, err := c.s.bucketRecord(c.ctx, b.Name)
		if err != nil {
			return err
		}
		if r.Created.IsZero() {
			r.Created = b.Created
		}
		out.Buckets = append(out.Buckets, listedBucket{b.Name, xmlTime(r.Created), r.Region})
	}
	return c.answer(out)
}

type createBucket struct {
	XMLName  xml.Name `xml:"CreateBucketConfiguration"`
	Location string   `xml:"LocationConstraint"`
}

// createBucket answers CreateBucket.
func (c *call) createBucket() error {
	if err := blob.CheckBucketName(c.bucket); err != nil {
		return failf(http.StatusBadRequest, "InvalidBucketName", "The specified bucket is not valid: use 3 to 63 lower-case letters, digits, hyphens and dots.")
	}
	body, err := c.document()
	if err != nil {
		return err
	}
	var in createBucket
	if len(body) > 0 {
		if err := xml.Unmarshal(body, &in); err != nil {
			return errMalformedXML
		}
	}
	region := in.Location
	if region == "" {
		region = defaultRegion
	}
	err = c.s.conf.Folders.Create(c.bucket)
	if errors.Is(err, blob.ErrExists) {
		// As the real service has it: in its oldest region this is no error.
		if c.id.Region == defaultRegion && in.Location == "" {
			return c.created()
		}
		return failf(http.StatusConflict, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.")
	}
	if err != nil {
		return err
	}
	if err := c.s.save(c.ctx, bucketKey(c.bucket), bucketRecord{Created: c.s.conf.Clock.Now(), Region: region}); err != nil {
		return err
	}
	return c.created()
}

func (c *call) created() error {
	c.w.Header().Set("Location", "/"+c.bucket)
	c.w.WriteHeader(http.StatusOK)
	return nil
}

// headBucket answers HeadBucket.
func (c *call) headBucket() error {
	r, err := c.s.bucketRecord(c.ctx, c.bucket)
	if err != nil {
		return err
	}
	c.w.Header().Set("X-Amz-Bucket-Region", r.Region)
	c.w.Header().Set("Content-Type", "application/xml")
	c.w.WriteHeader(http.StatusOK)
	return nil
}

// deleteBucket answers DeleteBucket.
func (c *call) deleteBucket() error {
	if err := c.s.conf.Folders.Remove(c.ctx, c.bucket); err != nil {
		return err
	}
	for _, kind := range []string{"bucket/", "meta/", "long/", "upload/"} {
		if err := blob.DeletePrefix(c.ctx, c.s.side, kind+c.bucket+"/"); err != nil {
			return err
		}
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

type location struct {
	XMLName xml.Name `xml:"LocationConstraint"`
	XMLNS   string   `xml:"xmlns,attr"`
	Region  string   `xml:",chardata"`
}

// getLocation answers GetBucketLocation.
func (c *call) getLocation() error {
	r, err := c.s.bucketRecord(c.ctx, c.bucket)
	if err != nil {
		return err
	}
	if r.Region == defaultRegion {
		r.Region = ""
	}
	return c.answer(location{XMLNS: namespace, Region: r.Region})
}
