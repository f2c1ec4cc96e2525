package arima

import "math"

// limit keeps partial autocorrelations off the unit circle. Nearer than this
// the likelihood is flat, and a moving average that cancels a difference says
// that the difference should not have been taken.
const limit = 0.995

// coefficients holds the expanded polynomials
//
//	φ(B) = (1 − Σ φ_i B^i)(1 − Σ Φ_i B^(i·m)) = 1 − Σ phi[i−1] B^i
//	θ(B) = (1 + Σ θ_j B^j)(1 + Σ Θ_j B^(j·m)) = 1 + Σ theta[j−1] B^j
type coefficients struct {
	phi, theta []float64
}

// expand turns free parameters u, ordered φ, θ, Φ, Θ, into the polynomials. Each
// group of parameters becomes partial autocorrelations limit·tanh(u), and those
// become coefficients by the Durbin-Levinson recursion, so that every u is a
// stationary and invertible model (Monahan 1984).
func (c *coefficients) expand(o Order, u []float64) {
	var buf [4][8]float64
	ar := levinson(buf[0][:0], u[:o.P])
	ma := levinson(buf[1][:0], u[o.P:o.P+o.Q])
	sar := levinson(buf[2][:0], u[o.P+o.Q:o.P+o.Q+o.SP])
	sma := levinson(buf[3][:0], u[o.P+o.Q+o.SP:o.arma()])
	c.phi = product(c.phi[:0], ar, sar, o.Period)
	c.theta = product(c.theta[:0], ma, sma, o.Period)
	for i := range c.theta { // 1 − Σ c B^j is invertible, and the sign is the moving average's
		c.theta[i] = -c.theta[i]
	}
}

// levinson appends the coefficients of a stationary autoregression whose partial
// autocorrelations are limit·tanh(u).
func levinson(dst, u []float64) []float64 {
	var old [8]float64
	for k, x := range u {
		r := limit * math.Tanh(x)
		copy(old[:], dst)
		for i := range dst {
			dst[i] = old[i] - r*old[k-1-i]
		}
		dst = append(dst, r)
	}
	return dst
}

// free is the inverse of levinson: it appends the u of given coefficients,
// which must be stationary.
func free(dst, coef []float64) []float64 {
	k := len(coef)
	a := append([]float64(nil), coef...)
	u := make([]float64, k)
	old := make([]float64, k)
	for i := k - 1; i >= 0; i-- {
		r := a[i]
		u[i] = math.Atanh(max(-0.999999, min(0.999999, r/limit)))
		copy(old, a)
		for j := range i {
			a[j] = (old[j] + r*old[i-1-j]) / (1 - r*r)
		}
	}
	return append(dst, u...)
}

// product appends the coefficients c of 1 − Σ c_i B^i = (1 − Σ a_i B^i)(1 − Σ b_j B^(j·m)).
func product(dst, a, b []float64, m int) []float64 {
	n := len(a) + m*len(b)
	for range n {
		dst = append(dst, 0)
	}
	for i, v := range a {
		dst[i] += v
	}
	for j, w := range b {
		at := (j + 1) * m
		dst[at-1] += w
		for i, v := range a {
			dst[at+i] -= v * w
		}
	}
	return dst
}

// psi returns the first n weights of the moving average of infinite order that
// φ(B)y = θ(B)e is: y_t = Σ ψ_j e_(t−j), ψ_0 = 1.
func psi(phi, theta []float64, n int) []float64 {
	w := make([]float64, n)
	for j := range w {
		switch {
		case j == 0:
			w[j] = 1
		case j <= len(theta):
			w[j] = theta[j-1]
		}
		for i := 1; i <= min(j, len(phi)); i++ {
			w[j] += phi[i-1] * w[j-i]
		}
	}
	return w
}
