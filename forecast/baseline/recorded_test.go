package baseline

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/backtest"
	"github.com/almanac-forecast/almanac/forecast/metric"
)

// benchData returns the folder of the benchmark data.
func benchData(t *testing.T) string {
	t.Helper()
	folder, given := os.LookupEnv("ALMANAC_BENCH_DATA")
	if !given {
		folder = "../../../shared/data" // beside the repository
	}
	if _, err := os.Stat(filepath.Join(folder, "cases.csv")); given && err != nil {
		t.Fatalf("ALMANAC_BENCH_DATA holds no benchmark data: %v", err)
	} else if err != nil {
		t.Skipf("no benchmark data: %v (ALMANAC_BENCH_DATA names their folder)", err)
	}
	return folder
}

// hours reads gzipped rows item_id,timestamp,target_value before a time into
// hourly series, all of which end together.
func hours(t *testing.T, before string, paths ...string) map[string][]float64 {
	t.Helper()
	until, err := time.Parse(time.DateTime, before)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]map[int]float64{} // by item and steps back from the end
	longest := map[string]int{}
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		unzipped, err := gzip.NewReader(file)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(unzipped).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows[1:] {
			when, err := time.Parse(time.DateTime, r[1])
			if err != nil {
				t.Fatal(err)
			}
			v, err := strconv.ParseFloat(r[2], 64)
			if err != nil {
				t.Fatal(err)
			}
			back := int(until.Sub(when) / time.Hour) // 1 is the last step
			if back < 1 {
				continue
			}
			if values[r[0]] == nil {
				values[r[0]] = map[int]float64{}
			}
			values[r[0]][back] = v
			longest[r[0]] = max(longest[r[0]], back)
		}
	}
	out := map[string][]float64{}
	for key, n := range longest {
		s := make([]float64, n)
		for i := range s {
			v, ok := values[key][n-i]
			if !ok {
				v = math.NaN()
			}
			s[i] = v
		}
		out[key] = s
	}
	return out
}

// TestRecordedCases holds seasonal naive forecasts of the service's own sample
// data, scored with its formulas, as an independent program measured them: wQL
// at 0.1, 0.5 (the point taken as the median) and 0.9, and RMSE of the point.
func TestRecordedCases(t *testing.T) {
	folder := filepath.Join(benchData(t), "amazon_samples")
	demand := []string{filepath.Join(folder, "item_demand_time/train.csv.gz"), filepath.Join(folder, "item_demand_time/test.csv.gz")}
	for _, c := range []struct {
		name, before string
		paths        []string
		item         string
		horizon      int
		season       int
		low, mid, hi float64
		rmse         float64
	}{
		{"A", "2014-10-31 00:00:00", demand, "", 24, 24, 0.0727, 0.0774, 0.0434, 5.854},
		{"A", "2014-10-31 00:00:00", demand, "", 24, 168, 0.0429, 0.0934, 0.0459, 7.246},
		{"B", "2014-11-30 00:00:00", demand, "", 24, 24, 0.4586, 0.4841, 0.1526, 44.14},
		{"B", "2014-11-30 00:00:00", demand, "", 24, 168, 0.2163, 0.2317, 0.0795, 19.03},
		{"C1", "2014-10-31 00:00:00", demand, "client_12", 72, 168, 0.0504, 0.0838, 0.0401, 11.60},
		{"D", "2014-10-01 00:00:00", []string{filepath.Join(folder, "electricity_10clients/train.csv.gz"), filepath.Join(folder, "electricity_10clients/test.csv.gz")}, "", 24, 24, 0.0510, 0.0831, 0.0367, 11.33},
		{"D", "2014-10-01 00:00:00", []string{filepath.Join(folder, "electricity_10clients/train.csv.gz"), filepath.Join(folder, "electricity_10clients/test.csv.gz")}, "", 24, 168, 0.0433, 0.0796, 0.0394, 9.31},
		{"E", "2012-12-19 00:00:00", []string{filepath.Join(folder, "bike_hourly/train.csv.gz"), filepath.Join(folder, "bike_hourly/test.csv.gz")}, "", 24, 24, 0.1322, 0.1785, 0.0411, 51.20},
		{"E", "2012-12-19 00:00:00", []string{filepath.Join(folder, "bike_hourly/train.csv.gz"), filepath.Join(folder, "bike_hourly/test.csv.gz")}, "", 24, 168, 0.0806, 0.1202, 0.0716, 38.87},
	} {
		items := hours(t, c.before, c.paths...)
		sum := metric.NewAccumulator([]float64{0.1, 0.9})
		for _, key := range slices.Sorted(maps.Keys(items)) {
			if c.item != "" && key != c.item {
				continue
			}
			results, err := backtest.Run(context.Background(), SeasonalNaive{Season: c.season}, forecast.Series{Values: items[key]},
				backtest.Windows{Horizon: c.horizon}, backtest.Options{Levels: []float64{0.1, 0.9}})
			if err != nil {
				t.Fatal(err)
			}
			sum.Add(results[0].Item())
		}
		s := sum.Scores()
		for _, figure := range []struct {
			name      string
			got, want float64
		}{{"wQL .1", s.WQL[0], c.low}, {"WAPE", s.WAPE, c.mid}, {"wQL .9", s.WQL[1], c.hi}} {
			if math.Abs(figure.got-figure.want) > 0.00006 {
				t.Errorf("%s season %d: %s is %.5f, want %.4f", c.name, c.season, figure.name, figure.got, figure.want)
			}
		}
		if math.Abs(s.RMSE/c.rmse-1) > 0.0006 {
			t.Errorf("%s season %d: RMSE is %.5g, want %.4g", c.name, c.season, s.RMSE, c.rmse)
		}
	}
}
