package iamapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/almanac-forecast/almanac/internal/sigv4"
)

// apiError is an error in the words of IAM and STS.
type apiError struct {
	Code    string
	Message string
	Status  int
}

func (e *apiError) Error() string { return e.Code + ": " + e.Message }

func failf(status int, code, format string, args ...any) *apiError {
	return &apiError{Code: code, Message: fmt.Sprintf(format, args...), Status: status}
}

func noSuchEntity(format string, args ...any) *apiError {
	return failf(http.StatusNotFound, "NoSuchEntity", format, args...)
}

func alreadyExists(format string, args ...any) *apiError {
	return failf(http.StatusConflict, "EntityAlreadyExists", format, args...)
}

func deleteConflict(format string, args ...any) *apiError {
	return failf(http.StatusConflict, "DeleteConflict", format, args...)
}

// invalid is the text of IAM's validation: one violation is named.
func invalid(value, member, constraint string, args ...any) *apiError {
	return failf(http.StatusBadRequest, "ValidationError", "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: %s",
		value, member, fmt.Sprintf(constraint, args...))
}

// explain turns any error into one of these.
func explain(err error) *apiError {
	var mine *apiError
	var signature *sigv4.Error
	switch {
	case errors.As(err, &mine):
		return mine
	case errors.As(err, &signature):
		code, status := signature.Query()
		return failf(status, code, "%s", signature.Message)
	}
	return failf(http.StatusInternalServerError, "ServiceFailure", "The request processing has failed because of an unknown error, exception or failure.")
}

// A rule is what a parameter must be like.
type rule struct {
	min, max int
	pattern  *regexp.Regexp // nil: any text
}

var (
	ruleRoleName    = rule{1, 64, regexp.MustCompile(`^[\w+=,.@-]+$`)}
	rulePolicyName  = rule{1, 128, regexp.MustCompile(`^[\w+=,.@-]+$`)}
	rulePath        = rule{1, 512, regexp.MustCompile(`^(/|/[!-~]+/)$`)}
	ruleARN         = rule{20, 2048, nil}
	ruleDescription = rule{0, 1000, nil}
	ruleDocument    = rule{1, 131072, nil}
	ruleSessionName = rule{2, 64, regexp.MustCompile(`^[\w+=,.@-]*$`)}
	ruleTagKey      = rule{1, 128, nil}
	ruleTagValue    = rule{0, 256, nil}
)

// text returns a parameter that must obey a rule; otherwise takes its place if
// it is missing and optional.
func (c *call) text(name string, r rule, optional bool, otherwise string) (string, error) {
	if !c.form.Has(name) {
		if optional {
			return otherwise, nil
		}
		return "", invalid("null", lowerFirst(name), "Member must not be null")
	}
	value := c.form.Get(name)
	return value, r.check(name, value)
}

func (r rule) check(name, value string) error {
	n := utf8.RuneCountInString(value)
	switch {
	case n < r.min:
		return invalid(value, lowerFirst(name), "Member must have length greater than or equal to %d", r.min)
	case n > r.max:
		return invalid(value, lowerFirst(name), "Member must have length less than or equal to %d", r.max)
	case r.pattern != nil && !r.pattern.MatchString(value):
		return invalid(value, lowerFirst(name), "Member must satisfy regular expression pattern: %s", r.pattern)
	}
	return nil
}

// number returns an optional parameter between two bounds.
func (c *call) number(name string, least, most, otherwise int) (int, error) {
	value := c.form.Get(name)
	if value == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(value)
	switch {
	case err != nil:
		return 0, invalid(value, lowerFirst(name), "Member must be a number")
	case n < least:
		return 0, invalid(value, lowerFirst(name), "Member must have value greater than or equal to %d", least)
	case n > most:
		return 0, invalid(value, lowerFirst(name), "Member must have value less than or equal to %d", most)
	}
	return n, nil
}

// document returns a parameter that must be a policy: a JSON object.
func (c *call) document(name string) (string, error) {
	text, err := c.text(name, ruleDocument, false, "")
	if err != nil {
		return "", err
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &object); err != nil || object == nil {
		return "", failf(http.StatusBadRequest, "MalformedPolicyDocument", "This policy contains invalid Json")
	}
	if _, ok := object["Statement"]; !ok {
		return "", failf(http.StatusBadRequest, "MalformedPolicyDocument", "Syntax errors in policy: the element Statement is missing.")
	}
	return text, nil
}

func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}
