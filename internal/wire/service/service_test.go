package service_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store/storetest"
	"github.com/almanac-forecast/almanac/internal/token"
	"github.com/almanac-forecast/almanac/internal/wire/api"
	"github.com/almanac-forecast/almanac/internal/wire/service"
)

const (
	account = "000000000000"
	prefix  = "arn:aws:forecast:us-east-1:000000000000:"
	role    = "arn:aws:iam::000000000000:role/forecast"
)

// clock stands still until it is moved.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func (*clock) Wait(ctx context.Context, _ time.Duration) error { return context.Cause(ctx) }

type env struct {
	t      *testing.T
	server *service.Server
	store  resource.Store
	clock  *clock
	caller resource.Caller
	query  queryFunc
}

type queryFunc func(forecast resource.Row, key map[string]string, start, end *time.Time) (service.Predictions, error)

// Query implements service.Querier.
func (e *env) Query(_ context.Context, forecast resource.Row, key map[string]string, start, end *time.Time) (service.Predictions, error) {
	return e.query(forecast, key, start, end)
}

func newEnv(t *testing.T) *env {
	t.Helper()
	e := &env{
		t: t, clock: &clock{time.UnixMilli(1600000000123).UTC()}, store: storetest.Open(t),
		caller: resource.Caller{Partition: "aws", Account: account, Region: "us-east-1"},
	}
	e.server = service.New(service.Config{
		Resources: resource.NewService(resource.Config{Store: e.store, Clock: e.clock}),
		Querier:   e,
		Tokens:    token.Codec{Key: []byte("a key of thirty-two bytes, secret"), Clock: e.clock},
		Caller:    func(context.Context) resource.Caller { return e.caller },
	})
	return e
}

// call sends a request as JSON, with single quotes for double ones, and
// returns the JSON of the response.
func (e *env) call(operation, body string) (string, error) {
	e.t.Helper()
	target := "AmazonForecast." + operation
	if strings.HasPrefix(operation, "Query") {
		target = "AmazonForecastRuntime." + operation
	}
	entry, ok := api.Lookup(target)
	if !ok {
		e.t.Fatalf("no operation %s", operation)
	}
	req, err := entry.Decode([]byte(strings.ReplaceAll(body, "'", `"`)))
	if err != nil {
		e.t.Fatalf("%s: %v", operation, err)
	}
	if err := req.Validate(); err != nil {
		return "", err
	}
	e.clock.now = e.clock.now.Add(time.Second)
	out, err := entry.Call(e.t.Context(), e.server, req)
	if err != nil || out == nil {
		return "", err
	}
	return strings.ReplaceAll(string(api.Append(nil, out)), `"`, "'"), nil
}

// ok is call for a request that must succeed.
func (e *env) ok(operation, body string) string {
	e.t.Helper()
	out, err := e.call(operation, body)
	if err != nil {
		e.t.Fatalf("%s: %v", operation, err)
	}
	return out
}

// is checks a response.
func (e *env) is(operation, body, want string) {
	e.t.Helper()
	got, err := e.call(operation, body)
	if err != nil {
		e.t.Errorf("%s: %v", operation, err)
		return
	}
	if got != want {
		e.t.Errorf("%s\n got %s\nwant %s", operation, got, want)
	}
}

// fails checks an error.
func (e *env) fails(operation, body string, kind resource.ErrorKind, words ...string) {
	e.t.Helper()
	_, err := e.call(operation, body)
	var re *resource.Error
	if !errors.As(err, &re) || re.Kind != kind {
		e.t.Errorf("%s: got %v, want %s", operation, err, kind)
		return
	}
	for _, w := range words {
		if !strings.Contains(re.Message, w) {
			e.t.Errorf("%s: %q does not name %q", operation, re.Message, w)
		}
	}
}

func (e *env) update(f func(ctx context.Context, tx resource.Tx) error) {
	e.t.Helper()
	ctx := e.t.Context()
	if err := e.store.Update(ctx, func(tx resource.Tx) error { return f(ctx, tx) }); err != nil {
		e.t.Fatal(err)
	}
}

func (e *env) begin(arn string) {
	e.t.Helper()
	e.clock.now = e.clock.now.Add(time.Second)
	e.update(func(ctx context.Context, tx resource.Tx) error {
		_, err := resource.Begin(ctx, tx, e.clock.now, arn)
		return err
	})
}

