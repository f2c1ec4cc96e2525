package api

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The groups of operations by their errors (contract 1.2).
var errorGroups = []struct{ operations, errors string }{
	{"CreateDataset", "II AE LE"},
	{"CreateDatasetGroup CreateDatasetImportJob CreatePredictor CreateAutoPredictor CreatePredictorBacktestExportJob CreateForecast CreateForecastExportJob " +
		"CreateExplainability CreateExplainabilityExport CreateMonitor CreateWhatIfAnalysis CreateWhatIfForecast CreateWhatIfForecastExport", "II AE NF IU LE"},
	{"DeleteDataset DeleteDatasetGroup DeleteDatasetImportJob DeletePredictor DeletePredictorBacktestExportJob DeleteForecast DeleteForecastExportJob DeleteExplainability " +
		"DeleteExplainabilityExport DeleteMonitor DeleteWhatIfAnalysis DeleteWhatIfForecast DeleteWhatIfForecastExport DeleteResourceTree", "II NF IU"},
	{"DescribeDataset DescribeDatasetGroup DescribeDatasetImportJob DescribePredictor DescribeAutoPredictor DescribePredictorBacktestExportJob DescribeForecast DescribeForecastExportJob " +
		"DescribeExplainability DescribeExplainabilityExport DescribeMonitor DescribeWhatIfAnalysis DescribeWhatIfForecast DescribeWhatIfForecastExport", "II NF"},
	{"GetAccuracyMetrics", "II NF IU"},
	{"ListDatasets ListDatasetGroups", "NT"},
	{"ListDatasetImportJobs ListPredictors ListPredictorBacktestExportJobs ListForecasts ListForecastExportJobs ListExplainabilities ListExplainabilityExports ListMonitors " +
		"ListWhatIfAnalyses ListWhatIfForecasts ListWhatIfForecastExports", "NT II"},
	{"ListMonitorEvaluations", "NT II NF"},
	{"ListTagsForResource UntagResource", "NF II"},
	{"TagResource", "NF LE II"},
	{"UpdateDatasetGroup", "II NF IU"},
	{"StopResource", "II LE NF"},
	{"ResumeResource", "II LE NF IU"},
	{"QueryForecast QueryWhatIfForecast", "NF IU II LE NT"},
}

var shortCodes = map[string]string{
	"II": CodeInvalidInput, "NT": CodeInvalidNextToken, "LE": CodeLimitExceeded, "AE": CodeResourceAlreadyExists, "IU": CodeResourceInUse, "NF": CodeResourceNotFound,
}

func TestOperations(t *testing.T) {
	want := map[string][]string{}
	for _, g := range errorGroups {
		var codes []string
		for c := range strings.FieldsSeq(g.errors) {
			codes = append(codes, shortCodes[c])
		}
		slices.Sort(codes)
		for op := range strings.FieldsSeq(g.operations) {
			want[op] = codes
		}
	}
	got := map[string][]string{}
	for _, e := range Entries() {
		codes := slices.Sorted(slices.Values(e.Errors))
		got[e.Name] = codes
		prefix := "AmazonForecast."
		if strings.HasPrefix(e.Name, "Query") {
			prefix = "AmazonForecastRuntime."
		}
		if e.Target != prefix+e.Name {
			t.Errorf("%s has the target %s", e.Name, e.Target)
		}
		if found, ok := Lookup(e.Target); !ok || found.Name != e.Name {
			t.Errorf("%s is not found by its target", e.Name)
		}
	}
	if len(got) != 65 {
		t.Errorf("%d operations, want 63 and 2", len(got))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestService checks that the interface is the table, and which operations
// answer without a body (contract 1.1).
func TestService(t *testing.T) {
	service := reflect.TypeFor[Service]()
	if service.NumMethod() != len(Entries()) {
		t.Errorf("%d methods, %d operations", service.NumMethod(), len(Entries()))
	}
	for _, e := range Entries() {
		method, ok := service.MethodByName(e.Name)
		if !ok {
			t.Errorf("no method %s", e.Name)
			continue
		}
		empty := strings.HasPrefix(e.Name, "Delete") || e.Name == "StopResource" || e.Name == "ResumeResource"
		if got := method.Type.NumOut() == 1; got != empty {
			t.Errorf("%s: answers without a body: %v, want %v", e.Name, got, empty)
		}
	}
}

func TestUnimplemented(t *testing.T) {
	for _, e := range Entries() {
		r, err := e.Decode(nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.Call(context.Background(), Unimplemented{}, r)
		var x *Error
		if !errors.As(err, &x) || x.Code != CodeInvalidInput || !strings.HasPrefix(x.Message, e.Name+" is not available") {
			t.Errorf("%s: %v", e.Name, err)
		}
	}
}

func TestValue(t *testing.T) {
	if Value[string](nil) != "" || Value(new(3)) != 3 {
		t.Error("Value is wrong")
	}
}
