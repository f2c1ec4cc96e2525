package arima

// Priors, chosen by forecasting the last steps of the training parts of the M3
// and hospital data.
const (
	// driftWeight is the precision of a drift around zero, in errors: as if one
	// more error of the size of the drift had been seen. It decides on series of
	// ten values and says nothing on one of a hundred.
	driftWeight = 1
	// turnWeight is the precision of seasonal autoregressions below zero: a
	// season that turns round every year. Series of five seasons with two level
	// shifts whole years apart show just that, by accident.
	turnWeight = 2
)

// penalty returns −2 log of the prior, less constants.
func penalty(o Order, u []float64) float64 {
	sum := 0.0
	for _, v := range u[o.P+o.Q : o.P+o.Q+o.SP] {
		if v < 0 {
			sum += turnWeight * v * v
		}
	}
	return sum
}
