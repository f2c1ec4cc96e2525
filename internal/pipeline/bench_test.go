package pipeline_test

import (
	"encoding/json"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/almanac-forecast/almanac/internal/pipeline"
)

// BenchmarkRun forecasts the file named by ALMANAC_BENCH_FILE with the model
// named by ALMANAC_BENCH_MODEL and prints the statistics of the last run.
func BenchmarkRun(b *testing.B) {
	name := os.Getenv("ALMANAC_BENCH_FILE")
	if name == "" {
		b.Skip("ALMANAC_BENCH_FILE names no file")
	}
	for b.Loop() {
		r, err := pipeline.Run(b.Context(), pipeline.RunOptions{
			Files: strings.Split(name, ","), Horizon: 28, Model: os.Getenv("ALMANAC_BENCH_MODEL"), Threads: runtime.GOMAXPROCS(0), TempDir: b.TempDir(),
		})
		if err != nil {
			b.Fatal(err)
		}
		stats, err := json.Marshal(r.Stats)
		if err != nil {
			b.Fatal(err)
		}
		b.Log(string(stats))
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