func (e *env) finish(arn string, result any) {
	e.t.Helper()
	e.begin(arn)
	e.update(func(ctx context.Context, tx resource.Tx) error {
		return resource.Activate(ctx, tx, e.clock.now, arn, result)
	})
}

const (
	datasetBody = `{'DatasetName':'sales','Domain':'CUSTOM','DatasetType':'TARGET_TIME_SERIES','DataFrequency':'D',
		'Schema':{'Attributes':[{'AttributeName':'item_id','AttributeType':'string'},{'AttributeName':'timestamp','AttributeType':'timestamp'},{'AttributeName':'target_value','AttributeType':'float'}]}}`
	schemaOut  = `{'Attributes':[{'AttributeName':'item_id','AttributeType':'string'},{'AttributeName':'timestamp','AttributeType':'timestamp'},{'AttributeName':'target_value','AttributeType':'float'}]}`
	sourceBody = `{'S3Config':{'Path':'s3://b/k.csv','RoleArn':'` + role + `'}}`
	importBody = `{'DatasetImportJobName':'job','DatasetArn':'` + prefix + `dataset/sales','DataSource':` + sourceBody + `,'TimestampFormat':'yyyy-MM-dd'}`
)

func TestDataset(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	arn := prefix + "dataset/sales"
	e.is("CreateDataset", datasetBody, `{'DatasetArn':'`+arn+`'}`)
	// the clock stood at 1600000000123 ms and goes on a second with each call
	e.is("DescribeDataset", `{'DatasetArn':'`+arn+`'}`, `{'DatasetArn':'`+arn+`','DatasetName':'sales','Domain':'CUSTOM','DatasetType':'TARGET_TIME_SERIES','DataFrequency':'D','Schema':`+
		schemaOut+`,'EncryptionConfig':{},'Status':'ACTIVE','CreationTime':1.600000001123E9,'LastModificationTime':1.600000001123E9}`)
	e.is("ListDatasets", `{}`, `{'Datasets':[{'DatasetArn':'`+arn+`','DatasetName':'sales','DatasetType':'TARGET_TIME_SERIES','Domain':'CUSTOM','CreationTime':1.600000001123E9,'LastModificationTime':1.600000001123E9}]}`)
	e.is("DeleteDataset", `{'DatasetArn':'`+arn+`'}`, "")
	e.fails("DescribeDataset", `{'DatasetArn':'`+prefix+`dataset/nope'}`, resource.NotFound, "No resource found "+prefix+"dataset/nope")

	sealed := strings.Replace(datasetBody, "'sales',", `'sealed','EncryptionConfig':{'RoleArn':'`+role+`','KMSKeyArn':'arn:aws:kms:us-east-1:000000000000:key/k'},`, 1)
	e.ok("CreateDataset", sealed)
	if got := e.ok("DescribeDataset", `{'DatasetArn':'`+prefix+`dataset/sealed'}`); !strings.Contains(got, `'EncryptionConfig':{'RoleArn':'`+role+`','KMSKeyArn':'arn:aws:kms:us-east-1:000000000000:key/k'}`) {
		t.Errorf("got %s", got)
	}
	e.caller.Account = "999999999999"
	e.is("ListDatasets", `{}`, `{'Datasets':[]}`)
}

func TestDatasetGroup(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.ok("CreateDataset", datasetBody)
	arn := prefix + "dataset-group/g"
	e.is("CreateDatasetGroup", `{'DatasetGroupName':'g','Domain':'CUSTOM'}`, `{'DatasetGroupArn':'`+arn+`'}`)
	e.is("DescribeDatasetGroup", `{'DatasetGroupArn':'`+arn+`'}`, `{'DatasetGroupName':'g','DatasetGroupArn':'`+arn+`','DatasetArns':[],'Domain':'CUSTOM','Status':'ACTIVE','CreationTime':1.600000002123E9,'LastModificationTime':1.600000002123E9}`)
	e.is("UpdateDatasetGroup", `{'DatasetGroupArn':'`+arn+`','DatasetArns':['`+prefix+`dataset/sales']}`, `{}`)
	e.is("DescribeDatasetGroup", `{'DatasetGroupArn':'`+arn+`'}`, `{'DatasetGroupName':'g','DatasetGroupArn':'`+arn+`','DatasetArns':['`+prefix+`dataset/sales'],'Domain':'CUSTOM','Status':'ACTIVE','CreationTime':1.600000002123E9,'LastModificationTime':1.600000004123E9}`)
	e.is("ListDatasetGroups", `{}`, `{'DatasetGroups':[{'DatasetGroupArn':'`+arn+`','DatasetGroupName':'g','CreationTime':1.600000002123E9,'LastModificationTime':1.600000004123E9}]}`)
	e.is("DeleteDatasetGroup", `{'DatasetGroupArn':'`+arn+`'}`, "")
	e.fails("DeleteDatasetGroup", `{'DatasetGroupArn':'`+arn+`'}`, resource.NotFound)
	e.is("ListDatasetGroups", `{}`, `{'DatasetGroups':[]}`)
}

