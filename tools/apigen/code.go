package main

import "fmt"

// goType is the Go type of a member: pointers for scalars and structures,
// since absent and zero differ on the wire; nil slices and maps are absent.
func (b *builder) goType(s *Service, name string) string {
	switch shape := s.shape(name); shape.Type {
	case "list", "map":
		return b.element(s, name)
	default:
		return "*" + b.element(s, name)
	}
}

// element is the Go type within a list or a map.
func (b *builder) element(s *Service, name string) string {
	shape := s.shape(name)
	switch shape.Type {
	case "structure":
		return name
	case "list":
		return "[]" + b.element(s, shape.Member.Shape)
	case "map":
		return "map[string]" + b.element(s, shape.Value.Shape)
	case "string":
		if len(shape.Enum) > 0 {
			return name
		}
		return "string"
	case "integer":
		return "int"
	case "long":
		return "int64"
	case "double":
		return "float64"
	case "boolean":
		return "bool"
	case "timestamp":
		return "Timestamp"
	}
	b.fail("shape %s of %s has the unknown type %q", name, s.Name, shape.Type)
	return "any"
}

var scalars = map[string]string{
	"string": "text", "integer": "integer", "long": "long", "double": "double", "boolean": "boolean", "timestamp": "timestamp",
}

// decode is the expression that reads a value of the shape from d; its type
// is goType.
func (b *builder) decode(s *Service, name string) string {
	shape := s.shape(name)
	switch {
	case shape.Type == "list" || shape.Type == "map":
		return fmt.Sprintf("%s(d, %s)", map[string]string{"list": "list", "map": "dict"}[shape.Type], b.reader(s, shape))
	case shape.Type == "structure":
		return fmt.Sprintf("decode%s(d)", name)
	case len(shape.Enum) > 0:
		return fmt.Sprintf("(*%s)(d.text())", name)
	case shape.Type == "long" || shape.Type == "timestamp":
		b.fail("an input of type %s (%s) is not supported: the decoder reads none", shape.Type, name)
	}
	return fmt.Sprintf("d.%s()", scalars[shape.Type])
}

// reader is the function that reads an element of a list or a value of a map;
// it returns a pointer, nil for null.
func (b *builder) reader(s *Service, outer *Shape) string {
	ref := outer.Member
	if ref == nil {
		ref = outer.Value
	}
	shape := s.shape(ref.Shape)
	switch {
	case shape.Type == "structure":
		return "decode" + ref.Shape
	case shape.Type == "list":
		return fmt.Sprintf("func(d *decoder) *%s { return boxed(%s) }", b.element(s, ref.Shape), b.decode(s, ref.Shape))
	case shape.Type == "map" || len(shape.Enum) > 0:
		b.fail("a list or map of %s (%s) is not supported", ref.Shape, shape.Type)
	}
	return "(*decoder)." + scalars[shape.Type]
}

// encode is the statement that writes a member that may be absent.
func (b *builder) encode(s *Service, m *Member) string {
	shape := s.shape(m.Shape)
	value := "x." + m.Name
	switch {
	case shape.Type == "structure":
		return fmt.Sprintf("if %s != nil { e.key(%q); %s.encode(e) }", value, m.Name, value)
	case shape.Type == "list" || shape.Type == "map":
		return fmt.Sprintf("if %s != nil { e.key(%q); %s }", value, m.Name, b.write(s, m.Shape, value, 0))
	case len(shape.Enum) > 0:
		return fmt.Sprintf("e.text(%q, (*string)(%s))", m.Name, value)
	}
	return fmt.Sprintf("e.%s(%q, %s)", scalars[shape.Type], m.Name, value)
}

// write is the statement that writes a value within a list or a map.
func (b *builder) write(s *Service, name, value string, depth int) string {
	shape := s.shape(name)
	inner := fmt.Sprintf("%c", 'i'+depth)
	switch shape.Type {
	case "structure":
		return value + ".encode(e)"
	case "list":
		return fmt.Sprintf("e.open('['); for %s := range %s { e.comma(); %s }; e.close(']')",
			inner, value, b.write(s, shape.Member.Shape, value+"["+inner+"]", depth+1))
	case "map":
		if s.shape(shape.Value.Shape).Type == "structure" {
			// A value of a map has no address; its encode method wants one.
			return fmt.Sprintf("e.open('{'); for _, %s := range keys(%s) { e.entry(%s); v := %s[%s]; v.encode(e) }; e.close('}')",
				inner, value, inner, value, inner)
		}
		return fmt.Sprintf("e.open('{'); for _, %s := range keys(%s) { e.entry(%s); %s }; e.close('}')",
			inner, value, inner, b.write(s, shape.Value.Shape, value+"["+inner+"]", depth+1))
	case "string":
		return fmt.Sprintf("e.quote(%s)", value)
	}
	b.fail("a list or map of %s (%s) is not supported", name, shape.Type)
	return ""
}

