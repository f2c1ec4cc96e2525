package s3api

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what the old form of presigned URLs is made of
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/internal/sigv4"
)

// Presigned URLs of the older form (Signature Version 2). boto3 and the AWS
// CLI still make them for an address that is not Amazon's, unless they are
// told otherwise. Written from "Signing and authenticating REST requests" in
// the S3 user guide. Only presigned URLs: nobody signs headers this way now.

// signedParameters are the parts of a query that version 2 signs.
var signedParameters = []string{
	"accelerate", "acl", "analytics", "cors", "delete", "inventory", "lifecycle", "location", "logging", "metrics", "notification",
	"partNumber", "policy", "replication", "requestPayment", "response-cache-control", "response-content-disposition",
	"response-content-encoding", "response-content-language", "response-content-type", "response-expires", "restore", "select",
	"tagging", "torrent", "uploadId", "uploads", "versionId", "versioning", "versions", "website",
}

// isVersion2 says whether the request is a presigned URL of the older form.
func isVersion2(query url.Values) bool {
	return query.Has("AWSAccessKeyId") && query.Has("Signature") && query.Has("Expires")
}

// verify2 checks a presigned URL of the older form.
func (c *call) verify2() (sigv4.Identity, error) {
	accessKey := c.query.Get("AWSAccessKeyId")
	id := sigv4.Identity{AccessKey: accessKey, Region: defaultRegion, Service: "s3"}
	expires, err := strconv.ParseInt(c.query.Get("Expires"), 10, 64)
	if err != nil {
		return id, failf(http.StatusForbidden, "AccessDenied", "Invalid date (should be seconds since epoch): %s", c.query.Get("Expires"))
	}
	key, err := sigv4.Key{}, sigv4.ErrOpen
	if v := c.s.conf.Verifier; v.Keys != nil {
		key, err = v.Keys.Lookup(c.ctx, accessKey)
	}
	switch {
	case errors.Is(err, sigv4.ErrOpen):
		id.Account, id.Open = sigv4.OpenAccount, true
		return id, nil
	case errors.Is(err, sigv4.ErrUnknownKey):
		return id, &sigv4.Error{Reason: sigv4.UnknownKey}
	case err != nil:
		return id, err
	}
	now := c.s.conf.Clock.Now()
	switch {
	case now.After(time.Unix(expires, 0)):
		return id, &sigv4.Error{Reason: sigv4.URLExpired}
	case !hmac.Equal([]byte(key.Token), []byte(c.amzHeaders()["x-amz-security-token"])):
		return id, &sigv4.Error{Reason: sigv4.BadToken}
	case !key.Expires.IsZero() && !now.Before(key.Expires):
		return id, &sigv4.Error{Reason: sigv4.ExpiredToken}
	}
	mac := hmac.New(sha1.New, []byte(key.Secret))
	mac.Write([]byte(c.stringToSign2()))
	if want := base64.StdEncoding.EncodeToString(mac.Sum(nil)); !hmac.Equal([]byte(want), []byte(c.query.Get("Signature"))) {
		return id, &sigv4.Error{Reason: sigv4.Mismatch}
	}
	id.Account = key.Account
	return id, nil
}

// amzHeaders are the x-amz- headers; in a URL they may be parameters.
func (c *call) amzHeaders() map[string]string {
	all := map[string]string{}
	for _, from := range []map[string][]string{c.query, c.r.Header} {
		for name, values := range from {
			if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-amz-") {
				all[lower] = strings.Join(values, ",")
			}
		}
	}
	return all
}

func (c *call) stringToSign2() string {
	var b strings.Builder
	h := c.r.Header
	for _, line := range []string{c.r.Method, h.Get("Content-Md5"), h.Get("Content-Type"), c.query.Get("Expires")} {
		b.WriteString(line + "\n")
	}
	var lines []string
	for name, value := range c.amzHeaders() {
		lines = append(lines, name+":"+value+"\n")
	}
	slices.Sort(lines)
	b.WriteString(strings.Join(lines, ""))
	path := c.r.URL.EscapedPath()
	if first, _, _ := strings.Cut(strings.TrimPrefix(c.r.URL.Path, "/"), "/"); first != c.bucket {
		path = "/" + c.bucket + path // the bucket is in the host name
	}
	b.WriteString(path)
	mark := "?"
	for _, name := range signedParameters {
		if !c.query.Has(name) {
			continue
		}
		b.WriteString(mark + name)
		if v := c.query.Get(name); v != "" {
			b.WriteString("=" + v)
		}
		mark = "&"
	}
	return b.String()
}

// authenticate checks the request's signature, before anything else is told.
func (c *call) authenticate() (sigv4.Identity, error) {
	if isVersion2(c.query) && c.r.Header.Get("Authorization") == "" {
		return c.verify2()
	}
	return c.s.conf.Verifier.VerifyStream(c.r)
}
