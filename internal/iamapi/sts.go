package iamapi

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"time"
)

// session is the document that says what a temporary key is for.
type session struct {
	RoleName string    `json:"role_name"`
	RoleID   string    `json:"role_id"`
	Name     string    `json:"name"`
	Expires  time.Time `json:"expires"`
}

// caller returns the ARN and the id of who signed the request: the account
// itself, or a role that was taken.
func (c *call) caller() (arn, id string, err error) {
	var s session
	nobody := &apiError{}
	if strings.HasPrefix(c.id.AccessKey, "ASIA") {
		err = c.load(kindSession, c.id.AccessKey, &s, nobody)
	}
	switch {
	case err != nil && !errors.Is(err, nobody):
		return "", "", err
	case s.Name == "":
		return c.arn("iam", "root"), c.id.Account, nil
	}
	return c.arn("sts", "assumed-role/"+s.RoleName+"/"+s.Name), s.RoleID + ":" + s.Name, nil
}

type identityResult struct {
	Arn     string
	UserID  string `xml:"UserId"`
	Account string
}

func (c *call) getCallerIdentity() (any, error) {
	arn, id, err := c.caller()
	return identityResult{arn, id, c.id.Account}, err
}

type userResult struct {
	User struct {
		Path   string
		UserID string `xml:"UserId"`
		Arn    string
	}
}

// getUser knows one user: the account itself.
func (c *call) getUser() (any, error) {
	if name := c.form.Get("UserName"); name != "" {
		return nil, noSuchEntity("The user with name %s cannot be found: there are access keys here and no users.", name)
	}
	arn, id, err := c.caller()
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(arn, ":root") {
		return nil, failf(http.StatusBadRequest, "ValidationError", "Must specify userName when calling with non-User credentials")
	}
	var out userResult
	out.User.Path, out.User.UserID, out.User.Arn = "/", id, arn
	return out, nil
}

type xmlCredentials struct {
	AccessKeyID     string `xml:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      string
}

type assumeResult struct {
	AssumedRoleUser struct {
		AssumedRoleID string `xml:"AssumedRoleId"`
		Arn           string
	}
	Credentials xmlCredentials
}

func (c *call) assumeRole() (any, error) {
	arn, err := c.text("RoleArn", ruleARN, false, "")
	if err != nil {
		return nil, err
	}
	name, err := c.text("RoleSessionName", ruleSessionName, false, "")
	if err != nil {
		return nil, err
	}
	r, err := c.roleAt(arn)
	if err != nil {
		return nil, err
	}
	seconds, err := c.number("DurationSeconds", 900, 43200, min(3600, r.MaxSession))
	if err != nil {
		return nil, err
	}
	if seconds > r.MaxSession {
		return nil, failf(http.StatusBadRequest, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	key, err := c.issue(session{RoleName: r.Name, RoleID: r.ID, Name: name}, seconds)
	if err != nil {
		return nil, err
	}
	out := assumeResult{Credentials: key}
	out.AssumedRoleUser.Arn = c.arn("sts", "assumed-role/"+r.Name+"/"+name)
	out.AssumedRoleUser.AssumedRoleID = r.ID + ":" + name
	return out, nil
}

// roleAt loads the account's role with an ARN. As the real service does it, a
// role that is not there is one that may not be taken.
func (c *call) roleAt(arn string) (role, error) {
	var r role
	who, _, err := c.caller()
	if err != nil {
		return r, err
	}
	denied := failf(http.StatusForbidden, "AccessDenied", "User: %s is not authorized to perform: sts:AssumeRole on resource: %s", who, arn)
	rest, ok := strings.CutPrefix(arn, c.arn("iam", "role/"))
	if !ok {
		return r, denied
	}
	name := rest[strings.LastIndexByte(rest, '/')+1:]
	if err := c.load(kindRole, strings.ToLower(name), &r, denied); err != nil {
		return r, err
	}
	if c.roleARN(r) != arn {
		return r, denied
	}
	return r, nil
}

// issue makes a temporary key and notes what it is for.
func (c *call) issue(s session, seconds int) (xmlCredentials, error) {
	if err := c.dropEnded(); err != nil {
		return xmlCredentials{}, err
	}
	s.Expires = c.s.conf.Clock.Now().Add(time.Duration(seconds) * time.Second).Truncate(time.Second)
	description := "session"
	if s.Name != "" {
		description = "role " + s.RoleName + ", session " + s.Name
	}
	key, err := c.s.conf.IssueKey(c.ctx, c.id.Account, description, s.Expires)
	if err != nil {
		return xmlCredentials{}, fmt.Errorf("make a temporary key: %w", err)
	}
	if s.Name != "" {
		if err := c.save(kindSession, key.ID, s, nil); err != nil {
			return xmlCredentials{}, err
		}
	}
	return xmlCredentials{key.ID, key.Secret, key.Token, xmlTime(s.Expires)}, nil
}

// dropEnded removes the documents of keys that have ended.
func (c *call) dropEnded() error {
	docs, err := c.s.conf.Documents.ListDocuments(c.ctx, c.id.Account, kindSession, "")
	if err != nil {
		return fmt.Errorf("list the sessions: %w", err)
	}
	now := c.s.conf.Clock.Now()
	for name := range docs {
		var s session
		if err := c.load(kindSession, name, &s, &apiError{}); err != nil || s.Expires.After(now) {
			continue
		}
		if err := c.s.conf.Documents.DeleteDocument(c.ctx, c.id.Account, kindSession, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the session of %s: %w", name, err)
		}
	}
	return nil
}

type tokenResult struct{ Credentials xmlCredentials }

func (c *call) getSessionToken() (any, error) {
	seconds, err := c.number("DurationSeconds", 900, 129600, 43200)
	if err != nil {
		return nil, err
	}
	key, err := c.issue(session{}, seconds)
	return tokenResult{key}, err
}
