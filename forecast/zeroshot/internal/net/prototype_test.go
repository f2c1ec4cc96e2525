package net

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// recorded is what the prototype says of a history.
type recorded struct {
	Season, Long                       int
	Log                                bool
	Values                             []*float64
	Location, Scale                    float64
	Ahead                              []int
	Encoder, Steps, Anchors, Quantiles []float64
}

// TestPrototype compares features and outputs with those of the prototype, which
// was written apart from this package: testdata/prototype.json says how.
func TestPrototype(t *testing.T) {
	raw, err := os.ReadFile("testdata/prototype.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []recorded }
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) < 24 {
		t.Fatalf("%d cases", len(file.Cases))
	}
	s := Shape{Width: 8, Code: 4, Hidden: 5, Levels: []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}}
	w := &Weights{Header: Header{Shape: s}, Params: make([]float32, s.Size())}
	for i := range w.Params {
		w.Params[i] = float32(0.3 * math.Sin(0.7*float64(i)))
	}
	p := NewPredictor(w.Network())
	f := &Features{}
	for i, c := range file.Cases {
		in := Input{Season: c.Season, Long: c.Long, Log: c.Log}
		for _, v := range c.Values {
			if v == nil {
				v = new(math.NaN())
			}
			in.Values = append(in.Values, *v)
		}
		f.Compute(in)
		location := f.Location
		if c.Log {
			location += float64(f.exponent) * math.Ln2
		}
		near(t, i, "location", []float64{location}, []float64{c.Location}, 1e-9*(1+c.Scale))
		near(t, i, "scale", []float64{f.Scale}, []float64{c.Scale}, 1e-9*c.Scale)
		near(t, i, "encoder", f.Encoder, c.Encoder, 1e-5)
		p.Encode([]*Features{f})
		x, a := make([]float32, StepSize), make([]float32, Anchors)
		for k, j := range c.Ahead {
			f.Step(j, x, a)
			near(t, i, "steps", x, c.Steps[k*StepSize:][:StepSize], 1e-5)
			near(t, i, "anchors", a, c.Anchors[k*Anchors:][:Anchors], 1e-5)
			near(t, i, "quantiles", p.Decode(nil, j, 1), c.Quantiles[k*9:][:9], 1e-4)
		}
	}
}

// near wants equal numbers within a tolerance that grows with their size.
func near[T float32 | float64](t *testing.T, i int, name string, got []T, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("case %d: %d numbers of %s, want %d", i, len(got), name, len(want))
	}
	for k, v := range want {
		if !(math.Abs(float64(got[k])-v) <= tolerance*(1+math.Abs(v))) {
			t.Errorf("case %d: %s %d is %v, want %v", i, name, k, got[k], v)
		}
	}
}