func TestImportJob(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.ok("CreateDataset", datasetBody)
	arn := prefix + "dataset-import-job/sales/job"
	describe := `{'DatasetImportJobArn':'` + arn + `'}`
	e.is("CreateDatasetImportJob", importBody, `{'DatasetImportJobArn':'`+arn+`'}`)
	head := `{'DatasetImportJobName':'job','DatasetImportJobArn':'` + arn + `','DatasetArn':'` + prefix + `dataset/sales','TimestampFormat':'yyyy-MM-dd','UseGeolocationForTimeZone':false,'DataSource':` + sourceBody
	e.is("DescribeDatasetImportJob", describe, head+`,'Status':'CREATE_PENDING','CreationTime':1.600000002123E9,'LastModificationTime':1.600000002123E9,'ImportMode':'FULL'}`)
	e.begin(arn)
	e.update(func(ctx context.Context, tx resource.Tx) error { return resource.Estimate(ctx, tx, arn, time.Minute) })
	e.is("DescribeDatasetImportJob", describe, head+`,'EstimatedTimeRemainingInMinutes':1,'Status':'CREATE_IN_PROGRESS','CreationTime':1.600000002123E9,'LastModificationTime':1.600000005123E9,'ImportMode':'FULL'}`)
	e.finish(arn, resource.ImportJobResult{DataSize: 0.5, Fields: map[string]resource.FieldStatistics{
		"target_value": {Count: 3, CountDistinct: 2, CountNull: 1, CountNaN: new(int64(1)), Min: new("0.0"), Max: new("2.5"), Avg: new(1.25), Stddev: new(0.5)},
		"item_id":      {Count: 3000000000, CountDistinct: 2147483647, CountNull: 2147483648},
	}})
	e.is("DescribeDatasetImportJob", describe, head+`,'FieldStatistics':{`+
		`'item_id':{'Count':-1,'CountDistinct':2147483647,'CountNull':-1,'CountLong':3000000000,'CountDistinctLong':2147483647,'CountNullLong':2147483648},`+
		`'target_value':{'Count':3,'CountDistinct':2,'CountNull':1,'CountNan':1,'Min':'0.0','Max':'2.5','Avg':1.25,'Stddev':0.5,'CountLong':3,'CountDistinctLong':2,'CountNullLong':1,'CountNanLong':1}},`+
		`'DataSize':0.5,'Status':'ACTIVE','CreationTime':1.600000002123E9,'LastModificationTime':1.600000006123E9,'ImportMode':'FULL'}`)
	e.is("ListDatasetImportJobs", `{}`, `{'DatasetImportJobs':[{'DatasetImportJobArn':'`+arn+`','DatasetImportJobName':'job','DataSource':`+sourceBody+
		`,'Status':'ACTIVE','CreationTime':1.600000002123E9,'LastModificationTime':1.600000006123E9,'ImportMode':'FULL'}]}`)

	second := strings.Replace(importBody, "'job',", "'second','Format':'PARQUET','ImportMode':'INCREMENTAL','TimeZone':'EST',", 1)
	e.ok("CreateDatasetImportJob", second)
	arn2 := prefix + "dataset-import-job/sales/second"
	e.begin(arn2)
	e.update(func(ctx context.Context, tx resource.Tx) error {
		return resource.Fail(ctx, tx, e.clock.now, arn2, "No records were ingested for this data.")
	})
	got := e.ok("DescribeDatasetImportJob", `{'DatasetImportJobArn':'`+arn2+`'}`)
	for _, w := range []string{"'Format':'PARQUET'", "'ImportMode':'INCREMENTAL'", "'TimeZone':'EST'", "'Message':'No records were ingested for this data.'", "'Status':'CREATE_FAILED'"} {
		if !strings.Contains(got, w) {
			t.Errorf("%s lacks %s", got, w)
		}
	}
	if strings.Contains(got, "FieldStatistics") || strings.Contains(got, "DataSize") {
		t.Errorf("a failed import shows statistics: %s", got)
	}
	e.ok("DeleteDatasetImportJob", `{'DatasetImportJobArn':'`+arn2+`'}`)
}

