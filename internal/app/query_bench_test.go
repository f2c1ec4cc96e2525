package app_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/almanac-forecast/almanac/internal/app"
	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/demo"
)

// BenchmarkQueryForecast asks a running service over HTTP, client included. The
// number of items hardly matters; bench/ measures it with 100,000.
func BenchmarkQueryForecast(b *testing.B) {
	a, err := app.New(app.Config{DataDir: b.TempDir(), Listen: "127.0.0.1:0"})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	if err := a.Start(ctx); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		stop()
		if err := a.Wait(ctx); err != nil {
			b.Error(err)
		}
	})
	client := &demo.Client{
		Endpoint: a.URL(), HTTP: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
		Sign: demo.Signer("bench", "bench", "us-east-1", clock.System{}),
	}
	forecast := makeForecast(b, client, 500)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			in := map[string]any{"ForecastArn": forecast, "Filters": map[string]string{"item_id": fmt.Sprintf("item-%d", i%500)}}
			if err := client.Call(b.Context(), "QueryForecast", in, nil); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// makeForecast takes the whole path with a few days of each item.
func makeForecast(tb testing.TB, client *demo.Client, items int) string {
	tb.Helper()
	var csv bytes.Buffer
	for day := range 12 {
		for i := range items {
			fmt.Fprintf(&csv, "item-%d,%s,%d\n", i, time.Date(2024, 1, 1+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), (i+day)%7)
		}
	}
	check := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	ctx := tb.Context()
	check(client.CreateBucket(ctx, "bench"))
	check(client.PutObject(ctx, "bench", "data.csv", csv.Bytes()))
	var made struct{ DatasetArn, DatasetGroupArn, DatasetImportJobArn, PredictorArn, ForecastArn string }
	attribute := func(name, kind string) map[string]string {
		return map[string]string{"AttributeName": name, "AttributeType": kind}
	}
	active := func(operation, key, arn string) {
		tb.Helper()
		for {
			var state struct{ Status, Message string }
			check(client.Call(ctx, operation, map[string]any{key: arn}, &state))
			if state.Status == "ACTIVE" {
				return
			}
			if state.Status == "CREATE_FAILED" {
				tb.Fatal(state.Message)
			}
			check(clock.System{}.Wait(ctx, 20*time.Millisecond))
		}
	}
	check(client.Call(ctx, "CreateDataset", map[string]any{
		"DatasetName": "d", "Domain": "CUSTOM", "DatasetType": "TARGET_TIME_SERIES", "DataFrequency": "D",
		"Schema": map[string]any{"Attributes": []any{attribute("item_id", "string"), attribute("timestamp", "timestamp"), attribute("target_value", "float")}},
	}, &made))
	check(client.Call(ctx, "CreateDatasetGroup", map[string]any{"DatasetGroupName": "g", "Domain": "CUSTOM", "DatasetArns": []string{made.DatasetArn}}, &made))
	check(client.Call(ctx, "CreateDatasetImportJob", map[string]any{
		"DatasetImportJobName": "i", "DatasetArn": made.DatasetArn, "TimestampFormat": "yyyy-MM-dd",
		"DataSource": map[string]any{"S3Config": map[string]string{"Path": "s3://bench/data.csv", "RoleArn": "arn:aws:iam::000000000000:role/bench"}},
	}, &made))
	active("DescribeDatasetImportJob", "DatasetImportJobArn", made.DatasetImportJobArn)
	check(client.Call(ctx, "CreateAutoPredictor", map[string]any{
		"PredictorName": "p", "ForecastHorizon": 2, "ForecastFrequency": "D", "DataConfig": map[string]any{"DatasetGroupArn": made.DatasetGroupArn},
	}, &made))
	active("DescribeAutoPredictor", "PredictorArn", made.PredictorArn)
	check(client.Call(ctx, "CreateForecast", map[string]any{"ForecastName": "f", "PredictorArn": made.PredictorArn}, &made))
	active("DescribeForecast", "ForecastArn", made.ForecastArn)
	return made.ForecastArn
}
