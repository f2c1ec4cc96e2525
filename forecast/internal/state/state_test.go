package state

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/forecast"
)

func TestRoundTrip(t *testing.T) {
	w := NewWriter("model", 3)
	w.Int(-5)
	w.Float(math.Pi)
	w.Floats([]float64{1, -0.5})
	w.Floats(nil)
	w.String("why")
	data := w.Bytes()
	if v := Version(data); v != 3 {
		t.Errorf("Version = %d", v)
	}
	if v := Version(data[:4]); v != 0 {
		t.Errorf("Version of a part = %d", v)
	}
	r := NewReader(data, "model", 3)
	if v := r.Int(); v != -5 {
		t.Errorf("Int = %d", v)
	}
	if v := r.Float(); v != math.Pi {
		t.Errorf("Float = %v", v)
	}
	if diff := cmp.Diff([]float64{1, -0.5}, r.Floats()); diff != "" {
		t.Error(diff)
	}
	if v := r.Floats(); len(v) != 0 {
		t.Errorf("no floats = %v", v)
	}
	if v := r.String(); v != "why" {
		t.Errorf("String = %q", v)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	for name, r := range map[string]*Reader{
		"other model":   NewReader(data, "another", 3),
		"other version": NewReader(data, "model", 4),
		"bytes left":    NewReader(data, "model", 3),
		"empty":         NewReader(nil, "model", 3),
	} {
		if err := r.Close(); !errors.Is(err, forecast.ErrState) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzReader checks that no bytes make a reader panic or return what is not a
// finite number.
func FuzzReader(f *testing.F) {
	w := NewWriter("m", 1)
	w.Floats([]float64{1, 2})
	w.String("x")
	f.Add(w.Bytes())
	f.Add([]byte{2, 'm', 2, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, data []byte) {
		r := NewReader(data, "m", 1)
		for _, v := range r.Floats() {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Fatalf("read %v", v)
			}
		}
		_ = r.String()
		if err := r.Close(); err != nil && !errors.Is(err, forecast.ErrState) {
			t.Fatal(err)
		}
	})
}

// TestHead: a series that grows begins as before, one whose beginning was cut off
// or changed does not; the head survives being saved.
func TestHead(t *testing.T) {
	nan := math.NaN()
	values := []float64{nan, 3, 0, nan, 5, 7}
	w := NewWriter("model", 1)
	w.Head(HeadOf(values))
	r := NewReader(w.Bytes(), "model", 1)
	h := r.Head()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		values []float64
		want   bool
	}{
		{values, true},
		{append(values[:6:6], 1, 2, nan), true},
		{values[1:], true},
		{values[:5], false},
		{values[2:], false},
		{[]float64{3, 0, 4, 5, 7}, false},
	} {
		if got := h.Begins(c.values); got != c.want {
			t.Errorf("%v: %t", c.values, got)
		}
	}
}
