package simulate

import (
	"math"
	"testing"
)

// testMaker returns a maker for monthly paths.
func testMaker(seed uint64) *maker {
	m := &maker{stream: newStream(seed, 0, 0), full: 1, unit: 1}
	for i, s := range versions[General] {
		if s.Season == 12 {
			m.prior = &versions[General][i]
		}
	}
	return m
}

// The shares of the families are those of the table, within four standard
// errors; so are those of the seasons' blocks.
func TestShares(t *testing.T) {
	const n = 20_000
	m := testMaker(1)
	for version, seasons := range versions {
		total := 0.0
		for i := range seasons {
			m.prior = &seasons[i]
			total += m.prior.Weight
			got, sum := map[string]int{}, 0.0
			for range n {
				got[m.family(nil).name]++
			}
			for _, f := range families {
				sum += f.of(m.prior.kind)
			}
			for _, f := range families {
				p := f.of(m.prior.kind) / sum
				if d := float64(got[f.name])/n - p; math.Abs(d) > 4*math.Sqrt(p*(1-p)/n) {
					t.Errorf("version %d, season %d: family %s has a share of %v, want %v", version, m.prior.Season, f.name, float64(got[f.name])/n, p)
				}
			}
		}
		blocks := map[int]int{}
		for range n {
			blocks[pick(&m.stream, version, 0).Season]++
		}
		for _, s := range seasons {
			p := s.Weight / total
			if d := float64(blocks[s.Season])/n - p; math.Abs(d) > 4*math.Sqrt(p*(1-p)/n) {
				t.Errorf("version %d: season %d has a share of %v, want %v", version, s.Season, float64(blocks[s.Season])/n, p)
			}
		}
	}
}

// A pattern has mean 0 and standard deviation 1.
func TestPattern(t *testing.T) {
	m := testMaker(2)
	for _, n := range []int{2, 3, 4, 7, 12, 24, 52, 168} {
		for range 50 {
			x := m.pattern(nil, n)
			sum, square := 0.0, 0.0
			for _, v := range x {
				sum, square = sum+v/float64(n), square+v*v/float64(n)
			}
			// A pattern of equal phases, which two phases often are, stays 0.
			if math.Abs(sum) > 1e-9 || math.Abs(square-1) > 1e-3 && square != 0 {
				t.Fatalf("a pattern of %d phases has mean %v and mean square %v", n, sum, square)
			}
		}
	}
}

// One harmonic is a cosine: x_(t+1) + x_(t-1) = 2·cos(2·pi/period)·x_t.
func TestHarmonics(t *testing.T) {
	m := testMaker(3)
	x := make([]float64, 1000)
	m.harmonics(x, 365.25, 1, .5)
	for i := 1; i < len(x)-1; i++ {
		if d := x[i+1] + x[i-1] - 2*math.Cos(2*math.Pi/365.25)*x[i]; math.Abs(d) > 1e-10 {
			t.Fatalf("step %d is off by %v", i, d)
		}
	}
}

// The poles are those of a stationary process: |a2| < 1, |a1| < 1 - a2.
func TestPoles(t *testing.T) {
	m := testMaker(4)
	for range 10_000 {
		if a1, a2 := m.poles(); math.Abs(a2) >= 1 || math.Abs(a1) >= 1-a2 {
			t.Fatalf("coefficients %v and %v", a1, a2)
		}
	}
}

// Without noise the level is the sum of a geometric series: l_t = b·(1 -
// phi^(t+1))/(1 - phi), for every slope that neither moves nor changes in a
// level that is not drawn back.
func TestLevels(t *testing.T) {
	const n = 60
	seen := 0
	for seed := range uint64(300) {
		m := testMaker(seed)
		m.level = make([]float64, n)
		m.levels(0)
		l := m.level
		b, phi := l[0], (l[1]-l[0])/l[0]
		if l[0] == 0 || phi > 1+1e-9 {
			continue
		}
		want, off := 0.0, 0.0
		for i := range l {
			want += b * math.Pow(phi, float64(i))
			off = max(off, math.Abs(l[i]-want))
		}
		if off < 1e-9*float64(n) {
			seen++
		}
	}
	// 70 % have a slope, of which 70 % do not move, 88 % do not change and
	// 85 % are not drawn back: 37 %, or a few more whose change lies outside.
	if seen < 80 || seen > 140 {
		t.Errorf("%d of 300 levels follow the formula, want about 110", seen)
	}
}

// Families keep to their kind: whole numbers, or positive before they are
// rounded and have outliers.
func TestKinds(t *testing.T) {
	for _, f := range families {
		for seed := range uint64(200) {
			m := testMaker(seed)
			m.steps, m.end = 200, 152
			m.z, m.level, m.y = make([]float64, m.steps), make([]float64, m.steps), make([]float64, m.steps)
			if f.path != nil {
				f.path(m)
			} else {
				m.latent()
			}
			f.make(m)
			whole := f.name == "counts" || f.name == "sporadic" || f.name == "compound"
			positive := f.name == "exponential" || f.name == "percent" || f.name == "walk"
			if whole {
				m.finish(f.name)
			}
			for i, v := range m.y {
				if whole && (v < 0 || v != math.Floor(v)) || positive && v <= 0 || math.IsNaN(v) {
					t.Fatalf("%s, seed %d: step %d is %v", f.name, seed, i, v)
				}
			}
		}
	}
}
