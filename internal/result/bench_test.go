package result_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/result"
)

// BenchmarkQuery asks for random items of 100,000 from 32 clients at once and
// reports how long the slowest hundredth of the answers took. Target: 5 ms.
func BenchmarkQuery(b *testing.B) {
	const items, clients, steps = 100_000, 32, 28
	bucket, err := blob.NewFolder(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	sample(b, bucket, "f", items, 8, steps)
	r := result.NewReader(bucket, partition)
	times := make([][]time.Duration, clients)
	each := b.N/clients + 1
	b.ResetTimer()
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(1, uint64(c)))
			for range each {
				begun := time.Now()
				key := result.Key{ID: fmt.Sprintf("item_%06d", rnd.IntN(items))}
				if _, err := r.Query(b.Context(), "f", key); err != nil {
					b.Error(err)
					return
				}
				times[c] = append(times[c], time.Since(begun))
				// A real client waits for its answer: without this, one client
				// would ask for a whole time slice of the scheduler while 31 wait.
				runtime.Gosched()
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	all := slices.Concat(times...)
	slices.Sort(all)
	for _, share := range []float64{0.5, 0.99, 0.999} {
		at := all[min(int(share*float64(len(all))), len(all)-1)]
		b.ReportMetric(float64(at.Microseconds())/1000, fmt.Sprintf("p%v-ms", share*100))
	}
}

// BenchmarkExport writes a forecast of 10,000 items in each format.
func BenchmarkExport(b *testing.B) {
	from := blob.NewMemory()
	sample(b, from, "f", 10_000, 1, 28, "store_id")
	for _, format := range []string{result.CSV, result.Parquet} {
		b.Run(format, func(b *testing.B) {
			size := int64(0)
			for b.Loop() {
				to := blob.NewMemory()
				e := result.Export{From: from, Prefix: "f", To: to, Name: "bench", Format: format, Time: time.Unix(0, 0)}
				if err := e.Run(b.Context()); err != nil {
					b.Fatal(err)
				}
				size = 0
				if err := to.List(b.Context(), "", func(o blob.Object) error { size += o.Size; return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(size)
		})
	}
}
