// Package simulate makes the series that the zero-shot network is trained on:
// business-like histories with the steps that followed, drawn from a prior.
//
// No real series is used anywhere, so that whatever the network forecasts was
// never seen in training. The prior is the model: what no family shows is not
// forecast. Every range and share stands in one table, common and what kinds of
// series have otherwise, which docs/zero-shot-simulator.md prints.
//
// # How a series comes about
//
// A latent path, in units of one step's noise, has a level, a slope, a season,
// perhaps a second season, ARMA noise and shifts:
//
//	w_t = rho·w_(t-1) + s_level·g_t                       momentum of the level
//	l_t = kappa·l_(t-1) + b_(t-1) + w_t                   level
//	b_t = phi·b_(t-1) + s_slope·zeta_t                    slope
//	u_t = a1·u_(t-1) + a2·u_(t-2) + e_t + theta·e_(t-1)   noise
//	S_p = S_p + s_season·omega_t, p = t mod m             season
//	z_t = l_t + S_p + u_t
//
// (structural time series, Harvey 1989, with the damped slope of Gardner and
// McKenzie 1985). A family turns the path into what is observed; effects are
// laid over some of the series; some are rounded, some never go below zero,
// and windows are cut at different ends.
package simulate
