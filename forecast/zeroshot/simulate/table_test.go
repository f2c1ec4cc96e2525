package simulate

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the table into the docs instead of comparing")

const page = "../../../docs/zero-shot-simulator.md"

const begin, end = "<!-- table: begin -->\n", "<!-- table: end -->\n"

// The docs show the table of the code, every range of it. With -update the
// test writes it.
func TestDocs(t *testing.T) {
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	from, to := strings.Index(text, begin)+len(begin), strings.Index(text, end)
	if from < len(begin) || to < from {
		t.Fatalf("%s has no place for the table", page)
	}
	want := table()
	if *update {
		err := os.WriteFile(page, []byte(text[:from]+want+text[to:]), 0o644)
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(want, text[from:to]); d != "" {
		t.Errorf("%s shows another table than the code has (go test -run TestDocs -update writes it) (-code +docs):\n%s", page, d)
	}
}

// table renders all ranges and shares.
func table() string {
	var b strings.Builder
	for _, v := range slices.Sorted(maps.Keys(versions)) {
		fmt.Fprintf(&b, "| version %d: season | long season | kind | share of blocks | history | horizon |\n|---|---|---|---|---|---|\n", v)
		sum := 0.0
		for _, s := range versions[v] {
			sum += s.Weight
		}
		for _, s := range versions[v] {
			fmt.Fprintf(&b, "| %d | %s | %s | %.1f %% | %d to %d | %d |\n", s.Season, none(s.Long), s.name, 100*s.Weight/sum, s.Shortest, s.Longest, s.Horizon)
		}
		b.WriteString("\n")
	}
	all := kinds()
	b.WriteString("| family |")
	for _, k := range all {
		fmt.Fprintf(&b, " %s |", k.name)
	}
	b.WriteString(" what it is |\n|---|" + strings.Repeat("---|", len(all)) + "---|\n")
	for _, f := range families {
		fmt.Fprintf(&b, "| %s |", f.name)
		for _, k := range all {
			sum := 0.0
			for _, g := range families {
				sum += g.of(k)
			}
			fmt.Fprintf(&b, " %.1f %% |", 100*f.of(k)/sum)
		}
		fmt.Fprintf(&b, " %s |\n", f.what)
	}
	b.WriteString("\n| effect | share of series | what it is |\n|---|---|---|\n")
	for _, e := range effects {
		fmt.Fprintf(&b, "| %s | %v | %s |\n", e.name, e.share, e.what)
	}
	b.WriteString("\n| range | value | kinds with another | what it is |\n|---|---|---|---|\n")
	groups := reflect.ValueOf(common)
	for i := range groups.NumField() {
		for j := range groups.Field(i).NumField() {
			field, value := groups.Field(i).Type().Field(j), groups.Field(i).Field(j).Interface()
			var others []string
			for _, k := range all {
				if v := reflect.ValueOf(*k.ranges).Field(i).Field(j).Interface(); v != value {
					others = append(others, fmt.Sprintf("%s %v", k.name, v))
				}
			}
			fmt.Fprintf(&b, "| %s.%s | %v | %s | %s |\n", groups.Type().Field(i).Name, field.Name, value, strings.Join(others, "; "), field.Tag.Get("doc"))
		}
	}
	return b.String()
}

// kinds returns all kinds, in the order of the tables.
func kinds() []*kind {
	var out []*kind
	for _, v := range slices.Sorted(maps.Keys(versions)) {
		for _, s := range versions[v] {
			if !slices.Contains(out, s.kind) {
				out = append(out, s.kind)
			}
		}
	}
	return out
}

func none(n int) string {
	if n == 0 {
		return "none"
	}
	return strconv.Itoa(n)
}

func (s share) String() string      { return fmt.Sprintf("%.4g %%", 100*float64(s)) }
func (u uniform) String() string    { return fmt.Sprintf("%g to %g", u.Lo, u.Hi) }
func (u logUniform) String() string { return fmt.Sprintf("%g to %g, log-uniform", u.Lo, u.Hi) }
func (c count) String() string      { return fmt.Sprintf("%d to %d, whole", c.Lo, c.Hi) }

// Every range says what it is.
func TestTags(t *testing.T) {
	all := reflect.ValueOf(common)
	for i := range all.NumField() {
		for j := range all.Field(i).NumField() {
			if f := all.Field(i).Type().Field(j); f.Tag.Get("doc") == "" {
				t.Errorf("%s.%s has no words for the docs", all.Type().Field(i).Name, f.Name)
			}
		}
	}
}
