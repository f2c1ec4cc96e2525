package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

// Service is one API model, in the botocore style of the SDK.
type Service struct {
	Name       string `json:"-"` // folder of the model: forecast, forecastquery
	Metadata   struct{ TargetPrefix string }
	Operations map[string]*Operation
	Shapes     map[string]*Shape
}

// Operation is one call.
type Operation struct {
	Name   string
	Input  *Ref
	Output *Ref // nil: the answer has no body
	Errors []Ref
}

// Ref points at a shape.
type Ref struct{ Shape string }

// Shape is a type of the model. Min and Max bound the length of strings, lists
// and maps and the value of numbers.
type Shape struct {
	Type      string
	Required  []string
	Members   Members
	Member    *Ref // element of a list
	Key       *Ref // of a map
	Value     *Ref // of a map
	Min       *int64
	Max       *int64
	Pattern   string
	Enum      []string
	Exception bool
}

// Members are the members of a structure in the order of the model, which is
// the order on the wire.
type Members []*Member

// Member is one member of a structure.
type Member struct {
	Name  string
	Shape string
}

// UnmarshalJSON keeps the order that a Go map would lose.
func (m *Members) UnmarshalJSON(text []byte) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		var ref Ref
		if err := dec.Decode(&ref); err != nil {
			return err
		}
		*m = append(*m, &Member{Name: name.(string), Shape: ref.Shape})
	}
	return nil
}

func readService(path, name string) (*Service, error) {
	text, err := os.ReadFile(path) //nolint:gosec // a file of the module cache
	if err != nil {
		return nil, fmt.Errorf("read the service model: %w", err)
	}
	s := &Service{Name: name}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("read the service model %s: %w", path, err)
	}
	return s, nil
}

func (s *Service) shape(name string) *Shape {
	shape, ok := s.Shapes[name]
	if !ok {
		panic("apigen: the model of " + s.Name + " has no shape " + name)
	}
	return shape
}

// reach adds to seen every shape that name uses, itself included.
func (s *Service) reach(name string, seen map[string]bool) {
	if seen[name] {
		return
	}
	seen[name] = true
	shape := s.shape(name)
	for _, m := range shape.Members {
		s.reach(m.Shape, seen)
	}
	for _, ref := range []*Ref{shape.Member, shape.Key, shape.Value} {
		if ref != nil {
			s.reach(ref.Shape, seen)
		}
	}
}
