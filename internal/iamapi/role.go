package iamapi

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// role is the document of a role. Names differ in more than case.
type role struct {
	Name        string            `json:"name"`
	ID          string            `json:"id"`
	Path        string            `json:"path"`
	Created     time.Time         `json:"created"`
	Trust       string            `json:"trust"` // the policy that says who may take the role
	Description string            `json:"description,omitempty"`
	MaxSession  int               `json:"max_session"` // seconds
	Boundary    string            `json:"boundary,omitempty"`
	Tags        []tag             `json:"tags,omitempty"`
	Attached    []string          `json:"attached,omitempty"` // ARNs of policies
	Inline      map[string]string `json:"inline,omitempty"`
}

type tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// list is a list in XML that is there even when it is empty: clients look for it.
type list[T any] struct {
	Members []T `xml:"member"`
}

type xmlRole struct {
	Path                     string
	RoleName                 string
	RoleID                   string `xml:"RoleId"`
	Arn                      string
	CreateDate               string
	AssumeRolePolicyDocument string
	Description              string       `xml:",omitempty"`
	MaxSessionDuration       int          `xml:",omitempty"`
	PermissionsBoundary      *xmlBoundary `xml:",omitempty"`
	Tags                     *list[tag]   `xml:",omitempty"`
}

type xmlBoundary struct{ PermissionsBoundaryType, PermissionsBoundaryArn string }

type roleResult struct{ Role xmlRole }

func (c *call) arn(service, resource string) string {
	return "arn:aws:" + service + "::" + c.id.Account + ":" + resource
}

func (c *call) roleARN(r role) string { return c.arn("iam", "role"+r.Path+r.Name) }

func (c *call) describeRole(r role) xmlRole {
	out := xmlRole{
		Path: r.Path, RoleName: r.Name, RoleID: r.ID, Arn: c.roleARN(r), CreateDate: xmlTime(r.Created),
		AssumeRolePolicyDocument: escape(r.Trust), Description: r.Description, MaxSessionDuration: r.MaxSession,
	}
	if r.Boundary != "" {
		out.PermissionsBoundary = &xmlBoundary{"Policy", r.Boundary}
	}
	if len(r.Tags) > 0 {
		out.Tags = &list[tag]{r.Tags}
	}
	return out
}

// escape is how IAM returns policies: percent-encoded as in RFC 3986.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func xmlTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// newID makes an identifier as IAM's: what it names, then 17 letters and digits.
func newID(kind string) string {
	var raw [11]byte
	_, _ = rand.Read(raw[:]) // never fails
	return kind + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw[:])[:17]
}

// load reads a document; missing is the error if there is none.
func (c *call) load(kind, name string, v any, missing *apiError) error {
	body, err := c.s.conf.Documents.GetDocument(c.ctx, c.id.Account, kind, name)
	if errors.Is(err, fs.ErrNotExist) {
		return missing
	}
	if err != nil {
		return fmt.Errorf("read the %s %s: %w", kind, name, err)
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("read the %s %s: %w", kind, name, err)
	}
	return nil
}

// save writes a document; with exists it must be a new one.
func (c *call) save(kind, name string, v any, exists *apiError) error {
	body, err := json.Marshal(v)
	if err == nil {
		err = c.s.conf.Documents.PutDocument(c.ctx, c.id.Account, kind, name, body, exists != nil)
	}
	if exists != nil && errors.Is(err, fs.ErrExist) {
		return exists
	}
	if err != nil {
		return fmt.Errorf("write the %s %s: %w", kind, name, err)
	}
	return nil
}

// role loads the role that the request names.
func (c *call) role() (role, error) {
	var r role
	name, err := c.text("RoleName", ruleRoleName, false, "")
	if err != nil {
		return r, err
	}
	return r, c.load(kindRole, strings.ToLower(name), &r, noSuchEntity("The role with name %s cannot be found.", name))
}

// changeRole loads the role that the request names, changes and writes it.
func (c *call) changeRole(change func(*role) error) error {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	r, err := c.role()
	if err != nil {
		return err
	}
	if err := change(&r); err != nil {
		return err
	}
	return c.save(kindRole, strings.ToLower(r.Name), r, nil)
}

func (c *call) createRole() (any, error) {
	r := role{ID: newID("AROA"), Created: c.s.conf.Clock.Now()}
	var errs [7]error
	r.Name, errs[0] = c.text("RoleName", ruleRoleName, false, "")
	r.Path, errs[1] = c.text("Path", rulePath, true, "/")
	r.Description, errs[2] = c.text("Description", ruleDescription, true, "")
	r.MaxSession, errs[3] = c.number("MaxSessionDuration", 3600, 43200, 3600)
	r.Boundary, errs[4] = c.text("PermissionsBoundary", ruleARN, true, "")
	r.Tags, errs[5] = c.tags()
	r.Trust, errs[6] = c.document("AssumeRolePolicyDocument")
	if err := first(errs[:]); err != nil {
		return nil, err
	}
	err := c.save(kindRole, strings.ToLower(r.Name), r, alreadyExists("Role with name %s already exists.", r.Name))
	return roleResult{c.describeRole(r)}, err
}

func first(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *call) getRole() (any, error) {
	r, err := c.role()
	return roleResult{c.describeRole(r)}, err
}

