// Package ets holds the exponential smoothing models in their state space form.
//
// With l the level, b the slope, s the seasonal effects with period m, and
// μ the one-step forecast, the recursion of every form is
//
//	q_t = l_{t−1} + φ·b_{t−1}            trend N (b = 0), A (φ = 1), Ad
//	q_t = l_{t−1} · b_{t−1}^φ            trend M (φ = 1), Md
//	μ_t = q_t,  q_t + s_{t−m},  q_t · s_{t−m}      season N, A, M
//	e_t = y_t − μ_t
//	l_t = q_t + α·e_t/d                  d = s_{t−m} with season M, else 1
//	b_t = φ·b_{t−1} + β·e_t/d            with trend M: b_{t−1}^φ + β·e_t/(d·l_{t−1})
//	s_t = s_{t−m} + γ·e_t                with season M: s_{t−m} + γ·e_t/q_t
//
// An additive error has e_t ~ N(0, σ²), a multiplicative one e_t/μ_t ~ N(0, σ²):
// the recursion is the same, the likelihood is not. Less constants,
//
//	−2·log L = n·log(Σe²/n)                     additive
//	         = n·log(Σ(e/μ)²/n) + 2·Σlog μ      multiplicative
//
// Parameters: 0 < α < 1 (0: the level never moves, 1: it is the last value);
// β = α·β*, 0 < β* < 1 (0: the slope never moves); γ = (1−α)·γ*, 0 < γ* < 1 (0: the
// season never changes); 0.8 ≤ φ ≤ 0.98 (1 would be no damping). The initial
// states are estimated too, the effects adding up to 0 (to m where they
// multiply); with seasons of 25 and more they are taken from the first cycles.
//
// The parameters are those of the largest likelihood times prior: normal
// distributions of the logistic variables behind α, β*, γ* and φ, see
// objective.go. Forms are compared by
//
//	C = −2·log(L·prior) + 2k + k(k+1)/(n−k−1)
//
// which is AICc with half of its correction for few observations, since priors
// bind the parameters, among those forms that are numerically sound: without a
// multiplicative trend and without an additive error beside a multiplicative season. Forms with anything
// multiplicative need positive data, a multiplicative season needs data away from
// zero. Any form can be asked for by name. Unless one form alone is wanted, those
// within 12 of the smallest C are combined with weights exp(−ΔC/4).
//
// A season is the shortest that the series holds two cycles of. Longer ones are
// taken out before and put back after (package cycle). Hours of days and weeks hang
// together: most of what one is above its forecast is gone some hours later, where the
// level of every form above keeps α of it. So in series that hold several seasons β*
// of trend Ad goes down to −(1−φ), the edge of the region where the recursion
// forgets its start (Hyndman, Akram and Archibald 2008): with β < 0 an error is followed by a
// slope back,
//
//	c_j = α + β(φ + … + φ^j) → α + βφ/(1−φ) ≥ α(1−φ)
//
// which is what an autoregressive error of φ does beside a level (Taylor 2003). The prior
// of β* is then wide, with the middle 0.
//
// A missing value has no error: the states pass it unchanged and it is not
// counted in n.
//
// Quantiles are those of a t distribution around the mean. Its variance is that
// of chapter 6 of the reference with σ² = Σe²/(n−k): exact for additive errors
// with additive components (class 1) and multiplicative errors with additive
// components (class 2), an approximation beyond one season for multiplicative
// seasons (class 3), and simulated for the other forms. To it comes the variance
// between the combined forms. It is then mixed with the squared errors that
// the same parameters made from earlier times of the series at the same
// distance, and bounded by a multiple of those of a naive forecast. The shape of
// those errors is mixed with that of the t distribution (spread.Shown).
//
// References: R. J. Hyndman, M. Akram and B. C. Archibald, The admissible parameter
// space for exponential smoothing models, Annals Inst. Statist. Math. 60 (2008). J. W.
// Taylor, Short-term electricity demand forecasting using double seasonal exponential
// smoothing, J. Oper. Res. Soc. 54 (2003). R. J. Hyndman, A. B. Koehler, J. K. Ord and R. D. Snyder,
// Forecasting with Exponential Smoothing: The State Space Approach (2008),
// chapters 2, 5, 6 and 7. S. Kolassa, Combining exponential smoothing forecasts
// using Akaike weights, International Journal of Forecasting 27 (2011).
//
// Departs from them and from the well-known programs in these points:
//   - the likelihood is maximised with exact gradients, the recursion run
//     backwards, in about a hundredth of the evaluations of a simplex search;
//   - likelihood alone chooses slopes that follow every error, and short series
//     give it no reason not to: hence the priors;
//   - one form is chosen only when asked for: forms of nearly equal likelihood forecast
//     differently, and their average is better than the first of them;
//   - quantiles are wider for short series (n−k, t distribution, variance between
//     forms) and never explode (bounds), which published automatic models are
//     known for.
//
// What that gained, MASE of the test parts of the M3 yearly, quarterly, monthly
// and hospital cases: likelihood and one form 2.783, 1.194, 0.864, 0.767; with
// priors 2.623, 1.137, 0.871, 0.757; combined by AICc and exp(−Δ/2) 2.607, 1.120,
// 0.856, 0.752; by C and exp(−Δ/4), with a wider prior of γ, 2.617, 1.088, 0.848,
// 0.752. The last was chosen on two to four origins inside the training parts,
// see docs/models.md.
package ets
