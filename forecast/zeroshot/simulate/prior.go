package simulate

// share is a probability, or a part of all.
type share float64

// uniform is a range in which all values are equally likely.
type uniform struct{ Lo, Hi float64 }

// logUniform is a range in which all ratios are equally likely.
type logUniform struct{ Lo, Hi float64 }

// count is a range of whole numbers, both ends included.
type count struct{ Lo, Hi int }

// seasonPrior is what depends on the length of the season.
type seasonPrior struct {
	*kind

	Season, Long      int     // steps; the long season that is forecast beside it, 0 for none
	Weight            float64 // part of the blocks, after division by the sum
	Shortest, Longest int     // history of a window, log-uniform
	Burn, Horizon     int     // steps thrown away; steps of the target
}

// The versions of the simulator. Each is what a network was trained on; every
// change of a block's bytes is a new one, and weights name theirs.
const (
	General = 2 // all lengths of season
	Slow    = 3 // years and quarters
)

// versions holds the part of their tables that depends on the season's length.
var versions = map[uint32][]seasonPrior{
	General: {
		{years, 1, 0, .24, 6, 100, 10, 24},
		{quarters, 4, 0, .17, 8, 140, 12, 24},
		{months, 12, 0, .27, 12, 320, 24, 48},
		{days, 7, 364, .16, 14, 1300, 14, 60},
		{weeks, 52, 0, .08, 30, 420, 10, 50},
		{hours, 24, 168, .14, 30, 800, 24, 72},
		{hours, 48, 336, .03, 60, 1200, 24, 72},
		{businessDays, 5, 261, .03, 15, 900, 12, 50},
		{hours, 96, 672, .01, 100, 700, 24, 50},
		{hours, 168, 0, .01, 100, 900, 24, 50},
		{parts, 2, 0, .01, 8, 100, 10, 24},
		{parts, 3, 0, .01, 8, 120, 10, 24},
		{months, 6, 0, .01, 10, 200, 12, 30},
	},
	Slow: {
		{slowYears, 1, 0, .50, 6, 60, 10, 24},
		{slowQuarters, 4, 0, .44, 8, 110, 12, 24},
		{slowQuarters, 2, 0, .03, 8, 100, 10, 24},
		{slowQuarters, 3, 0, .03, 8, 120, 10, 24},
	},
}

// kind is what series of some lengths of season have in common.
type kind struct {
	name   string
	ranges *ranges
}

// All kinds. What is not said is as in common.
var (
	years = newKind("years", func(r *ranges) {
		r.Slope.Size = logUniform{.01, 2}
		r.Observed.PerCent.Hi = .15 // sums of many months are steadier than months
		r.Cycle.Rho = uniform{0, .9}
	})
	quarters = newKind("quarters", func(r *ranges) {
		r.Observed.PerCent.Hi = .15
		r.Cycle.Rho = uniform{0, .9}
	})
	parts        = newKind("halves and thirds", func(r *ranges) { r.Observed.PerCent.Hi = .15 })
	months       = newKind("months")
	weeks        = newKind("weeks")
	days         = newKind("days")
	businessDays = newKind("business days")
	hours        = newKind("hours")

	slowYears = newKind("slow years", slow, func(r *ranges) {
		r.Level.Noisy, r.Level.Step.Hi, r.Level.Rho.Lo = .6, 4, 0
		r.Slope.Size, r.Slope.Step.Hi = logUniform{.04, 2}, .3
		r.Noise.Auto = .6
		r.Shock.Shifts = .3
		r.Observed.PerCent.Hi, r.Observed.Headroom.Lo = .1, .01
		r.Cycle.Rho, r.Cycle.Radius.Hi, r.Cycle.Noise.Hi = uniform{0, .9}, .9, .5
	})
	slowQuarters = newKind("slow quarters", slow, func(r *ranges) {
		r.Level.Reverting = .05
		r.Slope.Damped = .25
		r.Season.Step.Hi = .4
		r.Noise.LevelContaminated = .35
		r.Observed.PerCent.Hi, r.Observed.Headroom = .2, logUniform{.015, 40}
		r.Cycle.Rho, r.Cycle.Turned = uniform{-.1, .9}, .75
	})
)

// slow is what slow years and quarters have in common.
func slow(r *ranges) {
	r.Level.Fixed = .1
	r.Slope.Change = .15
	r.Season.Moving = .3
	r.Cycle.Growth = 1
}

