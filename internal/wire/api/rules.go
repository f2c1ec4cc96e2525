package api

import (
	"fmt"
	"math"
	"regexp"
	"unicode/utf8"
)

// none marks a bound that a shape does not have.
const none = math.MinInt

// regex is a pattern of the model: expr matches the whole string, as the
// service does even where the pattern has no anchors, and source is what a
// message echoes.
type regex struct {
	source string
	expr   *regexp.Regexp
}

// pattern compiles a pattern of the model.
func pattern(source string) *regex {
	return &regex{source: source, expr: regexp.MustCompile(`\A(?:` + source + `)\z`)}
}

// textRule bounds the length of a string, in characters, and its form.
type textRule struct {
	min, max int
	pattern  *regex
}

// numberRule bounds the value of a number, sizeRule the size of a list or map.
type (
	numberRule struct{ min, max int }
	sizeRule   struct{ min, max int }
)

// listRule is the rules of a list and of its elements.
type listRule struct {
	size    *sizeRule
	element *textRule
}

const (
	maxLength = "Member must have length less than or equal to %d"
	minLength = "Member must have length greater than or equal to %d"
	maxValue  = "Member must have value less than or equal to %d"
	minValue  = "Member must have value greater than or equal to %d"
	matching  = "Member must satisfy regular expression pattern: "
)

// broken returns the constraints that s violates.
func (r *textRule) broken(s string) []string {
	out := bounds(utf8.RuneCountInString(s), r.min, r.max, maxLength, minLength)
	if r.pattern != nil && !r.pattern.expr.MatchString(s) {
		out = append(out, matching+r.pattern.source)
	}
	return out
}

// all returns every constraint of the rule.
func (r *textRule) all() []string {
	out := (&sizeRule{r.min, r.max}).all()
	if r.pattern != nil {
		out = append(out, matching+r.pattern.source)
	}
	return out
}

func (r *sizeRule) broken(n int) []string { return bounds(n, r.min, r.max, maxLength, minLength) }

func (r *sizeRule) all() []string {
	var out []string
	if r.max != none {
		out = append(out, fmt.Sprintf(maxLength, r.max))
	}
	if r.min != none {
		out = append(out, fmt.Sprintf(minLength, r.min))
	}
	return out
}

func (r *numberRule) broken(n int) []string { return bounds(n, r.min, r.max, maxValue, minValue) }

// broken says whether a list or one of its elements violates a constraint.
func (r *listRule) broken(list []string) bool {
	if len(r.size.broken(len(list))) > 0 {
		return true
	}
	for _, s := range list {
		if len(r.element.broken(s)) > 0 {
			return true
		}
	}
	return false
}

func (r *listRule) all() []string {
	return append(r.size.all(), eachMember(r.element.all()))
}

func bounds(n, least, most int, tooMuch, tooLittle string) []string {
	var out []string
	if most != none && n > most {
		out = append(out, fmt.Sprintf(tooMuch, most))
	}
	if least != none && n < least {
		out = append(out, fmt.Sprintf(tooLittle, least))
	}
	return out
}