func (c *call) deleteRole() (any, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	r, err := c.role()
	switch {
	case err != nil:
		return nil, err
	case len(r.Attached) > 0:
		return nil, deleteConflict("Cannot delete entity, must detach all policies first.")
	case len(r.Inline) > 0:
		return nil, deleteConflict("Cannot delete entity, must delete policies first.")
	}
	err = c.s.conf.Documents.DeleteDocument(c.ctx, c.id.Account, kindRole, strings.ToLower(r.Name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noSuchEntity("The role with name %s cannot be found.", r.Name)
	}
	return nil, err
}

// pageInfo ends every result that is a list.
type pageInfo struct {
	IsTruncated bool
	Marker      string `xml:",omitempty"`
}

// page cuts a list, which must be in ascending order of names.
func page[T any](c *call, all []T, name func(T) string) (list[T], pageInfo, error) {
	limit, err := c.number("MaxItems", 1, 1000, 100)
	if err != nil {
		return list[T]{}, pageInfo{}, err
	}
	if marker := c.form.Get("Marker"); marker != "" {
		raw, err := base64.RawURLEncoding.DecodeString(marker)
		if err != nil {
			return list[T]{}, pageInfo{}, failf(http.StatusBadRequest, "ValidationError", "Invalid Marker: use the one of the page before.")
		}
		all = slices.DeleteFunc(all, func(t T) bool { return name(t) <= string(raw) })
	}
	if len(all) <= limit {
		return list[T]{all}, pageInfo{}, nil
	}
	marker := base64.RawURLEncoding.EncodeToString([]byte(name(all[limit-1])))
	return list[T]{all[:limit]}, pageInfo{true, marker}, nil
}

// all loads all documents of a kind, in ascending order of their names.
func all[T any](c *call, kind string) ([]T, error) {
	found, err := c.s.conf.Documents.ListDocuments(c.ctx, c.id.Account, kind, "")
	if err != nil {
		return nil, fmt.Errorf("list the %s documents: %w", kind, err)
	}
	var out []T
	for _, name := range slices.Sorted(maps.Keys(found)) {
		var t T
		if err := json.Unmarshal(found[name], &t); err != nil {
			return nil, fmt.Errorf("read the %s %s: %w", kind, name, err)
		}
		out = append(out, t)
	}
	return out, nil
}

type rolesResult struct {
	Roles list[xmlRole]
	pageInfo
}

func (c *call) listRoles() (any, error) {
	roles, err := all[role](c, kindRole)
	if err != nil {
		return nil, err
	}
	prefix := c.form.Get("PathPrefix")
	var shown []xmlRole
	for _, r := range roles {
		if strings.HasPrefix(r.Path, prefix) {
			x := c.describeRole(r)
			x.Tags, x.PermissionsBoundary = nil, nil // a list leaves them out
			shown = append(shown, x)
		}
	}
	var out rolesResult
	out.Roles, out.pageInfo, err = page(c, shown, func(r xmlRole) string { return strings.ToLower(r.RoleName) })
	return out, err
}

func (c *call) updateRole() (any, error) {
	return struct{}{}, c.changeRole(func(r *role) (err error) {
		if r.Description, err = c.text("Description", ruleDescription, true, r.Description); err != nil {
			return err
		}
		r.MaxSession, err = c.number("MaxSessionDuration", 3600, 43200, r.MaxSession)
		return err
	})
}

func (c *call) updateAssumeRolePolicy() (any, error) {
	return nil, c.changeRole(func(r *role) (err error) {
		r.Trust, err = c.document("PolicyDocument")
		return err
	})
}

// tags reads Tags.member.1.Key and so on.
func (c *call) tags() ([]tag, error) {
	var tags []tag
	for i := 1; ; i++ {
		prefix := fmt.Sprintf("Tags.member.%d.", i)
		if !c.form.Has(prefix + "Key") {
			break
		}
		t := tag{c.form.Get(prefix + "Key"), c.form.Get(prefix + "Value")}
		if err := ruleTagKey.check(fmt.Sprintf("tags.%d.member.key", i), t.Key); err != nil {
			return nil, err
		}
		if err := ruleTagValue.check(fmt.Sprintf("tags.%d.member.value", i), t.Value); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(tags, func(o tag) bool { return strings.EqualFold(o.Key, t.Key) }) {
			return nil, failf(http.StatusBadRequest, "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		tags = append(tags, t)
	}
	return tags, tooMany(tags)
}

func tooMany(tags []tag) error {
	if len(tags) > 50 {
		return failf(http.StatusConflict, "LimitExceeded", "The number of tags has reached the maximum limit of 50.")
	}
	return nil
}

func (c *call) tagRole() (any, error) {
	tags, err := c.tags()
	if err != nil {
		return nil, err
	}
	return nil, c.changeRole(func(r *role) error {
		for _, t := range tags {
			r.Tags = slices.DeleteFunc(r.Tags, func(o tag) bool { return strings.EqualFold(o.Key, t.Key) })
			r.Tags = append(r.Tags, t)
		}
		return tooMany(r.Tags)
	})
}

func (c *call) untagRole() (any, error) {
	return nil, c.changeRole(func(r *role) error {
		for i := 1; c.form.Has(fmt.Sprintf("TagKeys.member.%d", i)); i++ {
			key := c.form.Get(fmt.Sprintf("TagKeys.member.%d", i))
			r.Tags = slices.DeleteFunc(r.Tags, func(o tag) bool { return strings.EqualFold(o.Key, key) })
		}
		return nil
	})
}

type tagsResult struct {
	Tags list[tag]
	pageInfo
}

func (c *call) listRoleTags() (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	slices.SortFunc(r.Tags, func(a, b tag) int { return strings.Compare(a.Key, b.Key) })
	var out tagsResult
	out.Tags, out.pageInfo, err = page(c, r.Tags, func(t tag) string { return t.Key })
	return out, err
}

type profilesResult struct {
	InstanceProfiles list[struct{}]
	pageInfo
}

// listInstanceProfilesForRole: programs that tidy up ask; there are none.
func (c *call) listInstanceProfilesForRole() (any, error) {
	_, err := c.role()
	return profilesResult{}, err
}