// listed returns the names of the import jobs in a response, and its token.
func listed(t *testing.T, out string) (values []string, next string) {
	t.Helper()
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(strings.ReplaceAll(out, "'", `"`)), &all); err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	if err := json.Unmarshal(all["DatasetImportJobs"], &rows); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	for _, r := range rows {
		values = append(values, fmt.Sprint(r["DatasetImportJobName"]))
	}
	if all["NextToken"] != nil {
		if err := json.Unmarshal(all["NextToken"], &next); err != nil {
			t.Fatal(err)
		}
	}
	return values, next
}

func TestPages(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	var want []string
	for i := range 5 {
		name := fmt.Sprintf("d%d", i)
		e.ok("CreateDataset", strings.Replace(datasetBody, "'sales'", "'"+name+"'", 1))
		e.ok("CreateDatasetImportJob", strings.ReplaceAll(strings.Replace(importBody, "'job'", "'j"+name+"'", 1), "dataset/sales", "dataset/"+name))
		want = append([]string{"j" + name}, want...)
	}
	filter := `'Filters':[{'Key':'Status','Condition':'IS','Value':'CREATE_PENDING'}]`
	for _, f := range []string{"", "," + filter} {
		for _, n := range []int{1, 2, 4, 5, 100} {
			var got []string
			body := fmt.Sprintf(`{'MaxResults':%d%s}`, n, f)
			for {
				page, next := listed(t, e.ok("ListDatasetImportJobs", body))
				got = append(got, page...)
				if next == "" {
					break
				}
				body = fmt.Sprintf(`{'MaxResults':%d%s,'NextToken':'%s'}`, n, f, next)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("pages of %d%s:\n%s", n, f, diff)
			}
		}
	}
	_, next := listed(t, e.ok("ListDatasetImportJobs", `{'MaxResults':2}`))
	with := func(extra string) string { return `{'NextToken':'` + next + `'` + extra + `}` }
	// another size of page is allowed
	page, _ := listed(t, e.ok("ListDatasetImportJobs", with(`,'MaxResults':1`)))
	if !slices.Equal(page, want[2:3]) {
		t.Errorf("got %q, want %q", page, want[2:3])
	}
	const bad = resource.InvalidNextToken
	e.fails("ListDatasetImportJobs", with(","+filter), bad, "24 hours")
	e.fails("ListDatasets", with(""), bad)
	e.fails("ListPredictors", with(""), bad)
	e.fails("ListDatasetImportJobs", `{'NextToken':'banana'}`, bad)
	e.fails("ListDatasetImportJobs", `{'NextToken':'`+next[:len(next)-1]+`'}`, bad)
	e.fails("ListDatasetImportJobs", `{'NextToken':'`+swap(next)+`'}`, bad)
	e.caller.Account = "999999999999"
	e.fails("ListDatasetImportJobs", with(""), bad)
	e.caller.Account, e.caller.Region = account, "eu-west-1"
	e.fails("ListDatasetImportJobs", with(""), bad)
	e.caller.Region = "us-east-1"
	e.clock.now = e.clock.now.Add(23 * time.Hour)
	e.ok("ListDatasetImportJobs", with(""))
	e.clock.now = e.clock.now.Add(time.Hour)
	e.fails("ListDatasetImportJobs", with(""), bad)

	e.fails("ListDatasetImportJobs", `{'Filters':[{'Key':'PredictorArn','Condition':'IS','Value':'x'}]}`, resource.InvalidInput, "DatasetArn, Status")
	page, _ = listed(t, e.ok("ListDatasetImportJobs", `{'Filters':[{'Key':'DatasetArn','Condition':'IS_NOT','Value':'`+prefix+`dataset/d0'}]}`))
	if !slices.Equal(page, want[:4]) {
		t.Errorf("got %q, want %q", page, want[:4])
	}
}

