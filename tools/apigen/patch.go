package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// Patch is one correction of the model. A patch that changes nothing is an
// error: it has outlived its reason or names the wrong thing.
type Patch struct {
	Service string   // model it applies to
	Shape   string   // shape it applies to
	Copy    string   // name of a copy of Shape to make; the rest applies to the copy
	Members []string // "Structure.Member" that shall use the copy
	Drop    []string // "pattern", "min", "max"
	Reason  string
}

func applyPatches(path string, services []*Service) error {
	text, err := os.ReadFile(path) //nolint:gosec // the developer names the file
	if err != nil {
		return fmt.Errorf("read the patches: %w", err)
	}
	var patches []Patch
	if err := json.Unmarshal(text, &patches); err != nil {
		return fmt.Errorf("read the patches in %s: %w", path, err)
	}
	byName := map[string]*Service{}
	for _, s := range services {
		byName[s.Name] = s
	}
	for i, p := range patches {
		s, ok := byName[p.Service]
		if !ok {
			return fmt.Errorf("patch %d of %s: no service %q", i+1, path, p.Service)
		}
		if err := p.apply(s); err != nil {
			return fmt.Errorf("patch %d of %s: %w", i+1, path, err)
		}
	}
	return nil
}

func (p *Patch) apply(s *Service) error {
	shape, ok := s.Shapes[p.Shape]
	if !ok {
		return fmt.Errorf("no shape %q", p.Shape)
	}
	if p.Reason == "" {
		return fmt.Errorf("shape %s: a correction needs a reason", p.Shape)
	}
	if p.Copy != "" {
		if _, taken := s.Shapes[p.Copy]; taken {
			return fmt.Errorf("shape %q is there already", p.Copy)
		}
		twin := *shape
		shape = &twin
		s.Shapes[p.Copy] = shape
		for _, m := range p.Members {
			if err := retarget(s, m, p.Shape, p.Copy); err != nil {
				return err
			}
		}
	}
	for _, what := range p.Drop {
		if err := shape.drop(what); err != nil {
			return fmt.Errorf("shape %s: %w", p.Shape, err)
		}
	}
	return nil
}

func retarget(s *Service, path, from, to string) error {
	structure, name, _ := strings.Cut(path, ".")
	if shape, ok := s.Shapes[structure]; ok {
		for _, m := range shape.Members {
			if m.Name == name && m.Shape == from {
				m.Shape = to
				return nil
			}
		}
	}
	return fmt.Errorf("no member %s of shape %s", path, from)
}

func (x *Shape) drop(what string) error {
	there := false
	switch what {
	case "pattern":
		there, x.Pattern = x.Pattern != "", ""
	case "min":
		there, x.Min = x.Min != nil, nil
	case "max":
		there, x.Max = x.Max != nil, nil
	}
	if !there {
		return fmt.Errorf("no %s to drop", what)
	}
	return nil
}
