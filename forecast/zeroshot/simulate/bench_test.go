package simulate_test

import (
	"strconv"
	"testing"

	"github.com/almanac-forecast/almanac/forecast/zeroshot/simulate"
)

// The figures are of one block; windows/s says how many windows a core makes.
func BenchmarkBlock(b *testing.B) {
	for _, season := range append([]int{0}, simulate.Seasons(simulate.General)...) {
		b.Run(strconv.Itoa(season), func(b *testing.B) {
			g := simulate.Generator{Season: season}
			for i := range uint64(64) { // so that the buffers have grown
				g.Block(0, i)
			}
			b.ReportAllocs()
			for i := uint64(0); b.Loop(); i++ {
				g.Block(1, i)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/simulate.Size, "us/window")
		})
	}
}
