package s3api

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// Settings of buckets. Those that are kept are returned as they were given and
// have no effect; those that would need an effect are refused.
var keptSettings = map[string]*apiError{ // and what a GET answers without one
	"policy":            failf(http.StatusNotFound, "NoSuchBucketPolicy", "The bucket policy does not exist"),
	"tagging":           failf(http.StatusNotFound, "NoSuchTagSet", "The TagSet does not exist"),
	"publicAccessBlock": failf(http.StatusNotFound, "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"),
	"ownershipControls": failf(http.StatusNotFound, "OwnershipControlsNotFoundError", "The bucket ownership controls were not found"),
}

// absentSettings are what a GET answers for settings that cannot be made.
var absentSettings = map[string]*apiError{
	"cors":        failf(http.StatusNotFound, "NoSuchCORSConfiguration", "The CORS configuration does not exist"),
	"encryption":  failf(http.StatusNotFound, "ServerSideEncryptionConfigurationNotFoundError", "The server side encryption configuration was not found"),
	"lifecycle":   failf(http.StatusNotFound, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
	"object-lock": failf(http.StatusNotFound, "ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket"),
	"replication": failf(http.StatusNotFound, "ReplicationConfigurationNotFoundError", "The replication configuration was not found"),
	"website":     failf(http.StatusNotFound, "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
}

// emptySettings are documents that say that nothing is set.
var emptySettings = map[string]string{
	"accelerate":     "AccelerateConfiguration",
	"logging":        "BucketLoggingStatus",
	"notification":   "NotificationConfiguration",
	"versioning":     "VersioningConfiguration",
	"requestPayment": "RequestPaymentConfiguration",
}

func (c *call) settingKey(name string) string {
	return "bucket/" + c.bucket + "/" + name
}

func (c *call) getSetting() error {
	name := c.subresource()
	if root := emptySettings[name]; root != "" {
		type empty struct {
			XMLName xml.Name
			XMLNS   string `xml:"xmlns,attr"`
			Payer   string `xml:",omitempty"`
		}
		out := empty{XMLName: xml.Name{Local: root}, XMLNS: namespace}
		if name == "requestPayment" {
			out.Payer = "BucketOwner"
		}
		return c.answer(out)
	}
	if absent := absentSettings[name]; absent != nil {
		return absent
	}
	body, err := blob.ReadAll(c.ctx, c.s.side, c.settingKey(name))
	if errors.Is(err, blob.ErrNotFound) {
		return keptSettings[name]
	}
	if err != nil {
		return err
	}
	kind := "application/xml"
	if name == "policy" {
		kind = "application/json"
	}
	c.w.Header().Set("Content-Type", kind)
	c.w.WriteHeader(http.StatusOK)
	_, _ = c.w.Write(body) // the client may be gone
	return nil
}

func (c *call) putSetting() error {
	name := c.subresource()
	body, err := c.document()
	if err != nil {
		return err
	}
	if keptSettings[name] == nil {
		return notImplemented("The bucket setting " + name)
	}
	status := http.StatusOK
	if name == "policy" {
		status = http.StatusNoContent
		if !json.Valid(body) {
			return failf(http.StatusBadRequest, "MalformedPolicy", "This policy contains invalid Json")
		}
	} else if err := xml.Unmarshal(body, new(struct{})); err != nil {
		return errMalformedXML
	}
	if name == "tagging" {
		status = http.StatusNoContent
	}
	if err := blob.WriteAll(c.ctx, c.s.side, c.settingKey(name), body); err != nil {
		return err
	}
	c.w.WriteHeader(status)
	return nil
}

func (c *call) deleteSetting() error {
	if err := c.s.side.Delete(c.ctx, c.settingKey(c.subresource())); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

type policyStatus struct {
	XMLName  xml.Name `xml:"PolicyStatus"`
	XMLNS    string   `xml:"xmlns,attr"`
	IsPublic bool
}

func (c *call) getPolicyStatus() error {
	return c.answer(policyStatus{XMLNS: namespace})
}

type acl struct {
	XMLName xml.Name `xml:"AccessControlPolicy"`
	XMLNS   string   `xml:"xmlns,attr"`
	Owner   *owner
	Grants  []grant `xml:"AccessControlList>Grant"`
}

type grant struct {
	Grantee    grantee
	Permission string
}

type grantee struct {
	XSI  string `xml:"xmlns:xsi,attr"`
	Type string `xml:"xsi:type,attr"`
	owner
}

// getACL answers GetBucketAcl and GetObjectAcl: the caller may do everything.
func (c *call) getACL() error {
	if c.key != "" {
		if _, err := c.store.Stat(c.ctx, c.key); err != nil {
			return missingKey(err)
		}
	}
	all := grant{grantee{"http://www.w3.org/2001/XMLSchema-instance", "CanonicalUser", *c.owner()}, "FULL_CONTROL"}
	return c.answer(acl{XMLNS: namespace, Owner: c.owner(), Grants: []grant{all}})
}

// putACL accepts the ACLs that change nothing.
func (c *call) putACL() error {
	if _, err := c.document(); err != nil {
		return err
	}
	if v := c.r.Header.Get("X-Amz-Acl"); !slices.Contains([]string{"private", "bucket-owner-full-control", "bucket-owner-read"}, v) {
		return failf(http.StatusBadRequest, "AccessControlListNotSupported", "The bucket does not allow ACLs: leave them out, or use private.")
	}
	c.w.WriteHeader(http.StatusOK)
	return nil
}

type tagging struct {
	XMLName xml.Name `xml:"Tagging"`
	XMLNS   string   `xml:"xmlns,attr"`
	Tags    []tag    `xml:"TagSet>Tag"`
}

func parseTagHeader(header string) ([]tag, error) {
	if header == "" {
		return nil, nil
	}
	values, err := url.ParseQuery(header)
	if err != nil {
		return nil, badArgument("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
	}
	var tags []tag
	for key, v := range values {
		tags = append(tags, tag{key, v[0]})
	}
	return sortTags(tags)
}

func sortTags(tags []tag) ([]tag, error) {
	slices.SortFunc(tags, func(a, b tag) int {
		switch {
		case a.Key < b.Key:
			return -1
		case a.Key > b.Key:
			return 1
		}
		return 0
	})
	if len(tags) > 10 {
		return nil, failf(http.StatusBadRequest, "BadRequest", "Object tags cannot be greater than 10")
	}
	for i, t := range tags {
		if t.Key == "" || len(t.Key) > 512 || len(t.Value) > 1024 || i > 0 && tags[i-1].Key == t.Key {
			return nil, failf(http.StatusBadRequest, "InvalidTag", "The tag %q is not valid: keys must differ and have 1 to 128 characters, values up to 256.", t.Key)
		}
	}
	return tags, nil
}

func (c *call) getTags() error {
	f, r, err := c.open(c.bucket, c.key, c.store)
	if err != nil {
		return err
	}
	_ = f.Close()
	return c.answer(tagging{XMLNS: namespace, Tags: r.Tags})
}

func (c *call) putTags() error {
	var in tagging
	if err := c.decode(&in); err != nil {
		return err
	}
	tags, err := sortTags(in.Tags)
	if err != nil {
		return err
	}
	return c.setTags(tags, http.StatusOK)
}

func (c *call) deleteTags() error { return c.setTags(nil, http.StatusNoContent) }

func (c *call) setTags(tags []tag, status int) error {
	lock := c.s.lockOfObject(c.bucket, c.key)
	lock.Lock()
	defer lock.Unlock()
	o, err := c.store.Stat(c.ctx, c.key)
	if err != nil {
		return missingKey(err)
	}
	r, err := c.s.record(c.ctx, c.bucket, o)
	if err != nil {
		return err
	}
	r.Tags = tags
	if err := c.s.save(c.ctx, c.s.recordKey(c.bucket, c.key), r); err != nil {
		return err
	}
	c.w.WriteHeader(status)
	return nil
}
