package net

import "math"

const (
	recent  = 36 // latest values that are seen one by one
	plain   = 16 // of which so many also with their season
	cycles  = 8  // seasons seen as means
	phased  = 5  // seasons seen phase by phase
	longs   = 3  // long seasons seen
	scalars = 28

	// FeatureVersion changes whenever a feature of any history does: weights are
	// of one version only.
	FeatureVersion = 1
	// EncoderSize is the number of features of a history.
	EncoderSize = 2*recent + plain + (cycles - 1) + cycles + scalars
	// StepSize is the number of inputs of a step ahead.
	StepSize = 3 + 3 + 2*phased + 3 + 9 + 3*longs
	// Anchors is the number of plain forecasts that the network weighs.
	Anchors = levels + slopes + 4

	levels = 5
	slopes = 5
)

// An Input is a history to be described.
type Input struct {
	// Values holds the history, the newest last; NaN is missing. At least one
	// value is observed.
	Values []float64
	// Season is the length of the season in steps, 1 for none; Long is that of a
	// longer second one, 0 for none.
	Season, Long int
	// Log tells to describe the logarithms of the values, which are all positive.
	Log bool
}

// History returns how many of the latest values of a history are looked at.
func History(season, long int) int {
	return max(320, 8*season+40, longs*long+season+60)
}

// Features describes a history. The zero value is ready; after the first call of
// Compute with the longest history it allocates nothing.
type Features struct {
	// Location and Scale are the unit: a value is Location + Scale·z.
	Location, Scale float64
	// Encoder is what the network sees of the history.
	Encoder []float32

	season, long int
	isLog        bool
	exponent     int       // in log space values were divided by 2^exponent
	half         float64   // 2^(exponent-1), which is finite for all exponents
	x, z, seen   []float64 // [time], missing ones 0; seen is 1 where observed
	begin        int       // first time that is not padding
	first, last  int       // first and last time observed
	count        float64   // observed values
	zeros        float64   // of which zero

	stepMean, seasonMean, recentMean float64 // mean absolute differences
	means, whole                     [cycles]float64
	shape                            []float64         // S, [phase]
	dev, devSeen                     [phased][]float64 // d_k, [phase]
	strength                         float64
	sums, counts                     []float64 // cumulative, for the moving mean; only with a long season
	ds, rseen                        [recent]float64
	level                            [levels]float64
	slope                            [slopes]float64
	waves                            []wave // [phase]
}

// wave is the phase as a point of a circle.
type wave struct{ season, cos, sin float64 }

// Compute describes a history.
func (f *Features) Compute(in Input) {
	f.season, f.long, f.isLog = max(in.Season, 1), in.Long, in.Log
	f.take(in.Values)
	f.differences()
	f.scale()
	f.seasons()
	if f.long > 0 {
		f.moving()
	}
	f.describe()
}

// take copies the latest values, padded at the front to what is looked at.
func (f *Features) take(values []float64) {
	values = values[max(0, len(values)-History(f.season, f.long)):]
	need := max(recent+1, (cycles+1)*f.season, 64, longs*f.long+f.season+2)
	n := max(len(values), need)
	f.x, f.z, f.seen = resize(f.x, n), resize(f.z, n), resize(f.seen, n)
	f.begin = n - len(values)
	clear(f.x[:f.begin])
	clear(f.z[:f.begin])
	clear(f.seen[:f.begin])
	x, seen := f.x[f.begin:], f.seen[f.begin:]
	first, last, count, zeros := -1, 0, 0, 0
	for i, v := range values {
		if math.IsNaN(v) {
			x[i], seen[i] = 0, 0
			continue
		}
		x[i], seen[i] = v, 1
		if v == 0 {
			zeros++
		}
		if first < 0 {
			first = i
		}
		last = i
		count++
	}
	f.first, f.last = f.begin+max(first, 0), f.begin+last
	f.count, f.zeros = float64(count), float64(zeros)
	if f.isLog {
		f.logarithms(x, seen)
	}
}