// swap changes one letter in the middle of a text.
func swap(s string) string {
	b := []byte(s)
	if i := len(b) / 2; b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return string(b)
}

func TestTags(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.ok("CreateDataset", strings.Replace(datasetBody, "{", "{'Tags':[{'Key':'b','Value':''},{'Key':'a','Value':'1'}],", 1))
	arn := `{'ResourceArn':'` + prefix + `dataset/sales'`
	e.is("ListTagsForResource", arn+"}", `{'Tags':[{'Key':'a','Value':'1'},{'Key':'b','Value':''}]}`)
	e.is("TagResource", arn+",'Tags':[{'Key':'c','Value':'x'}]}", `{}`)
	e.is("UntagResource", arn+",'TagKeys':['a','b','c','d']}", `{}`)
	e.is("ListTagsForResource", arn+"}", `{'Tags':[]}`)
}

// group makes a dataset with data and its group.
func (e *env) group() {
	e.t.Helper()
	e.ok("CreateDataset", datasetBody)
	e.ok("CreateDatasetImportJob", importBody)
	e.finish(prefix+"dataset-import-job/sales/job", resource.ImportJobResult{Prefix: "x"})
	e.ok("CreateDatasetGroup", `{'DatasetGroupName':'g','Domain':'CUSTOM','DatasetArns':['`+prefix+`dataset/sales']}`)
}

func TestPredictor(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.group()
	arn := prefix + "predictor/p"
	e.is("CreatePredictor", `{'PredictorName':'p','AlgorithmArn':'arn:aws:forecast:::algorithm/ETS','ForecastHorizon':7,'ForecastTypes':['0.50','mean'],
		'EvaluationParameters':{'NumberOfBacktestWindows':2},'InputDataConfig':{'DatasetGroupArn':'`+prefix+`dataset-group/g','SupplementaryFeatures':[{'Name':'holiday','Value':'US'}]},
		'FeaturizationConfig':{'ForecastFrequency':'1D','Featurizations':[{'AttributeName':'target_value','FeaturizationPipeline':[{'FeaturizationMethodName':'filling','FeaturizationMethodParameters':{'middlefill':'nan'}}]}]},
		'OptimizationMetric':'WAPE'}`, `{'PredictorArn':'`+arn+`'}`)
	e.fails("GetAccuracyMetrics", `{'PredictorArn':'`+arn+`'}`, resource.InUse)
	m := resource.Metrics{WQL: map[string]float64{"0.1": 0.1, "0.5": 0.2, "0.9": 0.3}, AverageWQL: new(0.25), WAPE: new(0.5), RMSE: new(2.0)}
	e.finish(arn, resource.PredictorResult{
		ImportJobs: []string{prefix + "dataset-import-job/sales/job"}, Summary: m,
		Windows: []resource.WindowMetrics{{Start: 1414627200, End: 1414713600, Items: 3, Metrics: m}, {Start: 1414713600, End: 1414800000, Items: 2, Metrics: m}},
	})
	config := `{'ForecastFrequency':'1D','Featurizations':[{'AttributeName':'target_value','FeaturizationPipeline':[{'FeaturizationMethodName':'filling','FeaturizationMethodParameters':{'aggregation':'sum','backfill':'zero','frontfill':'none','middlefill':'nan'}}]}]}`
	e.is("DescribePredictor", `{'PredictorArn':'`+arn+`'}`, `{'PredictorArn':'`+arn+`','PredictorName':'p','AlgorithmArn':'arn:aws:forecast:::algorithm/ETS','AutoMLAlgorithmArns':['arn:aws:forecast:::algorithm/ETS'],'ForecastHorizon':7,'ForecastTypes':['0.5','mean'],`+
		`'PerformAutoML':false,'PerformHPO':false,'EvaluationParameters':{'NumberOfBacktestWindows':2,'BackTestWindowOffset':7},'InputDataConfig':{'DatasetGroupArn':'`+prefix+`dataset-group/g','SupplementaryFeatures':[{'Name':'holiday','Value':'US'}]},'FeaturizationConfig':`+config+`,`+
		`'PredictorExecutionDetails':{'PredictorExecutions':[{'AlgorithmArn':'arn:aws:forecast:::algorithm/ETS','TestWindows':[{'TestWindowStart':1.4147136E9,'TestWindowEnd':1.4148E9,'Status':'ACTIVE'},{'TestWindowStart':1.4146272E9,'TestWindowEnd':1.4147136E9,'Status':'ACTIVE'}]}]},`+
		`'IsAutoPredictor':false,'DatasetImportJobArns':['`+prefix+`dataset-import-job/sales/job'],'Status':'ACTIVE','CreationTime':1.600000005123E9,'LastModificationTime':1.600000007123E9,'OptimizationMetric':'WAPE'}`)
	metrics := `'Metrics':{'RMSE':2.0,'WeightedQuantileLosses':[{'Quantile':0.9,'LossValue':0.3},{'Quantile':0.5,'LossValue':0.2},{'Quantile':0.1,'LossValue':0.1}],'ErrorMetrics':[{'ForecastType':'mean','WAPE':0.5,'RMSE':2.0}],'AverageWeightedQuantileLoss':0.25}`
	e.is("GetAccuracyMetrics", `{'PredictorArn':'`+arn+`'}`, `{'PredictorEvaluationResults':[{'AlgorithmArn':'arn:aws:forecast:::algorithm/ETS','TestWindows':[{'EvaluationType':'SUMMARY',`+metrics+`},`+
		`{'TestWindowStart':1.4146272E9,'TestWindowEnd':1.4147136E9,'ItemCount':3,'EvaluationType':'COMPUTED',`+metrics+`},{'TestWindowStart':1.4147136E9,'TestWindowEnd':1.4148E9,'ItemCount':2,'EvaluationType':'COMPUTED',`+metrics+`}]}],'IsAutoPredictor':false,'OptimizationMetric':'WAPE'}`)
	e.fails("DescribeAutoPredictor", `{'PredictorArn':'`+arn+`'}`, resource.InvalidInput, "DescribePredictor")
	e.is("ListPredictors", `{'Filters':[{'Key':'DatasetGroupArn','Condition':'IS','Value':'`+prefix+`dataset-group/g'}]}`, `{'Predictors':[{'PredictorArn':'`+arn+`','PredictorName':'p','DatasetGroupArn':'`+prefix+`dataset-group/g','IsAutoPredictor':false,'Status':'ACTIVE','CreationTime':1.600000005123E9,'LastModificationTime':1.600000007123E9}]}`)

	// ETS has no use for the holiday; an auto predictor would have.
	e.fails("CreateAutoPredictor", `{'PredictorName':'q','ReferencePredictorArn':'`+arn+`'}`, resource.InvalidInput, "'holiday'", "not available")
}

