package setting

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// entry is one setting of a configuration file.
type entry struct {
	key   string
	value string
	line  int
}

// readFile reads YAML into flat entries, in the order of the file.
func readFile(text []byte) ([]entry, error) {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, errors.New(yaml.FormatError(err, false, false))
	}
	var entries []entry
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.NullType {
			continue
		}
		if entries, err = appendMapping(entries, "", doc.Body); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

func appendMapping(entries []entry, prefix string, node ast.Node) ([]entry, error) {
	var values []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		return nil, fmt.Errorf("line %d: expected `key: value`, found %s", node.GetToken().Position.Line, node.GetToken().Value)
	}
	for _, v := range values {
		key := prefix + v.Key.GetToken().Value
		line := v.Key.GetToken().Position.Line
		switch value := v.Value.(type) {
		case *ast.MappingNode, *ast.MappingValueNode:
			var err error
			if entries, err = appendMapping(entries, key+"-", value); err != nil {
				return nil, err
			}
		case *ast.NullNode:
			entries = append(entries, entry{key: key, line: line})
		case ast.ScalarNode:
			entries = append(entries, entry{key: key, value: value.GetToken().Value, line: line})
		default:
			return nil, fmt.Errorf("line %d: key %q takes one value, not %s", line, key, v.Value.Type())
		}
	}
	return entries, nil
}
