// Package sample makes the data of the demonstration: a small shop chain's
// daily sales, the same for the same seed, with the things that real sales
// have. Nothing in it is measured; it is drawn from the model below.
//
// The expected sales of an item on a day are
//
//	level · trend(t) · week(t mod 7) · year(t) · promotion(t)
//
// with weekly and yearly shapes that items of one category share in part.
// Sales are drawn from a negative binomial distribution around it, so they are
// whole numbers and vary more than their mean. One item in five is
// intermittent: on most days nothing is sold.
package sample

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"time"
)

// Config says what to make. The zero value of a field means its default.
type Config struct {
	Items int       // 40
	Days  int       // 730
	Start time.Time // 2023-01-01
	Seed  uint64    // 1
}

func (c Config) withDefaults() Config {
	if c.Items == 0 {
		c.Items = 40
	}
	if c.Days == 0 {
		c.Days = 730
	}
	if c.Start.IsZero() {
		c.Start = time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if c.Seed == 0 {
		c.Seed = 1
	}
	return c
}

// Series is the history of one item, one value per day.
type Series struct {
	ID     string
	Start  time.Time
	Values []float64
}

var categories = []struct {
	name string
	week [7]float64 // from Monday, around 1
	peak float64    // day of the year on which most is sold
	sway float64    // how much more than on an average day
}{
	{"coffee", [7]float64{0.95, 0.95, 0.97, 1.00, 1.10, 1.08, 0.95}, 350, 0.15},
	{"ice-cream", [7]float64{0.75, 0.75, 0.80, 0.90, 1.20, 1.45, 1.15}, 200, 0.70},
	{"bread", [7]float64{0.95, 0.90, 0.90, 0.95, 1.15, 1.45, 0.70}, 20, 0.05},
	{"batteries", [7]float64{0.95, 0.95, 0.95, 0.95, 1.05, 1.20, 0.95}, 358, 0.45},
	{"umbrella", [7]float64{1, 1, 1, 1, 1.05, 1.05, 0.9}, 310, 0.40},
}

// Make draws the series.
func Make(cfg Config) []Series {
	cfg = cfg.withDefaults()
	all := make([]Series, cfg.Items)
	for i := range all {
		rng := rand.New(rand.NewPCG(cfg.Seed, uint64(i)))
		all[i] = item(cfg, i, rng)
	}
	return all
}

func item(cfg Config, i int, rng *rand.Rand) Series {
	category := categories[i%len(categories)]
	s := Series{ID: fmt.Sprintf("%s-%02d", category.name, i/len(categories)+1), Start: cfg.Start, Values: make([]float64, cfg.Days)}
	level := math.Exp(2.2 + 1.6*rng.Float64())
	growth := math.Exp((rng.Float64()*0.35 - 0.1) / 365) // per day
	wave := 0.8 + 0.4*rng.Float64()
	dispersion := 6 + 20*rng.Float64()
	sold := 1.0 // share of days on which anything is sold
	if i%5 == 4 {
		level, sold = level/6, 0.25
	}
	trend, promotion := 1.0, 0
	for t := range s.Values {
		day := cfg.Start.AddDate(0, 0, t)
		trend *= growth
		if promotion > 0 {
			promotion--
		} else if rng.Float64() < 1.0/60 {
			promotion = 6
		}
		mean := level * trend * category.week[(int(day.Weekday())+6)%7]
		mean *= 1 + wave*category.sway*math.Cos(2*math.Pi*(float64(day.YearDay())-category.peak)/365.25)
		if promotion > 0 {
			mean *= 1.6
		}
		if rng.Float64() < sold {
			s.Values[t] = float64(negativeBinomial(rng, mean/sold, dispersion))
		}
	}
	return s
}

// negativeBinomial draws a count with this mean and the variance
// mean + mean²/dispersion: a Poisson count whose rate is Gamma distributed.
func negativeBinomial(rng *rand.Rand, mean, dispersion float64) int {
	return poisson(rng, gamma(rng, dispersion)*mean/dispersion)
}

// gamma draws from Gamma(shape, 1) for shape ≥ 1 (Marsaglia and Tsang, 2000).
func gamma(rng *rand.Rand, shape float64) float64 {
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := rng.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(1-rng.Float64()) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// poisson draws a count by inversion; rates here are below a few hundred.
func poisson(rng *rand.Rand, rate float64) int {
	limit, p, n := -rate, math.Log(1-rng.Float64()), 0
	for p > limit {
		p += math.Log(1 - rng.Float64())
		n++
	}
	return n
}

// WriteCSV writes the series as item_id,timestamp,target_value with a header,
// day by day as a shop would append them.
func WriteCSV(w io.Writer, all []Series) error {
	b := bufio.NewWriter(w)
	_, _ = b.WriteString("item_id,timestamp,target_value\n") // bufio keeps the first error for Flush
	for t := 0; len(all) > 0 && t < len(all[0].Values); t++ {
		day := all[0].Start.AddDate(0, 0, t).Format(time.DateOnly)
		for _, s := range all {
			fmt.Fprintf(b, "%s,%s,%g\n", s.ID, day, s.Values[t])
		}
	}
	return b.Flush()
}