func TestAutoPredictor(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.group()
	create := func(body string) string {
		t.Helper()
		var made struct{ PredictorArn string }
		if err := json.Unmarshal([]byte(strings.ReplaceAll(e.ok("CreateAutoPredictor", body), "'", `"`)), &made); err != nil {
			t.Fatal(err)
		}
		return made.PredictorArn
	}
	arn := create(`{'PredictorName':'auto','ForecastHorizon':3,'ForecastFrequency':'W','DataConfig':{'DatasetGroupArn':'` + prefix + `dataset-group/g'},'TimeAlignmentBoundary':{'DayOfWeek':'FRIDAY'}}`)
	e.is("DescribeAutoPredictor", `{'PredictorArn':'`+arn+`'}`, `{'PredictorArn':'`+arn+`','PredictorName':'auto','ForecastHorizon':3,'ForecastTypes':['0.1','0.5','0.9'],'ForecastFrequency':'W',`+
		`'DataConfig':{'DatasetGroupArn':'`+prefix+`dataset-group/g','AttributeConfigs':[{'AttributeName':'target_value','Transformations':{'aggregation':'sum','backfill':'zero','frontfill':'none','middlefill':'zero'}}]},`+
		`'Status':'CREATE_PENDING','CreationTime':1.600000005123E9,'LastModificationTime':1.600000005123E9,'TimeAlignmentBoundary':{'DayOfWeek':'FRIDAY'}}`)
	e.fails("DescribePredictor", `{'PredictorArn':'`+arn+`'}`, resource.InvalidInput, "DescribeAutoPredictor")
	e.finish(arn, resource.PredictorResult{Summary: resource.Metrics{WQL: map[string]float64{"0.5": 1}, RMSE: new(1.0)}})
	e.is("GetAccuracyMetrics", `{'PredictorArn':'`+arn+`'}`, `{'PredictorEvaluationResults':[{'TestWindows':[{'EvaluationType':'SUMMARY','Metrics':{'RMSE':1.0,'WeightedQuantileLosses':[{'Quantile':0.5,'LossValue':1.0}],'ErrorMetrics':[{'ForecastType':'mean','RMSE':1.0}]}}]}],'IsAutoPredictor':true}`)
	again := create(`{'PredictorName':'again','ReferencePredictorArn':'` + arn + `'}`)
	reference := func(state string) string {
		return `'ReferencePredictorSummary':{'Arn':'` + arn + `','State':'` + state + `'}`
	}
	check := func(state string) {
		t.Helper()
		for operation, body := range map[string]string{"DescribeAutoPredictor": `{'PredictorArn':'` + again + `'}`, "ListPredictors": `{}`} {
			if got := e.ok(operation, body); !strings.Contains(got, reference(state)) {
				t.Errorf("%s: %s lacks %s", operation, got, reference(state))
			}
		}
	}
	check("Active")
	e.ok("DeletePredictor", `{'PredictorArn':'`+arn+`'}`)
	check("Active")
	e.update(func(ctx context.Context, tx resource.Tx) error {
		if _, err := resource.BeginDelete(ctx, tx, e.clock.now, arn); err != nil {
			return err
		}
		return resource.Remove(ctx, tx, e.clock.now, arn)
	})
	check("Deleted")
}