// logarithms replaces values by their logarithms. They are divided by a power of
// two first, which rounds nothing: so twice the values give the same bits.
func (f *Features) logarithms(x, seen []float64) {
	_, f.exponent = math.Frexp(f.x[f.last])
	f.half = math.Ldexp(1, f.exponent-1)
	for i, v := range seen {
		if v > 0 {
			x[i] = math.Log(math.Ldexp(x[i], -f.exponent))
		}
	}
}

func resize(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n, n+n/2)
	}
	return s[:n]
}

// differences measures the mean absolute steps: of one, of a season, and of one lately.
func (f *Features) differences() {
	n := len(f.x)
	sum, count := f.absoluteSum(1, f.begin+1)
	if count < 2 {
		sum, count = f.jumps()
	}
	f.stepMean = sum / max(count, 1)
	sum, count = f.absoluteSum(1, n-max(8, min(f.season, 24)))
	f.recentMean = sum / max(count, 1)
	f.seasonMean = f.stepMean
	if f.season > 1 {
		sum, count = f.absoluteSum(f.season, f.begin+f.season)
		if count >= 2 {
			f.seasonMean = sum / count
		}
	}
}

// jumps sums the absolute differences of values one after the other, whatever is
// missing between them, for histories that hold hardly two neighbours.
func (f *Features) jumps() (sum, count float64) {
	before := f.first
	for t := f.first + 1; t <= f.last; t++ {
		if f.seen[t] > 0 {
			sum += math.Abs(f.x[t] - f.x[before])
			count++
			before = t
		}
	}
	return sum, count
}

// absoluteSum sums the absolute differences over a lag of values from a time on.
func (f *Features) absoluteSum(lag, from int) (sum, count float64) {
	from = max(from, lag)
	if from >= len(f.x) {
		return 0, 0
	}
	x, seen := f.x[from:], f.seen[from:]
	old, oldSeen := f.x[from-lag:][:len(x)], f.seen[from-lag:][:len(x)]
	seen = seen[:len(x)]
	for i, v := range x {
		both := seen[i] * oldSeen[i]
		sum += math.Abs(v-old[i]) * both
		count += both
	}
	return sum, count
}

// limit is how far from the location a value is seen.
const limit = 200

// scale sets the unit and the values in it.
func (f *Features) scale() {
	n, w := len(f.x), f.season
	f.Location = f.x[f.last]
	if w > 1 {
		sum, count := 0.0, 0.0
		for t := n - w; t < n; t++ {
			sum += f.x[t]
			count += f.seen[t]
		}
		if count >= 0.5*float64(w) {
			f.Location = sum / count
		}
	}
	size := 0.0
	for _, v := range f.x[f.begin:] {
		size += math.Abs(v)
	}
	if f.isLog {
		size = max(size, f.count) // of a logarithm only differences mean anything
	}
	f.Scale = max((f.stepMean+f.seasonMean)/2, 1e-9*size/max(f.count, 1))
	if f.Scale == 0 {
		f.Scale = 1 // all zero
	}
	inverse := 1 / f.Scale
	seen := f.seen[f.begin:]
	x, z := f.x[f.begin:][:len(seen)], f.z[f.begin:][:len(seen)]
	for i, v := range seen {
		z[i] = bounded((x[i]-f.Location)*inverse) * v
	}
}

// bounded is a value brought within the limit; builtin min and max, which think
// of every NaN and negative zero, take twice the time.
func bounded(z float64) float64 {
	if z > limit {
		return limit
	}
	if z < -limit {
		return -limit
	}
	return z
}

// Normal returns a value in the history's unit, within ±200: what the network
// is trained to say. In log space the value must be positive.
func (f *Features) Normal(y float64) float64 {
	if f.isLog {
		y = math.Log(math.Ldexp(y, -f.exponent))
	}
	return bounded((y - f.Location) / f.Scale)
}

// Value returns what the network said in the unit of the values.
func (f *Features) Value(z float64) float64 {
	y := f.Location + f.Scale*z
	if f.isLog {
		return 2 * math.Exp(y) * f.half
	}
	return y
}
