package iamapi

import (
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// managedPrefix begins the ARNs of the policies that come with AWS. What is in
// them is not known here, and need not be: policies are not enforced.
const managedPrefix = "arn:aws:iam::aws:policy/"

// policy is the document of a policy of the account. It has one version.
type policy struct {
	Name        string    `json:"name"`
	ID          string    `json:"id"`
	Path        string    `json:"path"`
	Created     time.Time `json:"created"`
	Description string    `json:"description,omitempty"`
	Document    string    `json:"document"`
}

type xmlPolicy struct {
	PolicyName                    string
	PolicyID                      string `xml:"PolicyId"`
	Arn                           string
	Path                          string
	DefaultVersionID              string `xml:"DefaultVersionId"`
	AttachmentCount               int
	PermissionsBoundaryUsageCount int
	IsAttachable                  bool
	Description                   string `xml:",omitempty"`
	CreateDate                    string
	UpdateDate                    string
}

type policyResult struct{ Policy xmlPolicy }

func (c *call) policyARN(p policy) string { return c.arn("iam", "policy"+p.Path+p.Name) }

// describePolicy counts how often the policy is attached, among all roles.
func (c *call) describePolicy(p policy, roles []role) xmlPolicy {
	out := xmlPolicy{
		PolicyName: p.Name, PolicyID: p.ID, Arn: c.policyARN(p), Path: p.Path, DefaultVersionID: "v1", IsAttachable: true,
		Description: p.Description, CreateDate: xmlTime(p.Created), UpdateDate: xmlTime(p.Created),
	}
	for _, r := range roles {
		if slices.Contains(r.Attached, out.Arn) {
			out.AttachmentCount++
		}
		if r.Boundary == out.Arn {
			out.PermissionsBoundaryUsageCount++
		}
	}
	return out
}

// policyAt loads the account's policy with an ARN.
func (c *call) policyAt(arn string) (policy, error) {
	var p policy
	missing := noSuchEntity("Policy %s does not exist or is not attachable.", arn)
	rest, ok := strings.CutPrefix(arn, c.arn("iam", "policy/"))
	if !ok {
		return p, missing
	}
	name := rest[strings.LastIndexByte(rest, '/')+1:]
	if err := c.load(kindPolicy, strings.ToLower(name), &p, missing); err != nil {
		return p, err
	}
	if c.policyARN(p) != arn {
		return p, missing
	}
	return p, nil
}

func (c *call) policy() (policy, error) {
	arn, err := c.text("PolicyArn", ruleARN, false, "")
	if err != nil {
		return policy{}, err
	}
	return c.policyAt(arn)
}

func (c *call) createPolicy() (any, error) {
	p := policy{ID: newID("ANPA"), Created: c.s.conf.Clock.Now()}
	var errs [4]error
	p.Name, errs[0] = c.text("PolicyName", rulePolicyName, false, "")
	p.Path, errs[1] = c.text("Path", rulePath, true, "/")
	p.Description, errs[2] = c.text("Description", ruleDescription, true, "")
	p.Document, errs[3] = c.document("PolicyDocument")
	if err := first(errs[:]); err != nil {
		return nil, err
	}
	err := c.save(kindPolicy, strings.ToLower(p.Name), p, alreadyExists("A policy called %s already exists. Duplicate names are not allowed.", p.Name))
	return policyResult{c.describePolicy(p, nil)}, err
}

func (c *call) getPolicy() (any, error) {
	p, err := c.policy()
	if err != nil {
		return nil, err
	}
	roles, err := all[role](c, kindRole)
	return policyResult{c.describePolicy(p, roles)}, err
}

type xmlVersion struct {
	Document         string `xml:",omitempty"`
	VersionID        string `xml:"VersionId"`
	IsDefaultVersion bool
	CreateDate       string
}

type versionResult struct{ PolicyVersion xmlVersion }

func (c *call) getPolicyVersion() (any, error) {
	p, err := c.policy()
	if err != nil {
		return nil, err
	}
	if v := c.form.Get("VersionId"); v != "v1" {
		return nil, noSuchEntity("Policy %s version %s does not exist or is not attachable.", c.policyARN(p), v)
	}
	return versionResult{xmlVersion{escape(p.Document), "v1", true, xmlTime(p.Created)}}, nil
}

type versionsResult struct {
	Versions list[xmlVersion]
	pageInfo
}

func (c *call) listPolicyVersions() (any, error) {
	p, err := c.policy()
	return versionsResult{Versions: list[xmlVersion]{[]xmlVersion{{"", "v1", true, xmlTime(p.Created)}}}}, err
}

type policiesResult struct {
	Policies list[xmlPolicy]
	pageInfo
}

// listPolicies lists the account's own policies.
func (c *call) listPolicies() (any, error) {
	policies, err := all[policy](c, kindPolicy)
	if err != nil {
		return nil, err
	}
	roles, err := all[role](c, kindRole)
	if err != nil {
		return nil, err
	}
	var shown []xmlPolicy
	for _, p := range policies {
		x := c.describePolicy(p, roles)
		x.Description = "" // a list leaves it out
		used := c.form.Get("OnlyAttached") != "true" || x.AttachmentCount > 0
		if used && c.form.Get("Scope") != "AWS" && strings.HasPrefix(p.Path, c.form.Get("PathPrefix")) {
			shown = append(shown, x)
		}
	}
	var out policiesResult
	out.Policies, out.pageInfo, err = page(c, shown, func(p xmlPolicy) string { return strings.ToLower(p.PolicyName) })
	return out, err
}

func (c *call) deletePolicy() (any, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	p, err := c.policy()
	if err != nil {
		return nil, err
	}
	roles, err := all[role](c, kindRole)
	if err != nil {
		return nil, err
	}
	if x := c.describePolicy(p, roles); x.AttachmentCount+x.PermissionsBoundaryUsageCount > 0 {
		return nil, deleteConflict("Cannot delete a policy attached to entities.")
	}
	err = c.s.conf.Documents.DeleteDocument(c.ctx, c.id.Account, kindPolicy, strings.ToLower(p.Name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noSuchEntity("Policy %s does not exist or is not attachable.", c.policyARN(p))
	}
	return nil, err
}

func (c *call) attachRolePolicy() (any, error) {
	arn, err := c.text("PolicyArn", ruleARN, false, "")
	if err != nil {
		return nil, err
	}
	return nil, c.changeRole(func(r *role) error {
		if !strings.HasPrefix(arn, managedPrefix) {
			if _, err := c.policyAt(arn); err != nil {
				return err
			}
		}
		if !slices.Contains(r.Attached, arn) {
			r.Attached = append(r.Attached, arn)
		}
		if len(r.Attached) > 20 {
			return failf(http.StatusConflict, "LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 20")
		}
		return nil
	})
}

func (c *call) detachRolePolicy() (any, error) {
	arn, err := c.text("PolicyArn", ruleARN, false, "")
	if err != nil {
		return nil, err
	}
	return nil, c.changeRole(func(r *role) error {
		at := slices.Index(r.Attached, arn)
		if at < 0 {
			return noSuchEntity("Policy %s was not found.", arn)
		}
		r.Attached = slices.Delete(r.Attached, at, at+1)
		return nil
	})
}

type attachedPolicy struct{ PolicyName, PolicyArn string }

type attachedResult struct {
	AttachedPolicies list[attachedPolicy]
	pageInfo
}

func (c *call) listAttachedRolePolicies() (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	var attached []attachedPolicy
	for _, arn := range r.Attached {
		_, path, _ := strings.Cut(arn, ":policy")
		if strings.HasPrefix(path, c.form.Get("PathPrefix")) {
			attached = append(attached, attachedPolicy{path[strings.LastIndexByte(path, '/')+1:], arn})
		}
	}
	slices.SortFunc(attached, func(a, b attachedPolicy) int { return strings.Compare(a.PolicyArn, b.PolicyArn) })
	var out attachedResult
	out.AttachedPolicies, out.pageInfo, err = page(c, attached, func(p attachedPolicy) string { return p.PolicyArn })
	return out, err
}

func (c *call) putRolePolicy() (any, error) {
	name, err := c.text("PolicyName", rulePolicyName, false, "")
	if err != nil {
		return nil, err
	}
	document, err := c.document("PolicyDocument")
	if err != nil {
		return nil, err
	}
	return nil, c.changeRole(func(r *role) error {
		if r.Inline == nil {
			r.Inline = map[string]string{}
		}
		r.Inline[name] = document
		size := 0
		for _, d := range r.Inline {
			size += len(d)
		}
		if size > 10240 {
			return failf(http.StatusConflict, "LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role %s", r.Name)
		}
		return nil
	})
}

type rolePolicyResult struct{ RoleName, PolicyName, PolicyDocument string }

func (c *call) getRolePolicy() (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	name := c.form.Get("PolicyName")
	document, ok := r.Inline[name]
	if !ok {
		return nil, noSuchEntity("The role policy with name %s cannot be found.", name)
	}
	return rolePolicyResult{r.Name, name, escape(document)}, nil
}

func (c *call) deleteRolePolicy() (any, error) {
	return nil, c.changeRole(func(r *role) error {
		name := c.form.Get("PolicyName")
		if _, ok := r.Inline[name]; !ok {
			return noSuchEntity("The role policy with name %s cannot be found.", name)
		}
		delete(r.Inline, name)
		return nil
	})
}

type namesResult struct {
	PolicyNames list[string]
	pageInfo
}

func (c *call) listRolePolicies() (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	var out namesResult
	out.PolicyNames, out.pageInfo, err = page(c, slices.Sorted(maps.Keys(r.Inline)), func(s string) string { return s })
	return out, err
}
