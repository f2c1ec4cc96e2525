package resource_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/resource"
)

// FuzzDecodeImportJob compares the spec of an import job with what encoding/json
// makes of it, whether it is read in the quick way or not.
func FuzzDecodeImportJob(f *testing.F) {
	for _, s := range []resource.ImportJobSpec{
		{},
		{Dataset: "arn:d", Source: resource.Location{Path: "s3://b/k.csv", RoleARN: "arn:r"}},
		{Dataset: "arn:d", Source: resource.Location{Path: "s3://b/\"é\\<&>.csv", KMSKeyARN: "arn:k"}, Format: "CSV", ImportMode: "FULL"},
		{TimestampFormat: "yyyy-MM-dd", TimeZone: "Europe/Berlin", GeolocationZone: true, GeolocationFormat: "LAT_LONG"},
	} {
		text, err := json.Marshal(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, text := range []string{
		``, ` {}`, `{"dataset":"a","dataset":"b"}`, `{"dataset":"a",}`, `{"dataset":"a"}x`, `{"Dataset":"a"}`, `{"source":null,"format":"a"}`,
		`{"source":{"path":"a"},"source":{"role_arn":"b"}}`, `{"use_geolocation_for_time_zone":trues}`, `{"format":"a` + "\n" + `"}`, `{"dataset":"a"`, `{,}`, `[]`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var want resource.ImportJobSpec
		var bad error
		if len(text) > 0 {
			bad = json.Unmarshal(text, &want)
		}
		got, err := resource.DecodeSpec[resource.ImportJobSpec](resource.Row{Spec: string(text)})
		if (err != nil) != (bad != nil) {
			t.Fatalf("%q: got error %v, encoding/json has %v", text, err, bad)
		}
		if d := cmp.Diff(want, got); bad == nil && d != "" {
			t.Fatalf("%q (-want +got):\n%s", text, d)
		}
	})
}
