package spread

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

func TestStudent(t *testing.T) {
	for _, c := range []struct{ p, freedom, want float64 }{
		{0.975, 10, 2.228139}, {0.95, 3, 2.353363}, {0.95, 1, 2.353363}, {0.975, 1e6, 1.959964}, {0.5, 7, 0},
	} {
		if got := Student(c.p, c.freedom); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("t quantile %v with %v degrees is %v, want %v (tables)", c.p, c.freedom, got, c.want)
		}
	}
}

// TestStudent_Tail puts the quantiles back into the distribution function.
func TestStudent_Tail(t *testing.T) {
	for _, n := range []float64{3, 4, 4.5, 5, 7, 12, 50, 333, 1000} {
		d := distuv.StudentsT{Sigma: 1, Nu: n}
		for _, p := range []float64{1e-6, 0.001, 0.01, 0.1, 0.3, 0.499} {
			x := Student(p, n)
			if got := d.CDF(x); math.Abs(got-p) > 1e-11*p {
				t.Errorf("%v degrees: the distribution at the quantile %v is %v, want %v", n, x, got, p)
			}
			if up := Student(1-p, n); math.Abs(up+x) > 1e-8*math.Abs(x) {
				t.Errorf("%v degrees: quantiles at %v and its complement are %v and %v", n, p, x, up)
			}
		}
	}
}

func BenchmarkStudent(b *testing.B) {
	for b.Loop() {
		Student(0.9, 37)
	}
}