// newKind returns a kind whose ranges differ from the common ones.
func newKind(name string, differ ...func(*ranges)) *kind {
	r := common
	for _, d := range differ {
		d(&r)
	}
	return &kind{name, &r}
}

// ranges is the other part of the table. The tags are the words of the docs.
type ranges struct {
	Level    levelPrior
	Slope    slopePrior
	Season   shapePrior
	Week     weekPrior
	Year     yearPrior
	Noise    noisePrior
	Shock    shockPrior
	Observed observedPrior
	Counts   countsPrior
	Sporadic sporadicPrior
	Window   windowPrior
	Walk     walkPrior
	Load     loadPrior
	Orders   ordersPrior
	Change   changePrior
	Calendar calendarPrior
	Cycle    cyclePrior
	Sales    salesPrior
}

// common holds the ranges of all kinds that do not say otherwise.
var common = ranges{
	Level: levelPrior{
		Fixed: .25, Noisy: .8, Faint: .05, Step: logUniform{.02, 2}, Momentum: .7, Rho: uniform{-.3, .85},
		Reverting: .15, Kappa: uniform{.6, .99},
	},
	Slope: slopePrior{
		Some: .7, Up: .68, Size: logUniform{.003, 1.5}, Moving: .3, Step: logUniform{.002, .12},
		Damped: .4, Damping: logUniform{.01, .25}, Change: .3,
	},
	Season: shapePrior{
		Some: .75, Size: logUniform{.15, 12}, Harmonics: .4, Decay: uniform{.3, 1}, Free: .3, Peaks: .15, Up: .75,
		Width: uniform{.15, .6}, Moving: .5, Step: logUniform{.005, .25},
	},
	Week: weekPrior{Additive: .6, Size: logUniform{.2, 4}, Factor: .16, Depth: .4},
	Year: yearPrior{Smooth: .4, Size: logUniform{.3, 8}, Decay: uniform{.2, .8}, Days: .35, Number: count{1, 8}, Effect: 6},
	Noise: noisePrior{
		Student: .18, Freedom: count{3, 8}, Laplace: .08, Contaminated: .16, Hits: uniform{.01, .1}, Factor: uniform{2, 6},
		LevelContaminated: .25, LevelHits: uniform{.01, .08}, LevelFactor: uniform{2, 7},
		Volatile: .2, Memory: uniform{.8, .99}, Volatility: uniform{.1, .5},
		Auto: .45, Complex: .35, Radius: uniform{.2, .95}, First: uniform{-.5, .95}, Second: uniform{-.5, .8}, HasSecond: .4,
		Moving: .3, Theta: uniform{-.8, .8},
	},
	Shock: shockPrior{Shifts: .15, Number: count{1, 2}, Size: 4, Outliers: .15, Rate: uniform{.002, .03}, Height: uniform{3, 10}, High: .6},
	Observed: observedPrior{
		PerCent: logUniform{.004, .35}, Range: 6, SeasonRange: 3, Headroom: logUniform{.03, 20},
		Above: .7, Base: logUniform{.02, 30}, Around: 2, Rounded: .25, Digits: logUniform{5, 5000}, Floored: .5, Negative: .15,
	},
	Counts: countsPrior{Rate: logUniform{.08, 300}, Range: 4, Spread: .6, Shape: logUniform{.4, 40}},
	Sporadic: sporadicPrior{
		A: .9, B: 1.6, Rare: .4, Chance: logUniform{.02, .3}, Drift: .35, Season: .3, Swing: .6, Sticky: .3, Stick: uniform{.2, .8},
		Poisson: .35, Mean: logUniform{.05, 8}, Heavy: .35, Width: uniform{.3, 1.2}, Middle: uniform{0, 4},
	},
	Window: windowPrior{Gaps: .2, Missing: uniform{0, .15}},
	Walk:   walkPrior{Volatile: .5, Size: logUniform{.001, .05}, Drifting: .3, Drift: .1, Reverting: .2, Back: logUniform{.002, .05}, Range: 5},
	Load: loadPrior{
		AmpDays: uniform{1, 10}, Amp: logUniform{.03, .5}, SlowDays: logUniform{1, 20}, Slow: logUniform{.05, 3},
		FastDays: logUniform{.08, 1}, Fast: logUniform{.03, 1}, Bend: .3, Noise: logUniform{.002, .3}, Smooth: .6, Harmonics: count{2, 6}, Trend: .4, Weekend: .7, Lower: .7,
		Multiply: .5, PerCent: logUniform{.03, .7}, Off: .1,
	},
	Orders: ordersPrior{Rate: logUniform{.03, 8}, Range: 3, Packs: .2, Pack: count{2, 24}, Quiet: .3, Less: logUniform{.02, .5}, Stay: logUniform{4, 40}},
	Change: changePrior{Size: logUniform{.5, 10}, AtOnce: .5, Within: uniform{.5, 4}},
	Calendar: calendarPrior{
		PerDay: .7, Trading: .6, Feast: .6, Lunar: .3, Before: uniform{1, 20}, After: uniform{1, 4}, Effect: 5,
		Holidays: .5, Length: logUniform{4, 60}, Payday: .4, Pays: uniform{1, 6},
	},
	Cycle: cyclePrior{
		Rho: uniform{-.3, .8}, Cyclic: .25, Radius: uniform{.6, .97}, Period: logUniform{3, 12},
		Growth: .7, Turned: .6, Noisy: .6, Noise: logUniform{.02, 1},
	},
	Sales: salesPrior{
		Step: logUniform{.005, .2}, Rho: uniform{-.1, .6}, Stays: logUniform{6, 100}, Price: 1, PerCent: logUniform{.08, .8},
		None: .2, Chance: logUniform{.02, .3}, Lift: logUniform{1.5, 12}, Lasts: uniform{1, 2.5}, Tired: uniform{0, .5}, Counts: .4, Rate: logUniform{1, 1000},
	},
}

