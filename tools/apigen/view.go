package main

import (
	"fmt"
	"sort"
	"strings"
)

// View is what the templates see.
type View struct {
	Version    string
	Enums      []*EnumView
	Structs    []*StructView
	Texts      []*RuleView // rules of strings
	Numbers    []*RuleView // rules of integers
	Sizes      []*RuleView // rules of lists and maps
	Operations []*OperationView
	Errors     []*ErrorView
}

// EnumView is one enum.
type EnumView struct {
	Name   string
	Values []EnumValue
}

// EnumValue is one of its values.
type EnumValue struct{ Const, Text string }

// StructView is one structure.
type StructView struct {
	Name    string
	Input   bool // reached from an input: decoded and validated
	Members []*MemberView
}

// MemberView is one member of a structure with the code that handles it.
type MemberView struct {
	Name     string
	Path     string // as a violation spells it
	Type     string // Go type
	Required bool
	Decode   string   // expression
	Encode   string   // statement
	Check    []string // statements for a member that is there
}

// RuleView is the constraints of one shape.
type RuleView struct {
	Name     string
	Min, Max *int64
	Pattern  string
}

// OperationView is one operation.
type OperationView struct {
	Name, Target  string
	Input, Output string // Output is "" where the answer has no body
	Errors        []string
}

// ErrorView is one error shape.
type ErrorView struct{ Const, Code string }

type builder struct {
	view    *View
	structs map[string]*StructView
	enums   map[string]*EnumView
	rules   map[string]bool
	err     error
}

func newView(services []*Service, version string) (*View, error) {
	b := &builder{
		view:    &View{Version: version},
		structs: map[string]*StructView{}, enums: map[string]*EnumView{}, rules: map[string]bool{},
	}
	for _, s := range services {
		b.service(s)
	}
	v := b.view
	sort.Slice(v.Enums, func(i, j int) bool { return v.Enums[i].Name < v.Enums[j].Name })
	sort.Slice(v.Structs, func(i, j int) bool { return v.Structs[i].Name < v.Structs[j].Name })
	sort.Slice(v.Operations, func(i, j int) bool { return v.Operations[i].Name < v.Operations[j].Name })
	sort.Slice(v.Errors, func(i, j int) bool { return v.Errors[i].Code < v.Errors[j].Code })
	for _, rules := range [][]*RuleView{v.Texts, v.Numbers, v.Sizes} {
		sort.Slice(rules, func(i, j int) bool { return rules[i].Name < rules[j].Name })
	}
	return v, b.err
}

func (b *builder) service(s *Service) {
	input, used := map[string]bool{}, map[string]bool{}
	for _, op := range s.Operations {
		s.reach(op.Input.Shape, input)
		s.reach(op.Input.Shape, used)
		view := &OperationView{
			Name: op.Name, Target: s.Metadata.TargetPrefix + "." + op.Name,
			Input: op.Input.Shape,
		}
		if op.Output != nil {
			view.Output = op.Output.Shape
			s.reach(op.Output.Shape, used)
		}
		for _, e := range op.Errors {
			view.Errors = append(view.Errors, e.Shape)
			b.errorShape(e.Shape)
		}
		b.view.Operations = append(b.view.Operations, view)
	}
	for _, name := range sorted(used) {
		switch shape := s.shape(name); {
		case shape.Type == "structure":
			b.structure(s, name, input[name])
		case len(shape.Enum) > 0:
			b.enum(name, shape)
		}
	}
}

func (b *builder) errorShape(name string) {
	for _, e := range b.view.Errors {
		if e.Code == name {
			return
		}
	}
	b.view.Errors = append(b.view.Errors, &ErrorView{Const: "Code" + strings.TrimSuffix(name, "Exception"), Code: name})
}

func (b *builder) enum(name string, shape *Shape) {
	view := &EnumView{Name: name}
	for _, text := range shape.Enum {
		view.Values = append(view.Values, EnumValue{Const: name + camel(text), Text: text})
	}
	if _, ok := b.enums[name]; ok {
		b.fail("two enums named %s", name)
	}
	b.enums[name] = view
	b.view.Enums = append(b.view.Enums, view)
}

func (b *builder) structure(s *Service, name string, input bool) {
	if _, ok := b.structs[name]; ok {
		b.fail("two structures named %s", name)
		return
	}
	shape := s.shape(name)
	required := map[string]bool{}
	for _, m := range shape.Required {
		required[m] = true
	}
	view := &StructView{Name: name, Input: input}
	for _, m := range shape.Members {
		mv := &MemberView{
			Name: m.Name, Path: lowerFirst(m.Name), Required: required[m.Name],
			Type: b.goType(s, m.Shape), Encode: b.encode(s, m),
		}
		if input {
			mv.Decode = b.decode(s, m.Shape)
			mv.Check = b.check(s, m)
		}
		view.Members = append(view.Members, mv)
	}
	b.structs[name] = view
	b.view.Structs = append(b.view.Structs, view)
}

func (b *builder) fail(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf(format, args...)
	}
}

func sorted(set map[string]bool) []string {
	var names []string
	for name := range set {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// camel turns TARGET_TIME_SERIES into TargetTimeSeries, leaves the inner
// capitals of LatencyOptimized alone and writes the initials of metrics as such.
func camel(text string) string {
	var out strings.Builder
	for word := range strings.SplitSeq(text, "_") {
		if strings.ToUpper(word) == word && !initials[word] {
			word = strings.ToLower(word)
		}
		out.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return out.String()
}

var initials = map[string]bool{"EC2": true, "MAPE": true, "MASE": true, "RMSE": true, "WAPE": true}
