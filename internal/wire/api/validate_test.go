package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Requests without a fault; the tests change one member at a time.
var sound = map[string]string{
	"CreateDatasetGroup": `{"DatasetGroupName":"g","Domain":"RETAIL"}`,
	"CreateDataset":      `{"DatasetName":"d","Domain":"CUSTOM","DatasetType":"TARGET_TIME_SERIES","Schema":{"Attributes":[{"AttributeName":"item_id","AttributeType":"string"}]}}`,
	"CreateDatasetImportJob": `{"DatasetImportJobName":"j","DatasetArn":"arn:aws:forecast:us-east-1:123456789012:dataset/d",
		"DataSource":{"S3Config":{"Path":"s3://bucket/key","RoleArn":"arn:aws:iam::123456789012:role/r"}}}`,
	"CreatePredictor":     `{"PredictorName":"p","ForecastHorizon":10,"InputDataConfig":{"DatasetGroupArn":"arn:aws:forecast:us-east-1:123456789012:dataset-group/g"},"FeaturizationConfig":{"ForecastFrequency":"D"}}`,
	"CreateAutoPredictor": `{"PredictorName":"p"}`,
	"CreateForecast":      `{"ForecastName":"f","PredictorArn":"arn:aws:forecast:us-east-1:123456789012:predictor/p"}`,
	"CreateForecastExportJob": `{"ForecastExportJobName":"e","ForecastArn":"arn:aws:forecast:us-east-1:123456789012:forecast/f",
		"Destination":{"S3Config":{"Path":"s3://bucket/key","RoleArn":"arn:aws:iam::123456789012:role/r"}}}`,
	"CreateExplainability": `{"ExplainabilityName":"e","ResourceArn":"arn:aws:forecast:us-east-1:123456789012:predictor/p","ExplainabilityConfig":{"TimeSeriesGranularity":"ALL","TimePointGranularity":"ALL"}}`,
	"CreateWhatIfForecast": `{"WhatIfForecastName":"w","WhatIfAnalysisArn":"arn:aws:forecast:us-east-1:123456789012:what-if-analysis/f/a_01G8MB3PZM89J9V1VEXCC0BS63"}`,
	"CreateWhatIfForecastExport": `{"WhatIfForecastExportName":"w","WhatIfForecastArns":["arn:aws:forecast:us-east-1:123456789012:what-if-forecast/x"],
		"Destination":{"S3Config":{"Path":"s3://bucket/key","RoleArn":"arn:aws:iam::123456789012:role/r"}}}`,
	"DescribeWhatIfForecast": `{"WhatIfForecastArn":"arn:aws:forecast:us-east-1:123456789012:what-if-forecast/x"}`,
	"ListPredictors":         `{}`,
	"TagResource":            `{"ResourceArn":"arn:aws:forecast:us-east-1:123456789012:dataset/d","Tags":[]}`,
	"UntagResource":          `{"ResourceArn":"arn:aws:forecast:us-east-1:123456789012:dataset/d","TagKeys":[]}`,
	"QueryForecast":          `{"ForecastArn":"arn:aws:forecast:us-east-1:123456789012:forecast/f","Filters":{"item_id":"a"}}`,
}

// merge applies an RFC 7396 merge patch.
func merge(base, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	b, _ := base.(map[string]any)
	out := map[string]any{}
	maps.Copy(out, b)
	for k, v := range p {
		if v == nil {
			delete(out, k)
		} else {
			out[k] = merge(out[k], v)
		}
	}
	return out
}

func decode(t *testing.T, operation, body string) (Request, error) {
	t.Helper()
	for _, e := range Entries() {
		if e.Name == operation {
			return e.Decode([]byte(body))
		}
	}
	t.Fatalf("no operation %s", operation)
	return nil, nil
}