type levelPrior struct {
	Fixed     share      `doc:"the level never moves"`
	Noisy     share      `doc:"there is noise around the level; without it the level moves by 1 a step, unless it is fixed"`
	Faint     float64    `doc:"standard deviation of the noise where there is none"`
	Step      logUniform `doc:"standard deviation of the level's steps, in units of the noise around it"`
	Momentum  share      `doc:"the level's steps follow each other"`
	Rho       uniform    `doc:"autocorrelation of such steps"`
	Reverting share      `doc:"the level is drawn back to where it began"`
	Kappa     uniform    `doc:"what is left of a distance after a step"`
}

type slopePrior struct {
	Some    share      `doc:"there is a slope"`
	Up      share      `doc:"it goes up"`
	Size    logUniform `doc:"its size, in units of a step's noise, over the root of the season's length"`
	Moving  share      `doc:"the slope moves"`
	Step    logUniform `doc:"standard deviation of its steps, in the same units"`
	Damped  share      `doc:"the slope fades"`
	Damping logUniform `doc:"what it loses in a step"`
	Change  share      `doc:"the slope changes once"`
}

type shapePrior struct {
	Some      share      `doc:"there is a season"`
	Size      logUniform `doc:"its standard deviation, in units of a step's noise"`
	Harmonics share      `doc:"up to six harmonics"`
	Decay     uniform    `doc:"ratio of each harmonic's amplitude to the one before"`
	Free      share      `doc:"every phase by itself; smoothed over a twelfth of the season when it is long"`
	Peaks     share      `doc:"few phases stand out; the rest are on for a part of the season and off for the other"`
	Up        share      `doc:"peaks that go up"`
	Width     uniform    `doc:"part of the season that is on"`
	Moving    share      `doc:"the season moves"`
	Step      logUniform `doc:"standard deviation of a phase's steps, once a season, in parts of the season's; half of it when the season is longer than 12"`
}

type weekPrior struct {
	Additive share      `doc:"hours: days of the week are added"`
	Size     logUniform `doc:"their standard deviation, in units of a step's noise"`
	Factor   share      `doc:"hours: days of the week multiply the path"`
	Depth    float64    `doc:"largest change by it"`
}

type yearPrior struct {
	Smooth share      `doc:"days: a year of four harmonics"`
	Size   logUniform `doc:"its size, in units of a step's noise"`
	Decay  uniform    `doc:"ratio of each harmonic's amplitude to the one before"`
	Days   share      `doc:"days: some days of the year stand out, every year"`
	Number count      `doc:"how many"`
	Effect float64    `doc:"standard deviation of their effects, in units of a step's noise"`
}

