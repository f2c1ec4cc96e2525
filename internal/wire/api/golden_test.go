package api

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestGolden writes responses as the service was recorded to send them.
func TestGolden(t *testing.T) {
	loss := func(quantile, value float64) WeightedQuantileLoss {
		return WeightedQuantileLoss{Quantile: &quantile, LossValue: &value}
	}
	at := func(seconds float64) *Timestamp {
		return new(Timestamp(time.UnixMilli(int64(math.Round(seconds * 1000)))))
	}
	tests := []struct {
		name string
		in   Response
		want string
	}{
		{
			// NYC taxi, May 2022; the service sent these 504 bytes.
			"metrics of an auto predictor",
			&GetAccuracyMetricsResponse{
				PredictorEvaluationResults: []EvaluationResult{{TestWindows: []WindowSummary{{
					EvaluationType: new(EvaluationTypeSummary),
					Metrics: &Metrics{
						RMSE:                        new(19.7188347820903),
						WeightedQuantileLosses:      []WeightedQuantileLoss{loss(.9, .07295946622045592), loss(.5, .13548672597013675), loss(.1, .05902989027915606)},
						ErrorMetrics:                []ErrorMetric{{ForecastType: new("mean"), WAPE: new(.13761516714925806), RMSE: new(19.7188347820903), MASE: new(.6459387062805804), MAPE: new(.22780851438883)}},
						AverageWeightedQuantileLoss: new(.08915869415658291),
					},
				}}}},
				IsAutoPredictor: new(true),
			},
			`{"PredictorEvaluationResults":[{"TestWindows":[{"EvaluationType":"SUMMARY","Metrics":{"RMSE":19.7188347820903,` +
				`"WeightedQuantileLosses":[{"Quantile":0.9,"LossValue":0.07295946622045592},{"Quantile":0.5,"LossValue":0.13548672597013675},{"Quantile":0.1,"LossValue":0.05902989027915606}],` +
				`"ErrorMetrics":[{"ForecastType":"mean","WAPE":0.13761516714925806,"RMSE":19.7188347820903,"MASE":0.6459387062805804,"MAPE":0.22780851438883}],` +
				`"AverageWeightedQuantileLoss":0.08915869415658291}}]}],"IsAutoPredictor":true}`,
		},
		{
			"a computed window",
			&GetAccuracyMetricsResponse{PredictorEvaluationResults: []EvaluationResult{{
				AlgorithmArn: new("arn:aws:forecast:::algorithm/ARIMA"),
				TestWindows:  []WindowSummary{{TestWindowStart: at(1414627200), TestWindowEnd: at(1414713600), ItemCount: new(3), EvaluationType: new(EvaluationTypeComputed)}},
			}}},
			`{"PredictorEvaluationResults":[{"AlgorithmArn":"arn:aws:forecast:::algorithm/ARIMA","TestWindows":[{"TestWindowStart":1.4146272E9,"TestWindowEnd":1.4147136E9,"ItemCount":3,"EvaluationType":"COMPUTED"}]}]}`,
		},
		{"no predictors", &ListPredictorsResponse{Predictors: []PredictorSummary{}}, `{"Predictors":[]}`},
		{"no datasets", &ListDatasetsResponse{Datasets: []DatasetSummary{}}, `{"Datasets":[]}`},
		{
			"predictors",
			&ListPredictorsResponse{Predictors: []PredictorSummary{{
				PredictorArn: new("arn:aws:forecast:us-east-1:123456789012:predictor/p"), PredictorName: new("p"), IsAutoPredictor: new(false),
				Status: new("ACTIVE"), CreationTime: at(1585708206.263), LastModificationTime: at(1585710112),
			}}, NextToken: new("t")},
			`{"Predictors":[{"PredictorArn":"arn:aws:forecast:us-east-1:123456789012:predictor/p","PredictorName":"p","IsAutoPredictor":false,"Status":"ACTIVE","CreationTime":1.585708206263E9,"LastModificationTime":1.585710112E9}],"NextToken":"t"}`,
		},
		{"dataset without a key", &DescribeDatasetResponse{DatasetName: new("d"), EncryptionConfig: &EncryptionConfig{}}, `{"DatasetName":"d","EncryptionConfig":{}}`},
		{
			"statistics sorted by field",
			&DescribeDatasetImportJobResponse{
				UseGeolocationForTimeZone: new(false), DataSize: new(0.0009746281430125237),
				FieldStatistics: map[string]Statistics{
					"timestamp":    {Count: new(1), CountLong: new(int64(1)), Min: new("2014-01-01T01:00:00Z")},
					"item_id":      {Count: new(1), CountDistinct: new(1), CountNull: new(0)},
					"target_value": {Count: new(21813), CountNan: new(0), Min: new("0.0"), Avg: new(100.), Stddev: new(1e-4)},
				},
			},
			`{"UseGeolocationForTimeZone":false,"FieldStatistics":{"item_id":{"Count":1,"CountDistinct":1,"CountNull":0},"target_value":{"Count":21813,"CountNan":0,"Min":"0.0","Avg":100.0,"Stddev":1.0E-4},` +
				`"timestamp":{"Count":1,"Min":"2014-01-01T01:00:00Z","CountLong":1}},"DataSize":9.746281430125237E-4}`,
		},
		{
			"a query",
			&QueryForecastResponse{Forecast: &Forecast{Predictions: map[string][]DataPoint{
				"p50": {}, "p10": {{Timestamp: new("2014-10-01T00:00:00"), Value: new(21.8402156829834)}, {Timestamp: new("2014-10-01T01:00:00"), Value: new(-6.300245287129642)}},
				"mean": {{Timestamp: new("2014-10-01T00:00:00"), Value: new(12345678.)}},
			}}},
			`{"Forecast":{"Predictions":{"mean":[{"Timestamp":"2014-10-01T00:00:00","Value":1.2345678E7}],"p10":[{"Timestamp":"2014-10-01T00:00:00","Value":21.8402156829834},{"Timestamp":"2014-10-01T01:00:00","Value":-6.300245287129642}],"p50":[]}}}`,
		},
		{
			"what is no number is left out",
			&GetAccuracyMetricsResponse{PredictorEvaluationResults: []EvaluationResult{{TestWindows: []WindowSummary{{
				Metrics: &Metrics{RMSE: new(math.NaN()), AverageWeightedQuantileLoss: new(math.Inf(1)), ErrorMetrics: []ErrorMetric{{WAPE: new(math.Inf(-1)), MAPE: new(0.)}}},
			}}}}},
			`{"PredictorEvaluationResults":[{"TestWindows":[{"Metrics":{"ErrorMetrics":[{"MAPE":0.0}]}}]}]}`,
		},
		{"text", &DescribeDatasetResponse{DatasetName: new("<&>'\"\\/\n\r\t\b\x7f\u2028é😀\xff")}, `{"DatasetName":"<&>'\"\\/\n\r\t\u0008` + "\x7f\u2028é😀\ufffd" + `"}`},
		{"nothing", &DescribeDatasetResponse{}, `{}`},
		{"a map of lists", &CreateAutoPredictorRequest{DataConfig: &DataConfig{AdditionalDatasets: []AdditionalDataset{{Name: new("holiday"), Configuration: map[string][]string{"CountryCode": {"US"}, "B": {}}}}}}, `{"DataConfig":{"AdditionalDatasets":[{"Name":"holiday","Configuration":{"B":[],"CountryCode":["US"]}}]}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Append(nil, tt.in)
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Error(diff)
			}
			if !json.Valid(got) {
				t.Error("not JSON")
			}
		})
	}
	if n := len(tests[0].want); n != 504 {
		t.Errorf("the recorded response has 504 bytes, ours %d", n)
	}
}

func TestTimestamp(t *testing.T) {
	for in, want := range map[string]string{
		"1615356667.162": "1.615356667162E9", "1.615356667162E9": "1.615356667162E9", "1585708206.263": "1.585708206263E9", "1412035200": "1.4120352E9",
		"1414641600.0": "1.4146416E9", "0": "0.0", "1": "1.0", "-1.5": "-1.5", "253402300799": "2.53402300799E11",
	} {
		var ts Timestamp
		if err := json.Unmarshal([]byte(in), &ts); err != nil {
			t.Errorf("%s: %v", in, err)
		}
		if got, err := json.Marshal(ts); err != nil || !jsonEqual(t, string(got), want) {
			t.Errorf("%s comes out as %s, want %s (%v)", in, got, want, err)
		}
		if got := string(ts.appendEpoch(nil)); got != want {
			t.Errorf("%s comes out as %s, want %s", in, got, want)
		}
		if ts.Time().Location() != time.UTC {
			t.Errorf("%s is not in UTC", in)
		}
	}
	for _, in := range []string{`"2020-01-01"`, `1e20`, `-1e300`, `true`} {
		var ts Timestamp
		if err := json.Unmarshal([]byte(in), &ts); err == nil {
			t.Errorf("%s is read as %v", in, ts.Time())
		}
	}
}

func jsonEqual(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal([]byte(a), &x); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(b), &y); err != nil {
		t.Fatal(err)
	}
	return cmp.Equal(x, y)
}
