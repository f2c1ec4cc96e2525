package api

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// TestDecode checks what a body means (contract 1.1).
func TestDecode(t *testing.T) {
	tests := []struct {
		name, operation, body string
		want                  Request
	}{
		{"nothing", "ListPredictors", ``, &ListPredictorsRequest{}},
		{"white space", "ListPredictors", " \n\t\r", &ListPredictorsRequest{}},
		{"empty object", "ListPredictors", ` { } `, &ListPredictorsRequest{}},
		{"null is absent", "ListPredictors", `{"MaxResults":null,"Filters":null,"NextToken":null}`, &ListPredictorsRequest{}},
		{"null structures and maps", "CreateAutoPredictor", `{"DataConfig":null,"ExplainPredictor":null,"TimeAlignmentBoundary":null}`, &CreateAutoPredictorRequest{}},
		{"an empty list is not absent", "ListPredictors", `{"Filters":[]}`, &ListPredictorsRequest{Filters: []Filter{}}},
		{"an empty map is not absent", "QueryForecast", `{"Filters":{}}`, &QueryForecastRequest{Filters: map[string]string{}}},
		{"an empty structure is not absent", "CreateDataset", `{"Schema":{}}`, &CreateDatasetRequest{Schema: &Schema{}}},
		{"unknown members", "ListPredictors", `{"maxResults":"x","A":[{"b":[null,true,false,-1.5e-3,"\u0000\ud800"]},{}],"MaxResults":7,"B":{"c":{}}}`, &ListPredictorsRequest{MaxResults: new(7)}},
		{"the last of two counts", "ListPredictors", `{"MaxResults":7,"NextToken":"a","MaxResults":8,"NextToken":null}`, &ListPredictorsRequest{MaxResults: new(8)}},
		{"the last of two lists counts", "CreateDatasetGroup", `{"DatasetArns":["a","b"],"DatasetArns":["c"]}`, &CreateDatasetGroupRequest{DatasetArns: []string{"c"}}},
		{"the last of two keys counts", "QueryForecast", `{"Filters":{"a":"b","a":"c"}}`, &QueryForecastRequest{Filters: map[string]string{"a": "c"}}},
		{"escapes", "ListPredictors", `{"Next\u0054oken":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud83d\u00DFü"}`, &ListPredictorsRequest{NextToken: new("\"\\/\b\f\n\r\té😀\ufffdßü")}},
		{"half a pair", "ListPredictors", `{"NextToken":"\udc00\ud83dx"}`, &ListPredictorsRequest{NextToken: new("\ufffd\ufffdx")}},
		{"whole numbers", "CreatePredictor", `{"ForecastHorizon":2.4e1}`, &CreatePredictorRequest{ForecastHorizon: new(24)}},
		{"booleans", "CreateAutoPredictor", `{"ExplainPredictor":true}`, &CreateAutoPredictorRequest{ExplainPredictor: new(true)}},
		{
			"doubles", "CreateWhatIfForecast", `{"TimeSeriesTransformations":[{"Action":{"Value":1E2}},{"Action":{"Value":-0.5}}]}`,
			&CreateWhatIfForecastRequest{TimeSeriesTransformations: []TimeSeriesTransformation{{Action: &Action{Value: new(100.)}}, {Action: &Action{Value: new(-.5)}}}},
		},
		{"enums of any text", "CreateDataset", `{"Domain":"x"}`, &CreateDatasetRequest{Domain: new(Domain("x"))}},
		{
			"lists of maps of lists", "CreateAutoPredictor", `{"DataConfig":{"AdditionalDatasets":[{"Name":"holiday","Configuration":{"CountryCode":["US","DE"],"x":[]}}]}}`,
			&CreateAutoPredictorRequest{DataConfig: &DataConfig{AdditionalDatasets: []AdditionalDataset{{Name: new("holiday"), Configuration: map[string][]string{"CountryCode": {"US", "DE"}, "x": {}}}}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := decode(t, tt.operation, tt.body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestSerializationErrors checks what is no request (contract 1.3, 8.1 no. 51).
func TestSerializationErrors(t *testing.T) {
	tests := []struct{ name, operation, body, want string }{
		{"number for a string", "CreateDataset", `{"DatasetName":5}`, "NUMBER_VALUE can not be converted to a String at DatasetName"},
		{"boolean for a string", "CreateDataset", `{"DatasetName":true}`, "TRUE_VALUE can not be converted to a String at DatasetName"},
		{"object for a string", "CreateDataset", `{"DatasetName":{}}`, "START_OBJECT can not be converted to a String at DatasetName"},
		{"list for a string", "CreateDataset", `{"DatasetName":[]}`, "START_ARRAY can not be converted to a String at DatasetName"},
		{"number for an enum", "CreateDataset", `{"Domain":0}`, "NUMBER_VALUE can not be converted to a String at Domain"},
		{"string for a number", "ListPredictors", `{"MaxResults":"10"}`, "STRING_VALUE can not be converted to an Integer at MaxResults"},
		{"boolean for a number", "ListPredictors", `{"MaxResults":false}`, "FALSE_VALUE can not be converted to an Integer at MaxResults"},
		{"fraction for an integer", "ListPredictors", `{"MaxResults":1.5}`, "NUMBER_VALUE 1.5 can not be converted to an Integer at MaxResults"},
		{"too large an integer", "ListPredictors", `{"MaxResults":2147483648}`, "NUMBER_VALUE 2147483648 can not be converted to an Integer at MaxResults"},
		{"far too large an integer", "ListPredictors", `{"MaxResults":1e400}`, "NUMBER_VALUE 1e400 can not be converted to an Integer at MaxResults"},
		{"string for a double", "CreateWhatIfForecast", `{"TimeSeriesTransformations":[{"Action":{"Value":"1"}}]}`, "STRING_VALUE can not be converted to a Double at TimeSeriesTransformations.1.Action.Value"},
		{"too large a double", "CreateWhatIfForecast", `{"TimeSeriesTransformations":[{"Action":{"Value":1e999}}]}`, "NUMBER_VALUE 1e999 is out of range for a Double at TimeSeriesTransformations.1.Action.Value"},
		{"string for a boolean", "CreatePredictor", `{"PerformAutoML":"true"}`, "STRING_VALUE can not be converted to a Boolean at PerformAutoML"},
		{"number for a boolean", "CreatePredictor", `{"PerformHPO":1}`, "NUMBER_VALUE can not be converted to a Boolean at PerformHPO"},
		{"string for a structure", "CreateDataset", `{"Schema":"x"}`, "STRING_VALUE can not be converted to a structure at Schema"},
		{"list for a structure", "CreateDataset", `{"Schema":[]}`, "START_ARRAY can not be converted to a structure at Schema"},
		{"string for a list", "CreateDatasetGroup", `{"DatasetArns":"x"}`, "STRING_VALUE can not be converted to a list at DatasetArns"},
		{"object for a list", "CreateDatasetGroup", `{"Tags":{"k":"v"}}`, "START_OBJECT can not be converted to a list at Tags"},
		{"number in a list", "CreateDatasetGroup", `{"DatasetArns":["a",1]}`, "NUMBER_VALUE can not be converted to a String at DatasetArns.2"},
		{"null in a list", "CreateDatasetGroup", `{"DatasetArns":["a",null]}`, "NULL_VALUE can not be an element of a list at DatasetArns.2"},
		{"null in a list of structures", "CreateDatasetGroup", `{"Tags":[null]}`, "NULL_VALUE can not be an element of a list at Tags.1"},
		{"number in a structure of a list", "CreateDataset", `{"Schema":{"Attributes":[{"AttributeName":"a"},{"AttributeName":1}]}}`, "NUMBER_VALUE can not be converted to a String at Schema.Attributes.2.AttributeName"},
		{"list for a map", "QueryForecast", `{"Filters":[]}`, "START_ARRAY can not be converted to a structure at Filters"},
		{"number in a map", "QueryForecast", `{"Filters":{"item_id":5}}`, "NUMBER_VALUE can not be converted to a String at Filters.item_id"},
		{"null in a map", "QueryForecast", `{"Filters":{"item_id":null}}`, "NULL_VALUE can not be a value of a map at Filters.item_id"},
		{"zero byte in a string", "QueryForecast", `{"Filters":{"item_id":"a\u0000"}}`, "The string at Filters.item_id holds the character U+0000"},
		{"zero byte in a key", "QueryForecast", `{"Filters":{"\u0000":"a"}}`, "The key at Filters.\x00 holds the character U+0000"},
		{"wrong, though replaced later", "ListPredictors", `{"MaxResults":"x","MaxResults":1}`, "STRING_VALUE can not be converted to an Integer at MaxResults"},

		{"a list", "ListPredictors", `[]`, "The body is not a JSON object."},
		{"null", "ListPredictors", `null`, "The body is not a JSON object."},
		{"text", "ListPredictors", `hello`, "The body is not a JSON object."},
		{"not UTF-8", "ListPredictors", "{\"NextToken\":\"\xff\"}", "The body is not valid UTF-8."},
		{"byte order mark", "ListPredictors", "\ufeff{}", "The body is not a JSON object."},
		{"cut after the brace", "ListPredictors", `{`, "The body is not valid JSON: no member name at byte 2."},
		{"cut in a name", "ListPredictors", `{"MaxRes`, "The body is not valid JSON: a string does not end at byte 9."},
		{"cut in an escape", "ListPredictors", `{"MaxRes\`, "The body is not valid JSON: a string does not end at byte 10."},
		{"cut after a name", "ListPredictors", `{"MaxResults"`, "The body is not valid JSON: no colon after a member name at byte 14."},
		{"cut after a colon", "ListPredictors", `{"MaxResults":`, "The body is not valid JSON: the text ends early at byte 15."},
		{"no value", "ListPredictors", `{"MaxResults":}`, "The body is not valid JSON: unexpected '}' at byte 15."},
		{"no comma", "ListPredictors", `{"MaxResults":1 "NextToken":"x"}`, "The body is not valid JSON: no comma and no '}' at byte 17."},
		{"trailing comma", "ListPredictors", `{"MaxResults":1,}`, "The body is not valid JSON: no member name at byte 17."},
		{"trailing comma in a list", "CreateDatasetGroup", `{"DatasetArns":["a",]}`, "The body is not valid JSON: unexpected ']' at byte 21."},
		{"something after it", "ListPredictors", `{} {}`, "The body is not valid JSON: something follows the object at byte 4."},
		{"single quotes", "ListPredictors", `{'MaxResults':1}`, "The body is not valid JSON: no member name at byte 2."},
		{"bare NaN", "ListPredictors", `{"MaxResults":NaN}`, "The body is not valid JSON: unexpected 'N' at byte 15."},
		{"half a word", "CreatePredictor", `{"PerformHPO":tru}`, "The body is not valid JSON: an unknown word at byte 15."},
		{"leading zero", "ListPredictors", `{"MaxResults":01}`, "The body is not valid JSON: no comma and no '}' at byte 16."},
		{"leading plus", "ListPredictors", `{"MaxResults":+1}`, "The body is not valid JSON: unexpected '+' at byte 15."},
		{"number that ends in a point", "ListPredictors", `{"MaxResults":1.}`, "The body is not valid JSON: a bad number at byte 15."},
		{"line break in a string", "ListPredictors", "{\"NextToken\":\"a\nb\"}", "The body is not valid JSON: a control character in a string at byte 16."},
		{"line break after an escape", "ListPredictors", "{\"NextToken\":\"\\n\n\"}", "The body is not valid JSON: a control character in a string at byte 17."},
		{"bad escape", "ListPredictors", `{"NextToken":"\x41"}`, "The body is not valid JSON: a bad escape in a string at byte 16."},
		{"bad unicode escape", "ListPredictors", `{"NextToken":"\u00g1"}`, `The body is not valid JSON: a bad \u escape at byte 17.`},
		{"comment", "ListPredictors", `{/**/}`, "The body is not valid JSON: no member name at byte 2."},
		{"too deep", "ListPredictors", `{"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, "The body nests deeper than 64 levels."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decode(t, tt.operation, tt.body)
			var e *SerializationError
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if diff := cmp.Diff(tt.want, e.Message); diff != "" {
				t.Error(diff)
			}
			// What is no JSON at all is known before the operation's types are.
			if err := CheckSyntax([]byte(tt.body)); (err != nil) != strings.HasPrefix(tt.want, "The body ") {
				t.Errorf("the syntax check says %v", err)
			}
		})
	}
}

// FuzzSyntax compares the syntax check with encoding/json. It does not compare
// values; TestDecode does.
func FuzzSyntax(f *testing.F) {
	for _, body := range sound {
		f.Add([]byte(body))
	}
	f.Add([]byte(`{"a":[1,-0.5e+7,"\ud83d\ude00\n",true,false,null,{"":{}}]}`))
	f.Add([]byte(`{"a":"\u12"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		err := CheckSyntax(body)
		switch trimmed := strings.Trim(string(body), " \t\r\n"); {
		case trimmed == "":
			if err != nil {
				t.Fatal(err)
			}
		case err == nil && (!json.Valid(body) || trimmed[0] != '{'):
			t.Fatalf("%q is taken for JSON", body)
		case err != nil && json.Valid(body) && trimmed[0] == '{' && utf8.Valid(body) && !strings.Contains(err.Error(), "deeper"):
			t.Fatalf("%q is refused: %v", body, err)
		}
	})
}

// FuzzDecode decodes bodies for every operation: no panic, nothing passes that
// the syntax check refuses, and what passes is written as JSON and reads back
// the same. It does not check that a value is the right one; TestDecode does.
func FuzzDecode(f *testing.F) {
	for i, e := range Entries() {
		f.Add([]byte(sound[e.Name]), uint8(i))
	}
	f.Add([]byte(`{"Tags":[{"Key":"\ud800","Value":null}],"MaxResults":1e1,"Filters":{"a":"b"}}`), uint8(3))
	f.Fuzz(func(t *testing.T, body []byte, index uint8) {
		e := Entries()[int(index)%len(operations)]
		r, err := e.Decode(body)
		if err != nil {
			return
		}
		if err := CheckSyntax(body); err != nil {
			t.Fatalf("decoded though the syntax is wrong: %v", err)
		}
		if err := r.Validate(); err != nil && err.Error() == "" {
			t.Fatal("a violation without words")
		}
		w, ok := r.(Response)
		if !ok {
			t.Fatal("a request that cannot be written")
		}
		text := Append(nil, w)
		if !json.Valid(text) {
			t.Fatalf("written as %s", text)
		}
		again, err := e.Decode(text)
		if err != nil {
			t.Fatalf("%s does not read back: %v", text, err)
		}
		if diff := cmp.Diff(r, again); diff != "" {
			t.Fatal(diff)
		}
	})
}