type noisePrior struct {
	Student           share   `doc:"noise of Student's distribution, of unit scale"`
	Freedom           count   `doc:"its degrees of freedom"`
	Laplace           share   `doc:"noise of Laplace's distribution"`
	Contaminated      share   `doc:"normal noise, some of it larger; all other noise is normal"`
	Hits              uniform `doc:"part that is larger"`
	Factor            uniform `doc:"how much larger"`
	LevelContaminated share   `doc:"the same for the steps of the level"`
	LevelHits         uniform `doc:"part that is larger"`
	LevelFactor       uniform `doc:"how much larger"`
	Volatile          share   `doc:"the noise's size moves, its logarithm by an autoregression"`
	Memory            uniform `doc:"autocorrelation of that logarithm"`
	Volatility        uniform `doc:"its standard deviation"`
	Auto              share   `doc:"the noise is autocorrelated, by two poles"`
	Complex           share   `doc:"the poles are complex"`
	Radius            uniform `doc:"their distance from 0; their angle is pi times a uniform number to the power 1.5"`
	First             uniform `doc:"a real pole"`
	HasSecond         share   `doc:"there is a second real pole"`
	Second            uniform `doc:"that pole"`
	Moving            share   `doc:"the noise is a moving average of order 1"`
	Theta             uniform `doc:"its coefficient"`
}

type shockPrior struct {
	Shifts   share   `doc:"the level jumps"`
	Number   count   `doc:"how often"`
	Size     float64 `doc:"standard deviation of the jumps, in units of a step's noise"`
	Outliers share   `doc:"there are outliers, in all but sporadic series"`
	Rate     uniform `doc:"how many a step"`
	Height   uniform `doc:"their height, in mean steps of the series; one for a series"`
	High     share   `doc:"outliers that go up"`
}

type observedPrior struct {
	PerCent     logUniform `doc:"size of a step in parts of the series, where noise or all multiply"`
	Range       float64    `doc:"largest logarithm of the ratio of a value to the mean, where all multiply; times the root of the path's part of the longest"`
	SeasonRange float64    `doc:"the same for season and noise where the level is additive"`
	Headroom    logUniform `doc:"distance of the lowest level from zero, in ranges of the level"`
	Above       share      `doc:"additive series that stand on zero or above"`
	Base        logUniform `doc:"their distance from zero, in ranges of the series"`
	Around      float64    `doc:"standard deviation of the middle of the others, in ranges of the series"`
	Rounded     share      `doc:"the values are rounded"`
	Digits      logUniform `doc:"the last value in units of the rounding"`
	Floored     share      `doc:"series that are rarely negative never are"`
	Negative    share      `doc:"what counts as rarely"`
}

type countsPrior struct {
	Rate   logUniform `doc:"the mean at the origin"`
	Range  float64    `doc:"largest logarithm of the ratio of another mean to it"`
	Spread share      `doc:"negative binomial; else Poisson"`
	Shape  logUniform `doc:"shape of the gamma distribution that spreads the mean"`
}

type sporadicPrior struct {
	A, B    float64    `doc:"parameters of the beta distribution of the probability of a demand"`
	Rare    share      `doc:"demands are rarer than that"`
	Chance  logUniform `doc:"their probability then"`
	Drift   share      `doc:"that probability grows or fades, over the path by a normal number of standard deviation 1 in logarithm"`
	Season  share      `doc:"it has a season"`
	Swing   float64    `doc:"the largest logarithm of the season's factor"`
	Sticky  share      `doc:"whether there was a demand decides on the next step too"`
	Stick   uniform    `doc:"the probability that it does"`
	Poisson share      `doc:"sizes are 1 and a Poisson number"`
	Mean    logUniform `doc:"its mean"`
	Heavy   share      `doc:"sizes are log-normal, rounded up; else they are 1"`
	Width   uniform    `doc:"standard deviation of their logarithm"`
	Middle  uniform    `doc:"its mean"`
}

type windowPrior struct {
	Gaps    share   `doc:"windows with gaps"`
	Missing uniform `doc:"part that is missing; the last value never is"`
}

type walkPrior struct {
	Volatile  share      `doc:"the steps' size moves, beside what the noise has"`
	Size      logUniform `doc:"size of a step in parts of the price"`
	Drifting  share      `doc:"there is a drift"`
	Drift     float64    `doc:"its standard deviation in steps"`
	Reverting share      `doc:"the price is drawn back"`
	Back      logUniform `doc:"what it loses of a distance in a step"`
	Range     float64    `doc:"largest logarithm of the ratio to the first price"`
}