func TestForecast(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.group()
	e.ok("CreatePredictor", `{'PredictorName':'p','AlgorithmArn':'arn:aws:forecast:::algorithm/ETS','ForecastHorizon':7,'InputDataConfig':{'DatasetGroupArn':'`+prefix+`dataset-group/g'},'FeaturizationConfig':{'ForecastFrequency':'D'}}`)
	p, f, x := prefix+"predictor/p", prefix+"forecast/f", prefix+"forecast-export-job/f/x"
	e.finish(p, resource.PredictorResult{})
	selector := `{'TimeSeriesIdentifiers':{'DataSource':` + sourceBody + `,'Schema':{'Attributes':[{'AttributeName':'item_id','AttributeType':'string'}]},'Format':'CSV'}}`
	e.is("CreateForecast", `{'ForecastName':'f','PredictorArn':'`+p+`','TimeSeriesSelector':`+selector+`}`, `{'ForecastArn':'`+f+`'}`)
	e.is("DescribeForecast", `{'ForecastArn':'`+f+`'}`, `{'ForecastArn':'`+f+`','ForecastName':'f','ForecastTypes':['0.1','0.5','0.9'],'PredictorArn':'`+p+`','DatasetGroupArn':'`+prefix+`dataset-group/g','Status':'CREATE_PENDING','CreationTime':1.600000007123E9,'LastModificationTime':1.600000007123E9,'TimeSeriesSelector':`+selector+`}`)
	e.finish(f, resource.ForecastResult{Prefix: "x"})
	e.is("ListForecasts", `{'Filters':[{'Key':'PredictorArn','Condition':'IS','Value':'`+p+`'}]}`, `{'Forecasts':[{'ForecastArn':'`+f+`','ForecastName':'f','PredictorArn':'`+p+`','CreatedUsingAutoPredictor':false,'DatasetGroupArn':'`+prefix+`dataset-group/g','Status':'ACTIVE','CreationTime':1.600000007123E9,'LastModificationTime':1.600000009123E9}]}`)
	destination := `{'S3Config':{'Path':'s3://b/out','RoleArn':'` + role + `','KMSKeyArn':'arn:aws:kms:us-east-1:000000000000:key/k'}}`
	e.is("CreateForecastExportJob", `{'ForecastExportJobName':'x','ForecastArn':'`+f+`','Format':'CSV','Destination':`+destination+`}`, `{'ForecastExportJobArn':'`+x+`'}`)
	e.is("DescribeForecastExportJob", `{'ForecastExportJobArn':'`+x+`'}`, `{'ForecastExportJobArn':'`+x+`','ForecastExportJobName':'x','ForecastArn':'`+f+`','Destination':`+destination+`,'Status':'CREATE_PENDING','CreationTime':1.600000011123E9,'LastModificationTime':1.600000011123E9,'Format':'CSV'}`)
	e.is("ListForecastExportJobs", `{}`, `{'ForecastExportJobs':[{'ForecastExportJobArn':'`+x+`','ForecastExportJobName':'x','Destination':`+destination+`,'Status':'CREATE_PENDING','CreationTime':1.600000011123E9,'LastModificationTime':1.600000011123E9}]}`)
	e.is("StopResource", `{'ResourceArn':'`+x+`'}`, "")
	e.is("DeleteForecastExportJob", `{'ForecastExportJobArn':'`+x+`'}`, "")
	e.is("DeleteResourceTree", `{'ResourceArn':'`+prefix+`dataset-group/g'}`, "")
}

