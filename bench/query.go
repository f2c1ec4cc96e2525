package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"time"
)

const (
	queryItems   = 100_000
	queryDays    = 12
	queryClients = 32
	queryEach    = 500 // requests per client
	queryRate    = 500 // requests per second of all clients, where they are paced
)

// query measures QueryForecast over a forecast of many items, made through the
// API like any other.
func query(ctx context.Context, b *bench) ([]row, error) {
	s, err := b.serve(ctx, filepath.Join(b.dir, "data"))
	if err != nil {
		return nil, err
	}
	began := time.Now()
	forecast, err := s.makeForecast(ctx)
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}
	made := time.Since(began)
	if _, err := s.ask(ctx, forecast, 100, 0); err != nil { // warm up
		return nil, errors.Join(err, s.stop())
	}
	paced, err := s.ask(ctx, forecast, queryEach, queryRate)
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}
	used := s.cpu()
	began = time.Now()
	flat, err := s.ask(ctx, forecast, queryEach, 0)
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}
	perSecond := float64(len(flat)) / time.Since(began).Seconds()
	each := (s.cpu() - used) / time.Duration(len(flat))
	what := fmt.Sprintf("QueryForecast, %d items, %d clients", queryItems, queryClients)
	return []row{
		{fmt.Sprintf("%s, %d requests/s", what, queryRate), spread(paced), "p99 5 ms"},
		{what + ", as fast as they can", spread(flat), ""},
		{"the same", fmt.Sprintf("%.0f requests/s, %d µs of the server's CPU each", perSecond, each.Microseconds()), ""},
		{fmt.Sprintf("import, train and forecast of %d items of %d days", queryItems, queryDays), fmt.Sprintf("%.1f s", made.Seconds()), ""},
	}, s.stop()
}

// ask sends n requests from each client and returns how long each took. With a
// rate, requests are due at fixed times, and the time of one counts from when
// it was due: a server that falls behind cannot hide it.
func (s *server) ask(ctx context.Context, forecast string, n, rate int) ([]time.Duration, error) {
	start := time.Now()
	var wg sync.WaitGroup
	times, errs := make([]time.Duration, n*queryClients), make([]error, queryClients)
	for c := range queryClients {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(1, uint64(c)))
			for i := range n {
				in := map[string]any{"ForecastArn": forecast, "Filters": map[string]string{"item_id": item(rng.IntN(queryItems))}}
				began := time.Now()
				if rate > 0 {
					due := start.Add(time.Duration(i*queryClients+c) * time.Second / time.Duration(rate))
					time.Sleep(due.Sub(began))
					began = due
				}
				if err := s.client.Call(ctx, "QueryForecast", in, nil); err != nil {
					errs[c] = err
					return
				}
				times[c*n+i] = time.Since(began)
			}
		})
	}
	wg.Wait()
	return times, errors.Join(errs...)
}

func item(i int) string { return fmt.Sprintf("item-%06d", i) }

// makeForecast takes the whole path and returns the forecast's ARN.
func (s *server) makeForecast(ctx context.Context) (string, error) {
	var csv bytes.Buffer
	rng := rand.New(rand.NewPCG(1, 1))
	for day := range queryDays {
		date := time.Date(2024, 1, 1+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		for i := range queryItems {
			fmt.Fprintf(&csv, "%s,%s,%d\n", item(i), date, rng.IntN(100))
		}
	}
	if err := s.client.CreateBucket(ctx, "bench"); err != nil {
		return "", err
	}
	if err := s.client.PutObject(ctx, "bench", "data.csv", csv.Bytes()); err != nil {
		return "", err
	}
	var made struct{ DatasetArn, DatasetGroupArn, DatasetImportJobArn, PredictorArn, ForecastArn string }
	attribute := func(name, kind string) map[string]string {
		return map[string]string{"AttributeName": name, "AttributeType": kind}
	}
	for _, step := range []struct {
		operation string
		in        func() map[string]any
		describe  string
		key       string
		arn       *string
	}{
		{"CreateDataset", func() map[string]any {
			return map[string]any{"DatasetName": "d", "Domain": "CUSTOM", "DatasetType": "TARGET_TIME_SERIES", "DataFrequency": "D", "Schema": map[string]any{
				"Attributes": []any{attribute("item_id", "string"), attribute("timestamp", "timestamp"), attribute("target_value", "float")},
			}}
		}, "", "", nil},
		{"CreateDatasetGroup", func() map[string]any {
			return map[string]any{"DatasetGroupName": "g", "Domain": "CUSTOM", "DatasetArns": []string{made.DatasetArn}}
		}, "", "", nil},
		{"CreateDatasetImportJob", func() map[string]any {
			return map[string]any{"DatasetImportJobName": "i", "DatasetArn": made.DatasetArn, "TimestampFormat": "yyyy-MM-dd", "DataSource": map[string]any{
				"S3Config": map[string]string{"Path": "s3://bench/data.csv", "RoleArn": "arn:aws:iam::000000000000:role/bench"},
			}}
		}, "DescribeDatasetImportJob", "DatasetImportJobArn", &made.DatasetImportJobArn},
		{"CreateAutoPredictor", func() map[string]any {
			return map[string]any{"PredictorName": "p", "ForecastHorizon": 2, "ForecastFrequency": "D", "DataConfig": map[string]any{"DatasetGroupArn": made.DatasetGroupArn}}
		}, "DescribeAutoPredictor", "PredictorArn", &made.PredictorArn},
		{"CreateForecast", func() map[string]any {
			return map[string]any{"ForecastName": "f", "PredictorArn": made.PredictorArn}
		}, "DescribeForecast", "ForecastArn", &made.ForecastArn},
	} {
		if err := s.client.Call(ctx, step.operation, step.in(), &made); err != nil {
			return "", err
		}
		if step.arn == nil {
			continue
		}
		if err := s.active(ctx, step.describe, step.key, *step.arn); err != nil {
			return "", fmt.Errorf("%s: %w", step.operation, err)
		}
	}
	return made.ForecastArn, nil
}