// violationsOf validates the sound request with a change.
func violationsOf(t *testing.T, operation, change string) []string {
	t.Helper()
	var base, patch any
	if err := errors.Join(json.Unmarshal([]byte(sound[operation]), &base), json.Unmarshal([]byte(change), &patch)); err != nil {
		t.Fatalf("%s %s: %v", operation, change, err)
	}
	body, err := json.Marshal(merge(base, patch))
	if err != nil {
		t.Fatal(err)
	}
	r, err := decode(t, operation, string(body))
	if err != nil {
		t.Fatalf("%s %s: %v", operation, change, err)
	}
	err = r.Validate()
	var v *ValidationError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &v):
		t.Fatalf("%s %s: %v", operation, change, err)
	}
	return v.Violations
}

// Texts of constraints.
const (
	namePattern = "Member must satisfy regular expression pattern: ^[a-zA-Z][a-zA-Z0-9_]*"
	arnPattern  = `Member must satisfy regular expression pattern: arn:([a-z\d-]+):forecast:.*:.*:.+`
	notNull     = "Member must not be null"
	notEmpty    = "Member must have length greater than or equal to 1"
)

func atMost(n int) string { return fmt.Sprintf("Member must have length less than or equal to %d", n) }

func violation(value, path, constraint string) string {
	return "Value " + value + " at '" + path + "' failed to satisfy constraint: " + constraint
}

func TestSoundRequests(t *testing.T) {
	for op := range sound {
		if v := violationsOf(t, op, `{}`); v != nil {
			t.Errorf("%s: %v", op, v)
		}
	}
}

