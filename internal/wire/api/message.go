package api

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ValidationError lists all the constraints of the model that a request
// violates, in the service's own words.
type ValidationError struct{ Violations []string }

// Error returns the message as the service words it.
func (e *ValidationError) Error() string {
	plural := "s"
	if len(e.Violations) == 1 {
		plural = ""
	}
	return fmt.Sprintf("%d validation error%s detected: %s", len(e.Violations), plural, strings.Join(e.Violations, "; "))
}

// violations collects what is wrong with a request. Members come in the order
// of the model; of one member its length comes before its form.
type violations struct{ list []string }

func (v *violations) err() error {
	if len(v.list) == 0 {
		return nil
	}
	return &ValidationError{Violations: v.list}
}

func (v *violations) add(value, path, constraint string) {
	v.list = append(v.list, fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: %s", value, path, constraint))
}

func (v *violations) addAll(value, path string, constraints []string) {
	for _, c := range constraints {
		v.add(value, path, c)
	}
}

func (v *violations) missing(path string) { v.add("null", path, "Member must not be null") }

func (v *violations) text(path, value string, r *textRule) {
	v.addAll("'"+value+"'", path, r.broken(value))
}

func (v *violations) number(path string, value int, r *numberRule) {
	v.addAll("'"+strconv.Itoa(value)+"'", path, r.broken(value))
}

func (v *violations) enum(path, value string, set []string) {
	if slices.Contains(set, value) {
		return
	}
	v.add("'"+value+"'", path, "Member must satisfy enum value set: ["+strings.Join(set, ", ")+"]")
}

// size checks how many elements a list or map has; owner and name say where it
// is, to show it.
func (v *violations) size(path string, n int, r *sizeRule, owner Response, name string) {
	if broken := r.broken(n); broken != nil {
		v.addAll(show(owner, name), path, broken)
	}
}

// texts checks the elements of a list of strings; they count as one violation
// of the list.
func (v *violations) texts(path string, list []string, r *textRule, owner Response, name string) {
	for _, s := range list {
		if r.broken(s) != nil {
			v.add(show(owner, name), path, eachMember(r.all()))
			return
		}
	}
}

// dict checks the keys and values of a map of strings.
func (v *violations) dict(path string, m map[string]string, key, value *textRule, owner Response, name string) {
	v.mapKeys(path, keys(m), key, owner, name)
	for _, s := range m {
		if value.broken(s) != nil {
			v.add(show(owner, name), path, "Map value must satisfy constraint: "+bracket(value.all()))
			return
		}
	}
}

// dictOfLists checks the keys and values of a map of lists.
func (v *violations) dictOfLists(path string, m map[string][]string, key *textRule, value *listRule, owner Response, name string) {
	v.mapKeys(path, keys(m), key, owner, name)
	for _, list := range m {
		if value.broken(list) {
			v.add(show(owner, name), path, "Map value must satisfy constraint: "+bracket(value.all()))
			return
		}
	}
}

func (v *violations) mapKeys(path string, keys []string, r *textRule, owner Response, name string) {
	for _, k := range keys {
		if r.broken(k) != nil {
			v.add(show(owner, name), path, "Map keys must satisfy constraint: "+bracket(r.all()))
			return
		}
	}
}

func eachMember(constraints []string) string {
	return "Member must satisfy constraint: " + bracket(constraints)
}

func bracket(list []string) string { return "[" + strings.Join(list, ", ") + "]" }

// member is the path of an element of a list.
func member(path string, i int) string { return path + "." + strconv.Itoa(i+1) + ".member." }
