// Package cycle lets a model of one season forecast series that have several: it
// takes the longer seasons out, gives the model the latest part of the rest, and
// puts them back on its forecasts.
//
//	y_t = A_t + Σ_i e^i_(t mod m_i)           i = 2, …: the seasons after the shortest
//	ŷ_(n+h) = Â_(n+h) + Σ_i e^i_((n+h) mod m_i)
//
// With x the values less their centred moving average over the longest season and
// less the effects of all shorter seasons, x̄_k the mean of the n_k values of phase
// k, σ² the variance of values around the mean of their phase and n̄ the mean of n_k,
//
//	e_k = x̄_k·τ²/(τ² + σ²/n_k),   τ² = max(0, Σ_k x̄_k²/m − σ²/n̄)
//
// So the shortest season stays in the rest, for the model to follow as it changes,
// and a longer one gives what it adds to that: Sunday's hours less the hours of all
// days. The share of a mean that is kept is the empirical Bayes estimate, with
// equal n_k the positive part of James and Stein's: what is spread across
// the phases as widely as chance spreads means of n values is nothing, and where no
// week is seen nothing is taken out. Missing values count nowhere. A season of which the
// series does not hold two cycles is none.
//
// Values that the effects come from lie nearer to them by (2κ−κ²)σ²/n than they
// should, with κ the share, and values to come lie farther by κ²σ²/n. The same holds for
// the effects of the shortest season, which the model estimates from the n₁ cycles
// of the rest. The model knows the former distances only, so the deviation of its
// forecasts grows to √(s² + 2κσ²(1/n + 1/n₁)).
//
// The rest goes to the model from the last two cycles of the longest season on: two
// weeks of hours, two years of days. The course of a day changes through the
// year, and a model that is estimated from all of them knows their mean. The
// effects come from the whole series; weights that halve over 2, 4 or 8 cycles do as
// well.
//
// References: W. James and C. Stein, Estimation with quadratic loss, Proc. Fourth
// Berkeley Symposium 1, 1961; D. M. Miller and D. Williams, Shrinkage estimators of
// time series seasonal factors, Int. J. Forecasting 19, 2003, for seasons; J. W. Taylor,
// Short-term electricity demand forecasting using double seasonal exponential
// smoothing, J. Oper. Res. Soc. 54, 2003, for the two seasons in one model, of which
// the longer one is fixed here: in a few weeks each of its 168 phases is seen a few
// times.
//
// What it gained, and what else was tried: docs/models.md.
package cycle
