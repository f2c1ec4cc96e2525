// Package zeroshot forecasts with a small network that was trained once, on
// simulated series only, and is compiled into the program: nothing is fitted.
//
// The network (package net tells what it sees and computes) turns a history into
// the quantiles of each step ahead. This package decides what it is shown and
// makes a forecast of what it says:
//
//   - Each season of the series that it can use gives a forecast of its own:
//     hours with a day and with a week. A longer season is also shown beside a
//     shorter one (168 beside 24, 364 beside 7), as in training. The quantiles of these views are averaged, level by level, and
//     a view counts the more the better its own forecasts from earlier times of
//     the series were (choose.go).
//   - A history without zero or negative values is forecast in plain and in log
//     space, and each quantile is the geometric mean of the two. The log result
//     is at most e times the largest value seen and, beyond that value, 1.25 times
//     the plain one, which is at least a tenth of the log one: neither can run away,
//     nor pull the other below zero.
//   - A history without negative values gets no negative quantile.
//   - Values missing at the end are forecast like steps ahead.
//
// # Quantiles and mean
//
// The network gives fifteen quantiles, 0.01 to 0.99. Others are on the line
// between their neighbours in the normal score z(p) = Φ⁻¹(p), which meets a
// normal distribution exactly; beyond 0.01 and 0.99 the line through the last
// two levels goes on. The mean is the integral of that curve, in closed form:
//
//	∫ q(p) dp = Σ over pieces a·Δp − b·Δφ(z),  q = a + b·z on a piece
//
// # Versions
//
// Weights are files with a name: zs-0001 and so on for all series, and
// zs-slow-0001 and so on for those of years and quarters, of which no season
// has more than four steps. A network for them alone follows growth as far as
// such series do; one network for all then did so for months and weeks too, and
// too far (docs/zero-shot-simulator.md). A saved model names its weights and
// their checksum, and the program holds all that were ever shipped: so a saved
// model gives the same numbers after an upgrade, on the same architecture.
package zeroshot
