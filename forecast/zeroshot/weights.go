package zeroshot

import (
	"embed"
	"encoding/hex"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/zeroshot/internal/net"
)

//go:embed weights/*.bin
var files embed.FS

// Weights is a trained network, ready to run. It is immutable and safe for
// concurrent use.
type Weights struct {
	name    string
	net     *net.Weights
	network *net.Network
	mean    []float64 // of the quantiles, whose sum is the mean
	scores  []float64 // normal scores of the levels
	spare   sync.Pool // of *worker
}

// shipped holds the weights that the program has by name, so of each kind the
// newest last. Each is read when it is first asked for.
var shipped = sync.OnceValue(func() []*version {
	entries, err := files.ReadDir("weights")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	var out []*version
	for _, e := range entries { // sorted by name
		name := strings.TrimSuffix(e.Name(), ".bin")
		read := sync.OnceValue(func() *Weights {
			data, err := files.ReadFile(path.Join("weights", e.Name()))
			if err != nil {
				panic(err)
			}
			w, err := Read(name, data)
			if err != nil {
				panic(err) // a test reads all
			}
			return w
		})
		out = append(out, &version{name, read})
	}
	return out
})

type version struct {
	name string
	read func() *Weights
}

const (
	// slowPrefix begins the names of weights that were trained on years and
	// quarters only, by the version simulate.Slow of the simulator.
	slowPrefix = "zs-slow-"
	// slowSeason is the longest season that they know.
	slowSeason = 4
)

// newest returns the newest weights for a series with such seasons.
func newest(seasons []int) *version {
	slow := !slices.ContainsFunc(seasons, func(m int) bool { return m > slowSeason })
	var out *version // a test asks for both kinds
	for _, v := range shipped() {
		if strings.HasPrefix(v.name, slowPrefix) == slow {
			out = v
		}
	}
	return out
}

// Read takes weights from the bytes of a file, such as a training of one's own
// writes. A model with them saves the name and the checksum, and loads only
// where it is given the same weights.
func Read(name string, file []byte) (*Weights, error) {
	n, err := net.Unmarshal(file)
	if err != nil {
		return nil, fmt.Errorf("weights %s: %w", name, err)
	}
	w := &Weights{name: name, net: n, network: n.Network()}
	for _, p := range n.Shape.Levels {
		w.scores = append(w.scores, forecast.NormalQuantile(p))
	}
	w.mean = meanWeights(n.Shape.Levels, w.scores)
	return w, nil
}

// Name returns the name by which saved models know the weights.
func (w *Weights) Name() string { return w.name }

// sum returns the checksum in letters.
func (w *Weights) sum() string { return hex.EncodeToString(w.net.Sum[:]) }

// meanWeights returns what each quantile counts in the mean: the integral over
// the levels of the curve that is linear in the normal score between quantiles.
func meanWeights(levels, scores []float64) []float64 {
	n := len(levels)
	out := make([]float64, n)
	for i := range n - 1 {
		p0, p1, f0, f1 := levels[i], levels[i+1], density(scores[i]), density(scores[i+1])
		if i == 0 {
			p0, f0 = 0, 0
		}
		if i == n-2 {
			p1, f1 = 1, 0
		}
		// q = q0 + (z−z0)·(q1−q0)/(z1−z0), whose integral is that of 1 and of z.
		area, moment := p1-p0, f0-f1
		share := (moment - scores[i]*area) / (scores[i+1] - scores[i])
		out[i] += area - share
		out[i+1] += share
	}
	return out
}

func density(z float64) float64 { return math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) }
