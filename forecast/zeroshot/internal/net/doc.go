// Package net is the network of the zero-shot forecaster and what it sees: the
// features of a history, the inputs of a step ahead, and the weights' file.
//
// # Units
//
// Everything the network sees and says is in units of the history itself:
//
//	z_t = (y_t − location)/scale, within ±200
//
//	location  the mean of the last season, where half of it is observed; else
//	          the last value
//	scale     (mean|y_t − y_{t−1}| + mean|y_t − y_{t−m}|)/2, at least a
//	          billionth of the mean absolute value
//
// so a history and a thousand times that history give the same numbers. In log
// space y is the logarithm of the values over a power of two; nothing depends
// on which power, since a factor is no information.
//
// # Seasons
//
// Whole seasons of m steps are aligned at the end of the history; k = 0 is the
// newest and p the phase, 0 for the first step to come.
//
//	c_k      mean of season k where 70 % of it is observed
//	d_k[p]   z − c_k − the slope within the season, which comes from the means
//	         of its neighbours
//	S[p]     mean of d_k[p] over five seasons with weights 0.85^k
//
// A long season (168 steps beside 24, 364 beside 7) is seen as the deviation
// from the centred moving mean of m steps, one, two and three long seasons
// before the target, and as how that mean went on from there.
//
// # Network
//
//	code    = dense(dense(h)),  h = a + relu(dense(a)), a = relu(dense(features))
//	out_j   = dense(g),         g = b + relu(dense(b)), b = relu(code + dense(step_j))
//	median  = out_j[0] + Σ weight_i·anchor_i, the weights being outputs too
//	quantiles = median ± cumulative softplus(out_j)·exp(out_j's width)
//
// The code is computed once for a history, the rest for each step with the same
// weights, so any horizon can be asked for. The anchors are plain forecasts
// (levels, trends, the season): the network weighs them instead of having to
// learn addition. Quantiles cannot cross.
package net