// TestMessages checks the grammar of the messages (contract 1.4).
func TestMessages(t *testing.T) {
	long := strings.Repeat("a", 64)
	tests := []struct {
		name, operation, change string
		want                    []string
	}{
		{"recorded", "CreatePredictor", `{"PredictorName":"compare_multiple_models_CNN-QR_algo"}`, []string{violation("'compare_multiple_models_CNN-QR_algo'", "predictorName", namePattern)}},
		{"missing", "CreateDatasetGroup", `{"Domain":null}`, []string{violation("null", "domain", notNull)}},
		{"all that is missing, in the order of the model", "CreateDataset", `{"DatasetName":null,"Domain":null,"DatasetType":null,"Schema":null}`, []string{
			violation("null", "datasetName", notNull), violation("null", "domain", notNull), violation("null", "datasetType", notNull), violation("null", "schema", notNull),
		}},
		{"missing within", "CreateDatasetImportJob", `{"DataSource":{"S3Config":{"Path":null,"RoleArn":null}}}`, []string{
			violation("null", "dataSource.s3Config.path", notNull), violation("null", "dataSource.s3Config.roleArn", notNull),
		}},
		{"empty structure", "CreateDatasetImportJob", `{"DataSource":{"S3Config":null}}`, []string{violation("null", "dataSource.s3Config", notNull)}},
		{"too long", "CreateDatasetGroup", `{"DatasetGroupName":"` + long + `"}`, []string{violation("'"+long+"'", "datasetGroupName", atMost(63))}},
		{"two faults of one value", "CreateDatasetGroup", `{"DatasetGroupName":""}`, []string{violation("''", "datasetGroupName", notEmpty), violation("''", "datasetGroupName", namePattern)}},
		{"enum", "CreateDatasetGroup", `{"Domain":"retail"}`, []string{violation("'retail'", "domain", "Member must satisfy enum value set: [RETAIL, CUSTOM, INVENTORY_PLANNING, EC2_CAPACITY, WORK_FORCE, WEB_TRAFFIC, METRICS]")}},
		{"number above", "ListPredictors", `{"MaxResults":101}`, []string{violation("'101'", "maxResults", "Member must have value less than or equal to 100")}},
		{"number below", "ListPredictors", `{"MaxResults":0}`, []string{violation("'0'", "maxResults", "Member must have value greater than or equal to 1")}},
		{"element of a list of structures", "CreateDataset", `{"Schema":{"Attributes":[{"AttributeName":"a","AttributeType":"string"},{"AttributeName":"b","AttributeType":"text"}]}}`, []string{
			violation("'text'", "schema.attributes.2.member.attributeType", "Member must satisfy enum value set: [string, integer, float, timestamp, geolocation]"),
		}},
		{"list of structures too short", "CreateDataset", `{"Schema":{"Attributes":[]}}`, []string{violation("'[]'", "schema.attributes", notEmpty)}},
		{"list of structures too long", "CreateAutoPredictor", `{"DataConfig":{"DatasetGroupArn":"arn:aws:forecast:r:a:g","AdditionalDatasets":[{"Name":"a"},{"Name":"b","Configuration":{"C":["US","d_e"]}},{"Name":"c"}]}}`, []string{
			violation("'[{name=a}, {name=b, configuration={C=[US, d_e]}}, {name=c}]'", "dataConfig.additionalDatasets", atMost(2)),
		}},
		{"element of a list of strings", "CreateDatasetGroup", `{"DatasetArns":["arn:aws:forecast:r:a:d","x"]}`, []string{
			violation("'[arn:aws:forecast:r:a:d, x]'", "datasetArns", "Member must satisfy constraint: ["+atMost(256)+", "+arnPattern+"]"),
		}},
		{"list of strings too long", "CreateAutoPredictor", `{"ForecastDimensions":["a","b","c","d","e","f","g","h","i","j","k"]}`, []string{violation("'[a, b, c, d, e, f, g, h, i, j, k]'", "forecastDimensions", atMost(10))}},
		{"key and value of a map", "CreateAutoPredictor", `{"DataConfig":{"DatasetGroupArn":"arn:aws:forecast:r:a:g","AttributeConfigs":[{"AttributeName":"a","Transformations":{"b-c":"2.5"}}]}}`, []string{
			violation("'{b-c=2.5}'", "dataConfig.attributeConfigs.1.member.transformations", "Map keys must satisfy constraint: ["+atMost(63)+", "+notEmpty+", "+namePattern+"]"),
			violation("'{b-c=2.5}'", "dataConfig.attributeConfigs.1.member.transformations", "Map value must satisfy constraint: ["+atMost(256)+`, Member must satisfy regular expression pattern: ^[a-zA-Z0-9\_\-]+$]`),
		}},
		{"map of lists", "CreateAutoPredictor", `{"DataConfig":{"DatasetGroupArn":"arn:aws:forecast:r:a:g","AdditionalDatasets":[{"Name":"holiday","Configuration":{"CountryCode":["U S"]}}]}}`, []string{
			violation("'{CountryCode=[U S]}'", "dataConfig.additionalDatasets.1.member.configuration",
				"Map value must satisfy constraint: ["+atMost(20)+", "+notEmpty+", Member must satisfy constraint: ["+atMost(256)+`, Member must satisfy regular expression pattern: ^[a-zA-Z0-9\_\-]+$]]`),
		}},
		{"map too small", "QueryForecast", `{"Filters":{"item_id":null}}`, []string{violation("'{}'", "filters", notEmpty)}},
		{"a value with quotes", "CreateDatasetGroup", `{"DatasetGroupName":"it's <\"x\">"}`, []string{violation(`'it's <"x">'`, "datasetGroupName", namePattern)}},
		{"tag key", "TagResource", `{"Tags":[{"Key":"k","Value":"v"},{"Key":"","Value":"!"}]}`, []string{
			violation("''", "tags.2.member.key", notEmpty), violation("'!'", "tags.2.member.value", `Member must satisfy regular expression pattern: ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$`),
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, violationsOf(t, tt.operation, tt.change)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFrame(t *testing.T) {
	if got, want := (&ValidationError{[]string{"a"}}).Error(), "1 validation error detected: a"; got != want {
		t.Errorf("got %q", got)
	}
	if got, want := (&ValidationError{[]string{"a", "b"}}).Error(), "2 validation errors detected: a; b"; got != want {
		t.Errorf("got %q", got)
	}
}

// TestConstraints checks each constraint on both sides (contract 1.5). The
// word X in a change is replaced by each value.
func TestConstraints(t *testing.T) {
	s := strings.Repeat
	many := func(n int, format string) string {
		list := make([]string, n)
		for i := range list {
			list[i] = strings.ReplaceAll(format, "#", strconv.Itoa(i))
		}
		return strings.Join(list, ",")
	}
	autoData := func(members string) string {
		return `{"DataConfig":{"DatasetGroupArn":"arn:aws:forecast:r:a:g",` + members + `}}`
	}
	featurization := func(members string) string { return `{"FeaturizationConfig":{"Featurizations":[` + members + `]}}` }
	whatIf := func(members string) string { return `{"TimeSeriesTransformations":[` + members + `]}` }
	const action = `"Action":{"AttributeName":"a","Operation":"ADD","Value":1}`
	tests := []struct {
		name, operation, change string
		good, bad               []string
	}{
		{"name", "CreateDatasetGroup", `{"DatasetGroupName":"X"}`, []string{"a", "A1_", s("a", 63)}, []string{"", "1a", "_a", "a-b", "a b", "a.b", "é", "a\\n", "\\na", s("a", 64)}},
		{"attribute name", "CreateDataset", `{"Schema":{"Attributes":[{"AttributeName":"X","AttributeType":"string"}]}}`, []string{"item_id"}, []string{"item-id", ""}},
		{"dimension", "CreateAutoPredictor", `{"ForecastDimensions":["X"]}`, []string{"store"}, []string{"a-b", ""}},
		{"dimensions", "CreateAutoPredictor", `{"ForecastDimensions":[X]}`, []string{many(1, `"a#"`), many(10, `"a#"`)}, []string{"", many(11, `"a#"`)}},
		{
			"arn", "CreateForecast", `{"PredictorArn":"X"}`,
			[]string{"arn:aws:forecast:us-east-1:123456789012:predictor/p", "arn:aws-cn:forecast:::x", "arn:aws:forecast:" + s("a", 256-20) + "::x"},
			[]string{"", "p", "arn:aws:iam::123456789012:role/r", "arn:aws:forecast:::", "xarn:aws:forecast:::x", "arn:AWS:forecast:::x", "arn:aws:forecast:" + s("a", 257-20) + "::x"},
		},
		{"algorithm arn", "CreatePredictor", `{"AlgorithmArn":"X"}`, []string{"arn:aws:forecast:::algorithm/ETS"}, []string{"ETS"}},
		{"long arn", "DescribeWhatIfForecast", `{"WhatIfForecastArn":"X"}`, []string{"arn:aws:forecast:" + s("a", 300-20) + "::x"}, []string{"x", "arn:aws:forecast:" + s("a", 301-20) + "::x"}},
		{"role arn", "CreateDatasetImportJob", `{"DataSource":{"S3Config":{"RoleArn":"X"}}}`, []string{"arn:aws:iam::123456789012:role/r", "anything", ""}, []string{s("a", 257)}},
		{"encryption role", "CreateDataset", `{"EncryptionConfig":{"KMSKeyArn":"arn:aws:kms:r:a:key/k","RoleArn":"X"}}`, []string{"arn:aws:iam::1:role/r"}, []string{s("a", 257)}},
		{"key arn", "CreateDataset", `{"EncryptionConfig":{"KMSKeyArn":"X","RoleArn":"r"}}`, []string{"arn:aws:kms:us-east-1:1:key/k", "arn:aws:kms::key/"}, []string{"k", "arn:aws:s3:::key/k", s("a", 257)}},
		{"path", "CreateDatasetImportJob", `{"DataSource":{"S3Config":{"Path":"X"}}}`, []string{"s3://ab", "s3://bucket/folder/", "s3://bucket/ü"}, []string{"s3://a", "S3://bucket/k", "s3://Bucket/k", "http://x/y", "s3://" + s("a", 4092), ""}},
		{"frequency is the domain's", "CreateAutoPredictor", `{"ForecastFrequency":"X"}`, []string{"D", "1H", "3D", "30min", "xMx", "99999"}, []string{"", "100min"}},
		{"format", "CreateDatasetImportJob", `{"Format":"X"}`, []string{"CSV", "PARQUET"}, []string{"", "csv", "CSVX", "XPARQUET", "CSVPARQUET", "JSON"}},
		{"forecast type", "CreateAutoPredictor", `{"ForecastTypes":["X"]}`, []string{"0.1", "0.10", ".5", "mean", "0.05", "0.99", ".01"}, []string{"0.975", "P50", "1.0", "1", "0.", "0", "median", "mea", ""}},
		{"forecast types", "CreateAutoPredictor", `{"ForecastTypes":[X]}`, []string{many(20, `"0.5"`)}, []string{"", many(21, `"0.5"`)}},
		{"schema", "CreateDataset", `{"Schema":{"Attributes":[X]}}`, []string{many(100, `{"AttributeName":"a#","AttributeType":"string"}`)}, []string{"", many(101, `{"AttributeName":"a#","AttributeType":"string"}`)}},
		{"attribute configs", "CreateAutoPredictor", autoData(`"AttributeConfigs":[X]`), []string{many(50, `{"AttributeName":"a#","Transformations":{"a":"b"}}`)}, []string{"", many(51, `{"AttributeName":"a#","Transformations":{"a":"b"}}`)}},
		{"transformations", "CreateAutoPredictor", autoData(`"AttributeConfigs":[{"AttributeName":"a","Transformations":{X}}]`), []string{many(20, `"a#":"mean"`), `"a":"-_9"`}, []string{"", many(21, `"a#":"mean"`), `"a":"2.5"`, `"a":""`, `"1a":"b"`}},
		{"featurizations", "CreatePredictor", featurization("X"), []string{many(50, `{"AttributeName":"a#"}`)}, []string{"", many(51, `{"AttributeName":"a#"}`)}},
		{
			"pipeline", "CreatePredictor", featurization(`{"AttributeName":"a","FeaturizationPipeline":[X]}`),
			[]string{`{"FeaturizationMethodName":"filling"}`},
			[]string{"", `{"FeaturizationMethodName":"filling"},{"FeaturizationMethodName":"filling"}`, `{"FeaturizationMethodName":"Filling"}`},
		},
		{
			"method parameters", "CreatePredictor", featurization(`{"AttributeName":"a","FeaturizationPipeline":[{"FeaturizationMethodName":"filling","FeaturizationMethodParameters":{X}}]}`),
			[]string{`"middlefill":"2.5"`, many(20, `"a#":"zero"`)},
			[]string{"", many(21, `"a#":"zero"`), `"a b":"c"`},
		},
		{"training parameters", "CreatePredictor", `{"TrainingParameters":{X}}`, []string{"", many(100, `"a#":"b"`), `"a.b":"[0.1, 0.2]"`, `"a":"\"x\" y\\"`}, []string{many(101, `"a#":"b"`), `"a":""`, `"a":"{}"`, `"a b":"c"`, `"a":"` + s("b", 257) + `"`}},
		{"additional datasets", "CreateAutoPredictor", autoData(`"AdditionalDatasets":[X]`), []string{`{"Name":"holiday"}`, `{"Name":"holiday"},{"Name":"weather"}`}, []string{"", many(3, `{"Name":"a#"}`)}},
		{"supplementary features", "CreatePredictor", `{"InputDataConfig":{"SupplementaryFeatures":[X]}}`, []string{`{"Name":"holiday","Value":"US"}`, many(2, `{"Name":"a#","Value":"true"}`)}, []string{"", many(3, `{"Name":"a#","Value":"true"}`), `{"Name":"holiday","Value":"U S"}`}},
		{"parameter ranges", "CreatePredictor", `{"HPOConfig":{"ParameterRanges":{"IntegerParameterRanges":[X]}}}`, []string{many(20, `{"Name":"a#","MaxValue":2,"MinValue":1}`)}, []string{"", many(21, `{"Name":"a#","MaxValue":2,"MinValue":1}`), `{"Name":"a"}`}},
		{"scaling type", "CreatePredictor", `{"HPOConfig":{"ParameterRanges":{"ContinuousParameterRanges":[{"Name":"a","MaxValue":2,"MinValue":1.5,"ScalingType":"X"}]}}}`, []string{"Auto", "Linear", "Logarithmic", "ReverseLogarithmic"}, []string{"auto", ""}},
		{
			"conditions", "CreateWhatIfForecast", whatIf(`{` + action + `,"TimeSeriesConditions":[X]}`),
			[]string{"", many(10, `{"AttributeName":"a#","AttributeValue":"any text","Condition":"EQUALS"}`)},
			[]string{many(11, `{"AttributeName":"a#","AttributeValue":"v","Condition":"EQUALS"}`), `{"AttributeName":"a","AttributeValue":"v","Condition":"equals"}`, `{"AttributeName":"a","AttributeValue":"","Condition":"EQUALS"}`},
		},
		{"transformations of a what-if forecast", "CreateWhatIfForecast", whatIf("X"), []string{"", many(30, `{`+action+`}`)}, []string{many(31, `{`+action+`}`), `{"Action":{"AttributeName":"a","Operation":"POWER","Value":1}}`}},
		{"what-if forecasts", "CreateWhatIfForecastExport", `{"WhatIfForecastArns":[X]}`, []string{many(50, `"arn:aws:forecast:::#"`)}, []string{"", many(51, `"arn:aws:forecast:::#"`), `"x"`}},
		{"filters are unbounded", "ListPredictors", `{"Filters":[X]}`, []string{"", many(300, `{"Key":"Status","Condition":"IS","Value":"ACTIVE"}`)}, nil},
		{
			"filter", "ListPredictors", `{"Filters":[{"Key":"Status",X}]}`,
			[]string{`"Condition":"IS","Value":"ACTIVE"`, `"Condition":"IS_NOT","Value":"x y"`, `"Condition":"IS","Value":""`},
			[]string{`"Condition":"is","Value":"ACTIVE"`, `"Condition":"IS"`, `"Value":"x"`, `"Condition":"IS","Value":"` + s("a", 257) + `"`},
		},
		{"filter key", "ListPredictors", `{"Filters":[{"Key":"X","Condition":"IS","Value":"v"}]}`, []string{"Status", "9_a"}, []string{"", "a b", "a-b", s("a", 257)}},
		{"query filters", "QueryForecast", `{"Filters":{X}}`, []string{`"a":"any text ü"`, many(49, `"a#":"b"`), `"a-b":""`}, []string{many(50, `"a#":"b"`), `"a b":"c"`, `"a":"` + s("b", 257) + `"`}},
		{"page size", "ListPredictors", `{"MaxResults":X}`, []string{"1", "100", "5.0", "1e1"}, []string{"0", "-1", "101"}},
		{"page token", "ListPredictors", `{"NextToken":"X"}`, []string{"a", s("a", 3000)}, []string{"", s("a", 3001)}},
		{
			"tags", "TagResource", `{"Tags":[X]}`,
			[]string{"", many(200, `{"Key":"k#","Value":""}`), `{"Key":"aws:é _.:/=+-@","Value":"9"}`},
			[]string{many(201, `{"Key":"k#","Value":""}`), `{"Key":"` + s("k", 129) + `","Value":""}`, `{"Key":"k","Value":"` + s("v", 257) + `"}`, `{"Key":"a!","Value":""}`, `{"Key":"k"}`},
		},
		{"tag keys", "UntagResource", `{"TagKeys":[X]}`, []string{"", many(200, `"k#"`)}, []string{many(201, `"k#"`), `""`, `"a*"`}},
		{"time zone", "CreateDatasetImportJob", `{"TimeZone":"X"}`, []string{"Europe/Berlin", "Etc/GMT+1"}, []string{"", "a b", s("a", 257)}},
		{"timestamp format", "CreateDatasetImportJob", `{"TimestampFormat":"X"}`, []string{"yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm"}, []string{"", "yyyy/MM", s("y", 257)}},
		{"geolocation format", "CreateDatasetImportJob", `{"GeolocationFormat":"X"}`, []string{"LAT_LONG", "CC_POSTALCODE"}, []string{"", "LAT-LONG"}},
		{"import mode", "CreateDatasetImportJob", `{"ImportMode":"X"}`, []string{"FULL", "INCREMENTAL"}, []string{"full", ""}},
		{"date and time", "CreateExplainability", `{"StartDateTime":"X"}`, []string{"2020-01-01T00:00:00"}, []string{"2020-01-01", "2020-01-01T00:00:00Z", ""}},
		{"granularity", "CreateExplainability", `{"ExplainabilityConfig":{"TimeSeriesGranularity":"X","TimePointGranularity":"X"}}`, []string{"ALL", "SPECIFIC"}, []string{"all"}},
		{
			"boundary", "CreateAutoPredictor", `{"TimeAlignmentBoundary":{X}}`,
			[]string{`"Month":"JANUARY"`, `"DayOfMonth":28`, `"DayOfMonth":1`, `"DayOfWeek":"SUNDAY"`, `"Hour":0`, `"Hour":23`, ``},
			[]string{`"Month":"January"`, `"DayOfMonth":0`, `"DayOfMonth":29`, `"DayOfWeek":"SUN"`, `"Hour":-1`, `"Hour":24`},
		},
		{"metric", "CreateAutoPredictor", `{"OptimizationMetric":"X"}`, []string{"WAPE", "RMSE", "AverageWeightedQuantileLoss", "MASE", "MAPE"}, []string{"wape", "MSE"}},
		{"override strategy", "CreatePredictor", `{"AutoMLOverrideStrategy":"X"}`, []string{"LatencyOptimized", "AccuracyOptimized"}, []string{"latencyoptimized"}},
		{"dataset type", "CreateDataset", `{"DatasetType":"X"}`, []string{"TARGET_TIME_SERIES", "RELATED_TIME_SERIES", "ITEM_METADATA"}, []string{"TARGET"}},
		{"monitor name", "CreateAutoPredictor", `{"MonitorConfig":{"MonitorName":"X"}}`, []string{"m"}, []string{"m-1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, v := range tt.good {
				if got := violationsOf(t, tt.operation, strings.ReplaceAll(tt.change, "X", v)); got != nil {
					t.Errorf("%.80q is refused: %.400q", v, got)
				}
			}
			for _, v := range tt.bad {
				if got := violationsOf(t, tt.operation, strings.ReplaceAll(tt.change, "X", v)); got == nil {
					t.Errorf("%.80q is accepted", v)
				}
			}
		})
	}
}

// TestPatterns checks that a pattern matches the whole string, with or without
// anchors of its own.
func TestPatterns(t *testing.T) {
	for _, source := range []string{"a", "^a", "a$", "^a$", "a|b", "^a|b$"} {
		p := pattern(source)
		if p.source != source {
			t.Errorf("%s is echoed as %s", source, p.source)
		}
		for _, s := range []string{"xa", "ax", "a\n", "\na", ""} {
			if p.expr.MatchString(s) {
				t.Errorf("%s matches %q", source, s)
			}
		}
		if !p.expr.MatchString("a") {
			t.Errorf("%s does not match a", source)
		}
	}
	if !regexp.MustCompile(ruleForecastType.pattern.source).MatchString("mean") {
		t.Error("a pattern as the model has it does not work")
	}
}
