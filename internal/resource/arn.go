package resource

import (
	"slices"
	"strings"
)

// ARN is a parsed name of a resource of this service.
type ARN struct {
	Partition, Region, Account string
	Kind                       Kind     // the text before the first slash, known or not
	Parts                      []string // the rest, cut at slashes
}

// ParseARN takes an ARN of this service apart; ok is false for anything else.
func ParseARN(s string) (arn ARN, ok bool) {
	f := strings.SplitN(s, ":", 6)
	if len(f) != 6 || f[0] != "arn" || f[2] != "forecast" || f[1] == "" {
		return ARN{}, false
	}
	kind, rest, ok := strings.Cut(f[5], "/")
	if !ok || kind == "" || rest == "" {
		return ARN{}, false
	}
	return ARN{Partition: f[1], Region: f[3], Account: f[4], Kind: Kind(kind), Parts: strings.Split(rest, "/")}, true
}

// arnOf makes the ARN of a caller's resource from the parts of its tail.
func arnOf(c Caller, kind Kind, parts ...string) string {
	partition := c.Partition
	if partition == "" {
		partition = "aws"
	}
	return "arn:" + partition + ":forecast:" + c.Region + ":" + c.Account + ":" + string(kind) + "/" + strings.Join(parts, "/")
}

// owns reports whether the ARN lies in the caller's partition, region and account.
func (c Caller) owns(arn ARN) bool {
	return arn.Account == c.Account && arn.Region == c.Region && (c.Partition == "" || arn.Partition == c.Partition)
}

// checkKind says whether arn is the ARN of one of the kinds; member names the
// request member it came in.
func checkKind(member, arn string, kinds ...Kind) *Error {
	p, ok := ParseARN(arn)
	if !ok {
		return Errorf(InvalidInput, "The value '%s' of %s is not the ARN of %s: expected arn:<partition>:forecast:<region>:<account>:<type>/<name>", arn, member, oneOf(kinds))
	}
	if slices.Contains(kinds, p.Kind) {
		return nil
	}
	if !p.Kind.Valid() {
		return Errorf(InvalidInput, "The ARN '%s' in %s is of the unknown type '%s'; it must be the ARN of %s", arn, member, p.Kind, oneOf(kinds))
	}
	return Errorf(InvalidInput, "The ARN '%s' in %s is that of %s; it must be the ARN of %s", arn, member, p.Kind.a(), oneOf(kinds))
}

// oneOf returns "a dataset or a forecast".
func oneOf(kinds []Kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.a()
	}
	if len(names) > 2 {
		return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
	}
	return strings.Join(names, " or ")
}

// notFound is the error for a resource that does not exist (contract 1.9).
func notFound(arn string) *Error { return Errorf(NotFound, "No resource found %s", arn) }