func TestQuery(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.group()
	e.ok("CreatePredictor", `{'PredictorName':'p','AlgorithmArn':'arn:aws:forecast:::algorithm/ETS','ForecastHorizon':7,'InputDataConfig':{'DatasetGroupArn':'`+prefix+`dataset-group/g'},'FeaturizationConfig':{'ForecastFrequency':'D'}}`)
	e.finish(prefix+"predictor/p", resource.PredictorResult{})
	e.ok("CreateForecast", `{'ForecastName':'f','PredictorArn':'`+prefix+`predictor/p'}`)
	e.finish(prefix+"forecast/f", resource.ForecastResult{})
	day := time.Date(2014, 10, 1, 0, 0, 0, 0, time.UTC)
	var asked map[string]string
	e.query = func(row resource.Row, key map[string]string, start, end *time.Time) (service.Predictions, error) {
		asked = maps.Clone(key)
		if row.Name != "f" || start == nil || !start.Equal(day) || end != nil {
			t.Errorf("asked for %s from %v to %v", row.Name, start, end)
		}
		nan := math.NaN()
		return service.Predictions{
			Times:  []time.Time{day, day.Add(time.Hour), day.Add(2 * time.Hour)},
			Values: map[string][]float64{"0.1": {27.5, nan, -1}, "0.01": {nan, nan, math.Inf(1)}, "mean": {1e10, nan, nan}},
		}, nil
	}
	const ask = `'StartDate':'2014-10-01T00:00:00','Filters':{'item_id':'Client_1'}`
	body := `{'ForecastArn':'` + prefix + `forecast/f',` + ask
	e.is("QueryForecast", body+"}", `{'Forecast':{'Predictions':{'mean':[{'Timestamp':'2014-10-01T00:00:00','Value':1.0E10}],'p1':[],'p10':[{'Timestamp':'2014-10-01T00:00:00','Value':27.5},{'Timestamp':'2014-10-01T02:00:00','Value':-1.0}]}}}`)
	if asked["item_id"] != "client_1" {
		t.Errorf("asked for %v", asked)
	}
	e.fails("QueryForecast", body+`,'NextToken':'x'}`, resource.InvalidNextToken)
	e.query = func(resource.Row, map[string]string, *time.Time, *time.Time) (service.Predictions, error) {
		return service.Predictions{}, fmt.Errorf("look: %w", service.ErrNoSeries)
	}
	e.fails("QueryForecast", body+"}", resource.NotFound, "item_id=Client_1")
	e.query = func(resource.Row, map[string]string, *time.Time, *time.Time) (service.Predictions, error) {
		return service.Predictions{}, &service.RangeError{First: day.Add(time.Hour), Last: day.Add(25 * time.Hour)}
	}
	e.fails("QueryForecast", body+"}", resource.InvalidInput, "2014-10-01T00:00:00", "2014-10-01T01:00:00 to 2014-10-02T01:00:00")
	e.fails("QueryForecast", `{'ForecastArn':'`+prefix+`forecast/f','Filters':{'sku':'a'}}`, resource.InvalidInput, "'sku'")
	e.query = func(resource.Row, map[string]string, *time.Time, *time.Time) (service.Predictions, error) {
		return service.Predictions{}, errors.New("the disk is on fire")
	}
	var re *resource.Error
	if _, err := e.call("QueryForecast", body+"}"); err == nil || errors.As(err, &re) {
		t.Errorf("a fault of the service came out as %v", err)
	}
	e.query = func(resource.Row, map[string]string, *time.Time, *time.Time) (service.Predictions, error) {
		e.is("DeleteForecast", `{'ForecastArn':'`+prefix+`forecast/f'}`, "")
		return service.Predictions{}, errors.New("the file is gone")
	}
	e.fails("QueryForecast", body+"}", resource.InUse)
}