// check is the statements that validate a member that is there.
func (b *builder) check(s *Service, m *Member) []string {
	shape := s.shape(m.Shape)
	at := fmt.Sprintf("at+%q", lowerFirst(m.Name))
	value := "x." + m.Name
	switch {
	case shape.Type == "structure":
		return []string{fmt.Sprintf("%s.validate(v, at+%q)", value, lowerFirst(m.Name)+".")}
	case len(shape.Enum) > 0:
		return []string{fmt.Sprintf("v.enum(%s, string(*%s), %sValues)", at, value, lowerFirst(m.Shape))}
	case shape.Type == "list":
		return b.checkList(s, m, at, value)
	case shape.Type == "map":
		return b.checkMap(s, m, at, value)
	case !constrained(shape):
		return nil
	case shape.Type == "string":
		return []string{fmt.Sprintf("v.text(%s, *%s, &%s)", at, value, b.rule(s, m.Shape))}
	case shape.Type == "integer":
		return []string{fmt.Sprintf("v.number(%s, *%s, &%s)", at, value, b.rule(s, m.Shape))}
	}
	b.fail("constraints on %s of type %s are not supported", m.Shape, shape.Type)
	return nil
}

func (b *builder) checkList(s *Service, m *Member, at, value string) []string {
	shape := s.shape(m.Shape)
	var out []string
	if constrained(shape) {
		out = append(out, fmt.Sprintf("v.size(%s, len(%s), &%s, x, %q)", at, value, b.rule(s, m.Shape), m.Name))
	}
	switch element := s.shape(shape.Member.Shape); {
	case element.Type == "structure":
		out = append(out, fmt.Sprintf("for i := range %s { %s[i].validate(v, member(%s, i)) }", value, value, at))
	case constrained(element):
		out = append(out, fmt.Sprintf("v.texts(%s, %s, &%s, x, %q)", at, value, b.rule(s, shape.Member.Shape), m.Name))
	}
	return out
}

func (b *builder) checkMap(s *Service, m *Member, at, value string) []string {
	shape := s.shape(m.Shape)
	var out []string
	if constrained(shape) {
		out = append(out, fmt.Sprintf("v.size(%s, len(%s), &%s, x, %q)", at, value, b.rule(s, m.Shape), m.Name))
	}
	key := b.rule(s, shape.Key.Shape)
	switch element := s.shape(shape.Value.Shape); element.Type {
	case "string":
		out = append(out, fmt.Sprintf("v.dict(%s, %s, &%s, &%s, x, %q)", at, value, key, b.rule(s, shape.Value.Shape), m.Name))
	case "list":
		out = append(out, fmt.Sprintf("v.dictOfLists(%s, %s, &%s, &listRule{&%s, &%s}, x, %q)", at, value, key,
			b.rule(s, shape.Value.Shape), b.rule(s, element.Member.Shape), m.Name))
	default:
		b.fail("a map to %s in a request is not supported", element.Type)
	}
	return out
}

func constrained(x *Shape) bool { return x.Min != nil || x.Max != nil || x.Pattern != "" }

// rule returns the name of the variable that holds the constraints of a shape.
func (b *builder) rule(s *Service, name string) string {
	shape := s.shape(name)
	id := "rule" + name
	if s.Name != "forecast" {
		id = "rule" + "Query" + name
	}
	if b.rules[id] {
		return id
	}
	b.rules[id] = true
	r := &RuleView{Name: id, Min: shape.Min, Max: shape.Max, Pattern: shape.Pattern}
	switch shape.Type {
	case "string":
		b.view.Texts = append(b.view.Texts, r)
	case "integer":
		b.view.Numbers = append(b.view.Numbers, r)
	case "list", "map":
		b.view.Sizes = append(b.view.Sizes, r)
	}
	return id
}