type loadPrior struct {
	AmpDays   uniform    `doc:"memory of the day's size in days"`
	Amp       logUniform `doc:"standard deviation of its logarithm"`
	SlowDays  logUniform `doc:"memory of the level's driver in days"`
	Slow      logUniform `doc:"its standard deviation, in units of the day's"`
	FastDays  logUniform `doc:"memory of the noise in days"`
	Fast      logUniform `doc:"its standard deviation"`
	Bend      share      `doc:"the level rises with the driver's distance from 0"`
	Noise     logUniform `doc:"standard deviation of noise without memory"`
	Smooth    share      `doc:"days are of few harmonics; else as seasons are"`
	Harmonics count      `doc:"how many"`
	Trend     share      `doc:"a trend, over the path of standard deviation 1"`
	Weekend   share      `doc:"two days of the week are of another shape"`
	Lower     float64    `doc:"standard deviation of their difference in level"`
	Multiply  share      `doc:"the exponential is observed; else the sum"`
	PerCent   logUniform `doc:"standard deviation of the day in the logarithm"`
	Off       share      `doc:"sums less their mean, and zero where that is negative"`
}

type ordersPrior struct {
	Rate  logUniform `doc:"mean number of orders at the origin; sizes as those of sporadic series"`
	Range float64    `doc:"largest logarithm of the ratio of another mean to it"`
	Packs share      `doc:"all is sold in packs"`
	Pack  count      `doc:"their size"`
	Quiet share      `doc:"there are quiet and busy times"`
	Less  logUniform `doc:"the rate in quiet times, in parts of the busy one"`
	Stay  logUniform `doc:"mean length of such times"`
}

type changePrior struct {
	Size   logUniform `doc:"standard deviation of what is added to the season, in units of a step's noise"`
	AtOnce share      `doc:"it comes at once"`
	Within uniform    `doc:"else within so many seasons"`
}

type calendarPrior struct {
	PerDay   float64    `doc:"months: standard deviation of the effect of a day more, in units of a step's noise"`
	Trading  share      `doc:"months: days of the week have effects of that size"`
	Feast    share      `doc:"a feast that moves as Easter does, or by a lunar year"`
	Lunar    share      `doc:"by a lunar year"`
	Before   uniform    `doc:"days before it that have an effect"`
	After    uniform    `doc:"days of the feast"`
	Effect   float64    `doc:"standard deviation of their effects on a step; half of it for holidays and days of the month"`
	Holidays share      `doc:"weeks and less: one to three holidays a year"`
	Length   logUniform `doc:"their length in days"`
	Payday   share      `doc:"days: a time of the month stands out"`
	Pays     uniform    `doc:"its length in days"`
}

type cyclePrior struct {
	Rho    uniform    `doc:"autocorrelation of growth"`
	Cyclic share      `doc:"growth has two complex poles instead"`
	Radius uniform    `doc:"their distance from 0"`
	Period logUniform `doc:"their period in seasons"`
	Growth float64    `doc:"standard deviation of mean growth, in those of growth, over half the root of the season's length"`
	Turned share      `doc:"shrinking that is turned into growth"`
	Noisy  share      `doc:"there is noise around the level"`
	Noise  logUniform `doc:"its standard deviation, in that of growth"`
}

type salesPrior struct {
	Step    logUniform `doc:"standard deviation of the level's steps, in units of the noise"`
	Rho     uniform    `doc:"autocorrelation of the noise"`
	Stays   logUniform `doc:"mean time between changes of the price"`
	Price   float64    `doc:"standard deviation of what a price does, in units of the noise"`
	PerCent logUniform `doc:"size of the noise in the logarithm"`
	None    share      `doc:"there are no deals"`
	Chance  logUniform `doc:"probability that a deal begins"`
	Lift    logUniform `doc:"sales in a deal, in multiples of others"`
	Lasts   uniform    `doc:"mean length of a deal"`
	Tired   uniform    `doc:"what is missing in the step after it; half of it in the next"`
	Counts  share      `doc:"Poisson numbers of that mean"`
	Rate    logUniform `doc:"the mean"`
}
