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
	Season, Long      int     // steps; the long season that is forecast beside it, 0 for none
	Weight            float64 // part of the blocks, after division by the sum
	Shortest, Longest int     // history of a window, log-uniform
	Burn, Horizon     int     // steps thrown away; steps of the target
}

// seasons is the part of the table that depends on the season's length.
var seasons = []seasonPrior{
	{1, 0, .24, 6, 100, 10, 24},
	{4, 0, .17, 8, 140, 12, 24},
	{12, 0, .27, 12, 320, 24, 48},
	{7, 364, .16, 14, 1300, 14, 60},
	{52, 0, .08, 30, 420, 10, 50},
	{24, 168, .14, 30, 800, 24, 72},
	{48, 336, .03, 60, 1200, 24, 72},
	{5, 261, .03, 15, 900, 12, 50},
	{96, 672, .01, 100, 700, 24, 50},
	{168, 0, .01, 100, 900, 24, 50},
	{2, 0, .01, 8, 100, 10, 24},
	{3, 0, .01, 8, 120, 10, 24},
	{6, 0, .01, 10, 200, 12, 30},
}

// prior is the other part of the table. The tags are the words of the docs.
var prior = struct {
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
}{
	Level: levelPrior{
		Fixed: .25, Noisy: .8, Faint: .05, Step: logUniform{.02, 2}, Momentum: .5, Rho: uniform{-.3, .85},
		Reverting: .15, Kappa: uniform{.6, .99},
	},
	Slope: slopePrior{
		Some: .7, Up: .68, Size: logUniform{.003, 1.5}, Yearly: logUniform{.01, 2}, Moving: .3, Step: logUniform{.002, .12},
		Damped: .4, Damping: logUniform{.01, .25}, Change: .12,
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
		A: .9, B: 1.6, Drift: .35, Season: .3, Swing: .6, Sticky: .3, Stick: uniform{.2, .8},
		Poisson: .35, Mean: logUniform{.05, 8}, Heavy: .35, Width: uniform{.3, 1.2}, Middle: uniform{0, 4},
	},
	Window: windowPrior{Gaps: .2, Missing: uniform{0, .15}},
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
	Yearly  logUniform `doc:"the same where there is no season"`
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
