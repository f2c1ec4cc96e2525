// Command ingest measures the import of one large CSV file: megabytes per
// core-second into sorted Parquet, peak memory, and the reading back.
//
//	go run ./bench/ingest                    # 1 GB, 10,000 hourly items
//	go run ./bench/ingest -size 10e9 -dir /big
//
// The file is generated: the rows are in the order of time, the items of an hour
// in an order that changes from hour to hour, as an export of a live system has
// them. It is deleted at the end unless -keep is given.
package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
	"time"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/dataset"
)

type config struct {
	size    float64
	items   int
	gaps    int
	dir     string
	workers int
	memory  int64
	keep    bool
	profile string

	baseline   bool
	partitions int
}

func main() {
	var c config
	flag.Float64Var(&c.size, "size", 1e9, "bytes of CSV")
	flag.IntVar(&c.items, "items", 10_000, "items")
	flag.IntVar(&c.gaps, "gaps", 0, "one in so many values is an empty cell, 0 for none")
	flag.StringVar(&c.dir, "dir", os.TempDir(), "folder for the file, the spill files and the result")
	flag.IntVar(&c.workers, "workers", 0, "workers, 0 for one per core")
	flag.Int64Var(&c.memory, "memory", 0, "memory of the import in MiB, 0 for the default")
	flag.IntVar(&c.partitions, "partitions", 0, "partitions, 0 for the number that the size asks for")
	flag.BoolVar(&c.keep, "keep", false, "keep the generated file and use it again")
	flag.StringVar(&c.profile, "cpuprofile", "", "write a CPU profile of the import to this file")
	flag.BoolVar(&c.baseline, "baseline", false, "also read the fields with encoding/csv, to compare machines and moments")
	flag.Parse()
	if err := run(context.Background(), c); err != nil {
		fmt.Fprintln(os.Stderr, "ingest:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, c config) error {
	dir := filepath.Join(c.dir, "almanac-bench-ingest")
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	for _, d := range []string{in, out} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return err
		}
	}
	if !c.keep {
		defer os.RemoveAll(dir)
	}
	defer os.RemoveAll(out)
	name := fmt.Sprintf("%.0f-%d-%d.csv", c.size, c.items, c.gaps)
	if err := generate(filepath.Join(in, name), c); err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	return measure(ctx, c, dir, name)
}

// generate writes the file unless it is there already.
func generate(path string, c config) error {
	if i, err := os.Stat(path); err == nil && float64(i.Size()) >= c.size {
		return nil
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	rng := rand.New(rand.NewPCG(1, 1))
	order := rng.Perm(c.items)
	written := 0.0
	var line []byte
	for hour := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC); written < c.size; hour = hour.Add(time.Hour) {
		stamp := hour.Format("2006-01-02 15:04:05")
		for k := range 20 { // a few swaps keep it cheap; after some hours no two neighbours are left
			i, j := rng.IntN(c.items), (k*c.items/20+rng.IntN(c.items))%c.items
			order[i], order[j] = order[j], order[i]
		}
		offset := rng.IntN(c.items)
		for i := range order {
			item := order[(i*7919+offset)%c.items]
			line = append(line[:0], "item_"...)
			line = strconv.AppendInt(line, int64(100_000+item), 10)
			line = append(append(append(line, ','), stamp...), ',')
			if c.gaps == 0 || rng.IntN(c.gaps) > 0 {
				line = strconv.AppendFloat(line, float64(rng.IntN(1_000_000))/100, 'f', 2, 64)
			}
			line = append(line, '\n')
			n, err := w.Write(line)
			if err != nil {
				return err
			}
			if written += float64(n); written >= c.size {
				break
			}
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Sync()
}

func schema() (dataset.Schema, error) {
	return dataset.NewSchema(dataset.TargetTimeSeries, "item_id", "target_value", []dataset.Attribute{
		{Name: "item_id", Type: dataset.TypeString}, {Name: "timestamp", Type: dataset.TypeTimestamp}, {Name: "target_value", Type: dataset.TypeFloat},
	})
}

func measure(ctx context.Context, c config, dir, name string) error {
	s, err := schema()
	if err != nil {
		return err
	}
	in, err := blob.NewFolder(filepath.Join(dir, "in"))
	if err != nil {
		return err
	}
	own, err := blob.NewFolder(filepath.Join(dir, "out"))
	if err != nil {
		return err
	}
	object, err := in.Stat(ctx, name)
	if err != nil {
		return err
	}
	src := dataset.Source{Bucket: in, Objects: []blob.Object{object}}
	if c.profile != "" {
		f, err := os.Create(c.profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
	}
	runtime.GC()
	cpu, start := cpuSeconds(), time.Now()
	sum, err := dataset.Import(ctx, src, s, dataset.Options{Workers: c.workers, TempDir: dir, Memory: c.memory << 20, Partitions: c.partitions}, own, "import", nil)
	pprof.StopCPUProfile()
	if err != nil {
		return err
	}
	wall, spent := time.Since(start).Seconds(), cpuSeconds()-cpu
	mb := float64(sum.Bytes) / 1e6
	fmt.Printf("import: %.0f MB, %d rows, %d series, %d partitions: %.1f s, %.1f CPU s, %.0f MB per core-second, peak %.0f MB\n",
		mb, sum.Rows, sum.Manifest.Series, sum.Manifest.Partitions, wall, spent, mb/spent, peak())
	written := int64(0)
	for _, p := range sum.Manifest.Parts {
		written += p.DataBytes
	}
	fmt.Printf("written: %.0f MB of Parquet\n", float64(written)/1e6)

	if c.baseline {
		if err := baseline(filepath.Join(dir, "in", name)); err != nil {
			return err
		}
	}
	cpu, start = cpuSeconds(), time.Now()
	rows, total, err := readBack(ctx, own)
	if err != nil {
		return err
	}
	wall, spent = time.Since(start).Seconds(), cpuSeconds()-cpu
	fmt.Printf("read: %d rows, sum %.2f: %.1f s, %.1f CPU s, %.1f Mrow per core-second\n", rows, total, wall, spent, float64(rows)/1e6/spent)
	return nil
}

// baseline reads the fields of the file with encoding/csv and does nothing with
// them. A busy machine slows both; the ratio stays.
func baseline(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	cpu := cpuSeconds()
	r := csv.NewReader(bufio.NewReaderSize(f, 1<<20))
	r.ReuseRecord = true
	for {
		if _, err := r.Read(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
	}
	spent := cpuSeconds() - cpu
	fmt.Printf("encoding/csv, fields only: %.0f MB per core-second\n", float64(r.InputOffset())/1e6/spent)
	return nil
}

func readBack(ctx context.Context, own blob.Bucket) (rows int, total float64, err error) {
	d, err := dataset.Open(ctx, own, []string{"import"})
	if err != nil {
		return 0, 0, err
	}
	for series, err := range d.All(ctx) {
		if err != nil {
			return 0, 0, err
		}
		rows += len(series.Times)
		for _, v := range series.Values[0] {
			if v == v {
				total += v
			}
		}
	}
	return rows, total, nil
}
