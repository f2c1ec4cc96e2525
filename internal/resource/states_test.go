package resource

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// diagram is a Mermaid state diagram of docs/states.md.
type diagram struct {
	start, end []Status
	moves      []move
}

// diagrams reads docs/states.md; the key is the heading.
func diagrams(t *testing.T) map[string]diagram {
	t.Helper()
	text, err := os.ReadFile("../../docs/states.md")
	if err != nil {
		t.Fatal(err)
	}
	arrow := regexp.MustCompile(`^\s+(\S+) --> (\S+) : \S`)
	out := map[string]diagram{}
	heading := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if h, ok := strings.CutPrefix(line, "## "); ok {
			heading = h
		}
		m := arrow.FindStringSubmatch(line)
		if m == nil {
			if strings.Contains(line, "-->") {
				t.Errorf("docs/states.md: %q is no arrow with a reason", line)
			}
			continue
		}
		d := out[heading]
		switch from, to := Status(m[1]), Status(m[2]); {
		case from == "[*]":
			d.start = append(d.start, to)
		case to == "[*]":
			d.end = append(d.end, from)
		default:
			d.moves = append(d.moves, move{from, to})
		}
		out[heading] = d
	}
	return out
}

// TestDiagrams walks all pairs of states of every kind: the page and the code
// must allow the same moves.
func TestDiagrams(t *testing.T) {
	drawn := diagrams(t)
	for _, kind := range AllKinds() {
		m := kindTable[kind].states
		d, ok := drawn[m.name]
		if !ok {
			t.Errorf("docs/states.md has no diagram %q for %s", m.name, kind)
			continue
		}
		for _, from := range AllStates() {
			for _, to := range AllStates() {
				if got, want := CanMove(kind, from, to), slices.Contains(d.moves, move{from, to}); got != want {
					t.Errorf("%s: %s to %s is %v in the code and %v in docs/states.md", kind, from, to, got, want)
				}
			}
		}
		if diff := cmp.Diff(m.start, d.start); diff != "" {
			t.Errorf("%s: first states (code, page):\n%s", kind, diff)
		}
		sorted := func(s []Status) []Status { s = slices.Clone(s); slices.Sort(s); return s }
		if diff := cmp.Diff(sorted(m.end), sorted(d.end)); diff != "" {
			t.Errorf("%s: last states (code, page):\n%s", kind, diff)
		}
	}
}

// TestMachines checks each table in itself.
func TestMachines(t *testing.T) {
	for _, kind := range AllKinds() {
		m := kindTable[kind].states
		reached := slices.Clone(m.start)
		for grown := true; grown; {
			grown = false
			for _, v := range m.moves {
				if slices.Contains(reached, v.from) && !slices.Contains(reached, v.to) {
					reached = append(reached, v.to)
					grown = true
				}
			}
		}
		for _, s := range States(kind) {
			if !slices.Contains(reached, s) {
				t.Errorf("%s can never be in %s", kind, s)
			}
			out := slices.ContainsFunc(m.moves, func(v move) bool { return v.from == s })
			if !out && !slices.Contains(m.end, s) {
				t.Errorf("%s can never leave %s", kind, s)
			}
		}
		for i, v := range m.moves {
			if slices.Contains(m.moves[:i], v) || v.from == v.to {
				t.Errorf("%s: the move %s to %s stands twice or goes nowhere", kind, v.from, v.to)
			}
		}
	}
	if got, want := len(AllKinds()), len(kindTable); got != want {
		t.Errorf("AllKinds lists %d kinds, want %d", got, want)
	}
	if got, want := len(AllStates()), 14; got != want {
		t.Errorf("%d states, want %d", got, want)
	}
	if States("dragon") != nil || CanMove("dragon", Active, DeletePending) {
		t.Error("a kind that is none has states")
	}
}

// TestSchema checks that the store's schema allows exactly the states of each kind.
func TestSchema(t *testing.T) {
	text, err := os.ReadFile("../store/migrations/00001_resources.sql")
	if err != nil {
		t.Fatal(err)
	}
	sql := regexp.MustCompile(`(?m)--.*$`).ReplaceAllString(string(text), "")
	_, check, ok := strings.Cut(sql, "CONSTRAINT resource_status CHECK")
	if !ok {
		t.Fatal("the table has no check resource_status")
	}
	clause := regexp.MustCompile(`kind (?:= ('[a-z-]+')|IN \(([^)]*)\))\s+AND status IN \(([^)]*)\)`)
	words := func(s string) []string {
		var out []string
		for w := range strings.SplitSeq(s, ",") {
			out = append(out, strings.Trim(strings.TrimSpace(w), "'"))
		}
		return out
	}
	allowed := map[Kind][]string{}
	for _, m := range clause.FindAllStringSubmatch(check, -1) {
		for _, k := range words(m[1] + m[2]) {
			allowed[Kind(k)] = words(m[3])
		}
	}
	if len(allowed) != len(AllKinds()) {
		t.Errorf("the check names %d kinds, want %d", len(allowed), len(AllKinds()))
	}
	for _, kind := range AllKinds() {
		var want []string
		for _, s := range States(kind) {
			want = append(want, string(s))
		}
		got := slices.Clone(allowed[kind])
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (code, schema):\n%s", kind, diff)
		}
	}
}
