package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/pipeline"
	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/result"
	"github.com/almanac-forecast/almanac/internal/store"
)

const (
	queryItems   = 100_000
	querySteps   = 28
	queryParts   = 8
	queryClients = 32
	queryEach    = 250 // requests per client
	queryPrefix  = "forecasts/bench"
)

// queryRates are the requests per second of all clients together; 0 is as fast
// as they can.
var queryRates = []int{500, 1000, 0}

// query measures QueryForecast over a forecast of many items, whose rows and
// files are written straight to where the service keeps them.
func query(ctx context.Context, b *bench) (rows []row, err error) {
	if err := b.once(ctx, seedForecast); err != nil {
		return nil, err
	}
	s, err := b.serve(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	asked, err := s.questions(ctx, queryEach*queryClients)
	if err != nil {
		return nil, err
	}
	if _, _, err := s.ask(ctx, asked[:len(asked)/5], 0); err != nil { // warm up
		return nil, err
	}
	nothing := slices.Repeat([]request{request("GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n")}, len(asked))
	for _, rate := range queryRates {
		for _, what := range []struct {
			name, target string
			requests     []request
		}{
			{fmt.Sprintf("%d items", queryItems), "p99 5 ms", asked},
			{"for comparison, GET /healthz", "", nothing},
		} {
			used := s.cpu()
			each, took, err := s.ask(ctx, what.requests, rate)
			if err != nil {
				return nil, err
			}
			how := fmt.Sprintf("%d requests/s", rate)
			if rate == 0 {
				how = fmt.Sprintf("as fast as they can, %.0f requests/s", float64(len(each))/took.Seconds())
			}
			rows = append(rows, row{
				fmt.Sprintf("%s, %d clients, %s", what.name, queryClients, how),
				fmt.Sprintf("%s, %d µs of the server's CPU each", spread(each), (s.cpu()-used).Microseconds()/int64(len(each))), what.target,
			})
		}
	}
	return rows, nil
}

// questions returns queries for random items.
func (s *server) questions(ctx context.Context, n int) (requests []request, err error) {
	rng := rand.New(rand.NewPCG(1, 2))
	requests = make([]request, n)
	for i := range requests {
		in := map[string]any{"ForecastArn": benchARN(resource.KindForecast, "f"), "Filters": map[string]string{"item_id": item(rng.IntN(queryItems))}}
		if requests[i], err = s.request(ctx, "QueryForecast", in); err != nil {
			return nil, err
		}
	}
	return requests, nil
}

// ask has the clients send the requests and returns how long each took, and all
// of them together. With a rate, requests are due at fixed times. Where the
// client still waits for an answer when its next request is due, the time counts
// from then: a server that falls behind cannot hide it. Where it slept, the time
// counts from when it woke: that it did so late is no fault of the server.
func (s *server) ask(ctx context.Context, requests []request, rate int) (each []time.Duration, took time.Duration, err error) {
	lines := make([]*line, queryClients)
	for c := range lines {
		if lines[c], err = s.dial(ctx); err != nil {
			return nil, 0, err
		}
		defer func() { err = errors.Join(err, lines[c].close()) }()
	}
	each, errs := make([]time.Duration, len(requests)), make([]error, queryClients)
	var wg sync.WaitGroup
	start := time.Now()
	for c := range queryClients {
		wg.Go(func() {
			for i := c; i < len(requests); i += queryClients {
				began := time.Now()
				if rate > 0 {
					if due := start.Add(time.Duration(i) * time.Second / time.Duration(rate)); began.After(due) {
						began = due
					} else {
						time.Sleep(due.Sub(began))
						began = time.Now()
					}
				}
				if _, _, errs[c] = lines[c].send(requests[i]); errs[c] != nil {
					return
				}
				each[i] = time.Since(began)
			}
		})
	}
	wg.Wait()
	return each, time.Since(start), errors.Join(errs...)
}

func item(i int) string { return fmt.Sprintf("item-%06d", i) }

// seedForecast writes a forecast as the job that makes one leaves it, with the
// resources that it stems from.
func seedForecast(ctx context.Context, db *store.DB, dir string) error {
	bucket, err := blob.NewFolder(dir + "/store")
	if err != nil {
		return err
	}
	types := []string{"0.1", "0.5", "0.9"}
	if err := writeForecast(ctx, bucket, types); err != nil {
		return err
	}
	group, predictor := benchARN(resource.KindDatasetGroup, "g"), benchARN(resource.KindPredictor, "p")
	return db.Update(ctx, func(tx resource.Tx) error {
		for _, r := range []struct {
			row          resource.Row
			spec, result any
		}{
			{resource.Row{Kind: resource.KindDatasetGroup, Name: "g", ARN: group}, resource.DatasetGroupSpec{Domain: "CUSTOM"}, struct{}{}},
			{
				resource.Row{Kind: resource.KindPredictor, Name: "p", ARN: predictor, Parent: group, Group: group},
				resource.PredictorSpec{Auto: true, Horizon: querySteps, ForecastTypes: types, Frequency: "D"},
				resource.PredictorResult{},
			},
			{
				resource.Row{Kind: resource.KindForecast, Name: "f", ARN: benchARN(resource.KindForecast, "f"), Parent: predictor, Group: group},
				resource.ForecastSpec{Predictor: predictor, ForecastTypes: types, Auto: true},
				resource.ForecastResult{Prefix: queryPrefix, Series: queryItems},
			},
		} {
			row := active(r.row)
			row.Spec, row.Result = text(r.spec), text(r.result)
			if err := tx.Insert(ctx, row); err != nil {
				return err
			}
		}
		return nil
	})
}

// writeForecast writes the files of a forecast of random numbers.
func writeForecast(ctx context.Context, bucket blob.Bucket, types []string) error {
	m := result.Manifest{ID: "item_id", Types: types, Frequency: "D", Series: queryItems}
	for i := range querySteps {
		m.Times = append(m.Times, time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC).Unix())
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range queryParts {
		key := fmt.Sprintf("part-%d", i)
		part, err := writePart(ctx, bucket, queryPrefix+"/"+key, func(add func(result.Series) error) error {
			for k := range queryItems {
				if pipeline.Partition(item(k), queryParts) != i {
					continue
				}
				s := result.Series{Key: result.Key{ID: item(k)}}
				for range types {
					values := make([]float64, querySteps)
					for t := range values {
						values[t] = rng.NormFloat64() * 100
					}
					s.Values = append(s.Values, values)
				}
				if err := add(s); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		part.Key = key
		m.Parts = append(m.Parts, part)
	}
	return result.WriteManifest(ctx, bucket, queryPrefix, m)
}

func writePart(ctx context.Context, bucket blob.Bucket, key string, fill func(add func(result.Series) error) error) (result.Part, error) {
	w, err := bucket.NewWriter(ctx, key)
	if err != nil {
		return result.Part{}, err
	}
	defer w.Abort()
	p, err := result.NewPartWriter(w, result.Shape{Types: 3, Steps: querySteps})
	if err != nil {
		return result.Part{}, err
	}
	if err := fill(p.Add); err != nil {
		return result.Part{}, err
	}
	part, err := p.Close()
	if err != nil {
		return result.Part{}, err
	}
	return part, w.Close()
}
