package resource_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/resource"
)

const algorithms = "arn:aws:forecast:::algorithm/"

func TestCreatePredictorInput(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	related := relatedSpec()
	withStores := targetSpec()
	withStores.Attributes = append(withStores.Attributes, attributes("store:string region_code:integer")...)
	plain := e.filledGroup("plain", targetSpec())
	rich := e.filledGroup("rich", withStores, related, itemSpec())
	colored := relatedSpec()
	colored.Attributes = append(colored.Attributes, attributes("day_hour_name:string store:string")...)
	odd := e.filledGroup("odd", withStores, colored)
	weekly := relatedSpec()
	weekly.Frequency = "W"
	weeks := e.filledGroup("weeks", targetSpec(), weekly)
	noFrequency := targetSpec()
	noFrequency.Frequency = ""
	free := e.filledGroup("free", noFrequency)
	onlyItems := e.filledGroup("only_items", itemSpec())
	empty := e.group("empty")
	noData := e.group("no_data", e.dataset("no_data", targetSpec()))

	fill := func(attribute string, pairs ...string) []resource.AttributeConfig {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return []resource.AttributeConfig{{Name: attribute, Transformations: m}}
	}
	type R = resource.PredictorRequest
	tests := []struct {
		name   string
		change func(*R)
		kind   resource.ErrorKind
		words  []string
	}{
		{"plain", func(*R) {}, "", nil},
		{"all of it", func(r *R) {
			r.Group, r.Horizon, r.ForecastTypes = rich, 500, []string{"0.01", "mean", ".5", "0.90", "0.99"}
			r.Dimensions, r.Windows, r.Offset = []string{"store", "region_code"}, new(5), new(600)
			r.Metric, r.Supplementary = "WAPE", []resource.AdditionalDataset{{Name: "Holiday", Value: "UK"}}
			r.Encryption = &resource.Encryption{RoleARN: role, KMSKeyARN: key}
			r.Attributes = append(fill("target_value", "aggregation", "avg", "frontfill", "none", "middlefill", "value", "middlefill_value", "-1.5", "backfill", "nan"),
				fill("price", "middlefill", "median", "backfill", "value", "backfill_value", "2", "futurefill", "max", "frontfill", "none")...)
		}, "", nil},
		{"coarser", func(r *R) { r.Frequency = "W" }, "", nil},
		{"no data frequency", func(r *R) { r.Group, r.Frequency = free, "1min" }, "", nil},
		{"empty parameters", func(r *R) { r.TrainingParameters = map[string]string{} }, "", nil},

		{"horizon 0", func(r *R) { r.Horizon = 0 }, resource.InvalidInput, []string{"ForecastHorizon 0", "500"}},
		{"horizon 501", func(r *R) { r.Horizon = 501 }, resource.InvalidInput, []string{"ForecastHorizon 501", "500"}},
		{"frequency", func(r *R) { r.Frequency = "2Y" }, resource.InvalidInput, []string{"ForecastFrequency", "'2Y'"}},
		{"finer", func(r *R) { r.Frequency = "23H" }, resource.InvalidInput, []string{"'23H'", "'D'"}},
		{"finer than weeks", func(r *R) { r.Group, r.Frequency = weeks, "6D" }, resource.InvalidInput, []string{"'6D'", "RELATED_TIME_SERIES"}},
		{"related frequency", func(r *R) { r.Group, r.Frequency = rich, "W" }, resource.InvalidInput, []string{"'W'", "'1D'"}},
		{"coarse related", func(r *R) { r.Group, r.Frequency = weeks, "1W" }, "", nil},
		{"six types", func(r *R) { r.ForecastTypes = strings.Fields("0.1 0.2 0.3 0.4 0.5 0.6") }, resource.InvalidInput, []string{"6", "5"}},
		{"type twice", func(r *R) { r.ForecastTypes = strings.Fields("0.5 0.50") }, resource.InvalidInput, []string{"'0.5'", "'0.50'"}},
		{"type 0", func(r *R) { r.ForecastTypes = strings.Fields("0.00") }, resource.InvalidInput, []string{"'0.00'"}},
		{"type P50", func(r *R) { r.ForecastTypes = strings.Fields("P50") }, resource.InvalidInput, []string{"'P50'"}},
		{"unknown dimension", func(r *R) { r.Group, r.Dimensions = rich, []string{"city"} }, resource.InvalidInput, []string{"'city'", "store, region_code"}},
		{"identifier as dimension", func(r *R) { r.Group, r.Dimensions = rich, []string{"item_id"} }, resource.InvalidInput, []string{"'item_id'"}},
		{"dimension twice", func(r *R) { r.Group, r.Dimensions = rich, []string{"store", "store"} }, resource.InvalidInput, []string{"'store'"}},
		{"words in related data", func(r *R) { r.Group = odd }, resource.InvalidInput, []string{
			"The attribute(s) [day_hour_name, store] present in the RELATED_TIME_SERIES schema should be of numeric type such as `integer` or `float`, or be added as a forecast dimension",
		}},
		{"one of them a dimension", func(r *R) { r.Group, r.Dimensions = odd, []string{"store"} }, resource.InvalidInput, []string{"attribute(s) [day_hour_name] present"}},

		{"windows 0", func(r *R) { r.Windows = new(0) }, resource.InvalidInput, []string{"NumberOfBacktestWindows 0"}},
		{"windows 6", func(r *R) { r.Windows = new(6) }, resource.InvalidInput, []string{"NumberOfBacktestWindows 6"}},
		{"offset", func(r *R) { r.Offset = new(6) }, resource.InvalidInput, []string{"BackTestWindowOffset 6", "7"}},

		{"unknown algorithm", func(r *R) { r.Algorithm = algorithms + "CNN" }, resource.InvalidInput, []string{
			"Invalid Algorithm ARN specified: " + algorithms + "CNN. Options: " + algorithms + "CNN-QR," + algorithms + "Deep_AR_Plus," + algorithms + "NPTS," + algorithms + "ETS," + algorithms + "ARIMA," + algorithms + "Prophet",
		}},
		{"no algorithm", func(r *R) { r.Algorithm = "" }, resource.InvalidInput, []string{"AlgorithmArn"}},
		{"AutoML and HPO", func(r *R) { r.Algorithm, r.AutoML, r.HPO = "", true, true }, resource.InvalidInput, []string{"PerformAutoML", "PerformHPO"}},
		{"AutoML and algorithm", func(r *R) { r.AutoML = true }, resource.InvalidInput, []string{"AlgorithmArn", "PerformAutoML"}},
		{"AutoML and parameters", func(r *R) {
			r.Algorithm, r.AutoML, r.TrainingParameters = "", true, map[string]string{"epochs": "5"}
		}, resource.InvalidInput, []string{"TrainingParameters"}},
		{"AutoML and ranges", func(r *R) { r.Algorithm, r.AutoML, r.Ranges = "", true, &resource.HPOConfig{} }, resource.InvalidInput, []string{"HPOConfig"}},
		{"AutoML", func(r *R) { r.Algorithm, r.AutoML = "", true }, resource.InvalidInput, []string{"PerformAutoML is not available", "divergences"}},
		{"strategy", func(r *R) { r.Strategy = "LatencyOptimized" }, resource.InvalidInput, []string{"AutoMLOverrideStrategy"}},
		{"HPO of ETS", func(r *R) { r.HPO = true }, resource.InvalidInput, []string{"PerformHPO", "CNN-QR"}},
		{"ranges without HPO", func(r *R) { r.Ranges = &resource.HPOConfig{} }, resource.InvalidInput, []string{"PerformHPO"}},
		{"parameters of ETS", func(r *R) { r.TrainingParameters = map[string]string{"epochs": "5"} }, resource.InvalidInput, []string{"TrainingParameters", "ETS"}},
		{"not available", func(r *R) { r.Algorithm = algorithms + "Prophet" }, resource.InvalidInput, []string{algorithms + "Prophet is not available", algorithms + "ETS", "CreateAutoPredictor"}},

		{"holiday", func(r *R) { r.Supplementary = []resource.AdditionalDataset{{Name: "holiday", Value: "GB"}} }, resource.InvalidInput, []string{"'GB'", "UK"}},
		{"weather", func(r *R) { r.Supplementary = []resource.AdditionalDataset{{Name: "weather", Value: "true"}} }, resource.InvalidInput, []string{"weather"}},
		{"moon", func(r *R) { r.Supplementary = []resource.AdditionalDataset{{Name: "moon", Value: "full"}} }, resource.InvalidInput, []string{"'moon'"}},

		{"fill of nothing", func(r *R) { r.Attributes = fill("prize", "middlefill", "zero") }, resource.InvalidInput, []string{"'prize'", "target_value"}},
		{"fill of a dimension", func(r *R) { r.Group, r.Attributes = rich, fill("store", "middlefill", "zero") }, resource.InvalidInput, []string{"'store'"}},
		{"fill twice", func(r *R) {
			r.Attributes = append(fill("target_value", "backfill", "zero"), fill("target_value", "middlefill", "zero")...)
		}, resource.InvalidInput, []string{"more than once"}},
		{"unknown key", func(r *R) { r.Attributes = fill("target_value", "sidefill", "zero") }, resource.InvalidInput, []string{"'sidefill'", "aggregation, backfill, backfill_value, frontfill, middlefill, middlefill_value"}},
		{"unknown method", func(r *R) { r.Attributes = fill("target_value", "middlefill", "none") }, resource.InvalidInput, []string{"'none'", "zero, nan"}},
		{"front of target", func(r *R) { r.Attributes = fill("target_value", "frontfill", "zero") }, resource.InvalidInput, []string{"frontfill"}},
		{"future of target", func(r *R) { r.Attributes = fill("target_value", "futurefill", "zero") }, resource.InvalidInput, []string{"'futurefill'"}},
		{"aggregation", func(r *R) { r.Attributes = fill("target_value", "aggregation", "last") }, resource.InvalidInput, []string{"'last'", "sum, avg, first, min, max"}},
		{"aggregation of related", func(r *R) { r.Group, r.Attributes = rich, fill("price", "aggregation", "first") }, resource.InvalidInput, []string{"'aggregation'"}},
		{"nan of related", func(r *R) { r.Group, r.Attributes = rich, fill("price", "middlefill", "nan") }, resource.InvalidInput, []string{"'nan'"}},
		{"value missing", func(r *R) { r.Attributes = fill("target_value", "backfill", "value") }, resource.InvalidInput, []string{"backfill_value"}},
		{"value needless", func(r *R) { r.Attributes = fill("target_value", "backfill", "zero", "backfill_value", "1") }, resource.InvalidInput, []string{"backfill_value"}},
		{"value alone", func(r *R) { r.Attributes = fill("target_value", "backfill_value", "1") }, resource.InvalidInput, []string{"backfill_value"}},
		{"value no number", func(r *R) {
			r.Attributes = fill("target_value", "backfill", "value", "backfill_value", "NaN")
		}, resource.InvalidInput, []string{"'NaN'", "decimal"}},

		{"no group", func(r *R) { r.Group = prefix + "dataset-group/nope" }, resource.NotFound, nil},
		{"not a group", func(r *R) { r.Group = prefix + "dataset/plain_a" }, resource.InvalidInput, []string{"a dataset group"}},
		{"no target data", func(r *R) { r.Group = onlyItems }, resource.InvalidInput, []string{"TARGET_TIME_SERIES"}},
		{"empty group", func(r *R) { r.Group = empty }, resource.InvalidInput, []string{"TARGET_TIME_SERIES"}},
		{"no data", func(r *R) { r.Group = noData }, resource.InvalidInput, []string{"no data", prefix + "dataset/no_data"}},
		{"what is missing is said last", func(r *R) {
			r.Algorithm, r.Group = algorithms+"NPTS", prefix+"dataset-group/nope"
		}, resource.NotFound, nil},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := etsRequest("p"+string(rune('a'+i/26))+string(rune('a'+i%26)), plain)
			tt.change(&req)
			arn, err := e.CreatePredictor(t.Context(), me, req)
			if tt.kind != "" {
				want(t, err, tt.kind, tt.words...)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if arn != prefix+"predictor/"+req.Name {
				t.Errorf("got the ARN %s", arn)
			}
			if row := e.row(arn); row.Group != req.Group || row.Parent != req.Group || row.Status != resource.CreatePending {
				t.Errorf("got %+v", row)
			}
		})
	}
}

func TestHyperparameters(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	group := e.filledGroup("g", targetSpec())
	try := func(algorithm, text string) error {
		req := etsRequest("p", group)
		req.Algorithm = algorithms + algorithm
		req.TrainingParameters = map[string]string{}
		for f := range strings.FieldsSeq(text) {
			k, v, _ := strings.Cut(f, "=")
			req.TrainingParameters[k] = v
		}
		_, err := e.CreatePredictor(t.Context(), me, req)
		return err
	}
	for algorithm, good := range map[string][]string{
		"CNN-QR":       {"context_length=9999", "use_related_data=HISTORICAL use_item_metadata=NONE epochs=100"},
		"Deep_AR_Plus": {"context_length=14 epochs=500 learning_rate=1E-3 learning_rate_decay=0.5 likelihood=student-t max_learning_rate_decays=0 num_averaged_models=1 num_cells=40 num_layers=2 prediction_length=7", "likelihood=deterministic-L1"},
		"NPTS":         {"context_length=5 kernel_type=uniform use_seasonal_model=False", "exp_kernel_weights=0.5 use_default_time_features=True"},
	} {
		for _, g := range good {
			want(t, try(algorithm, g), resource.InvalidInput, "is not available")
		}
	}
	for _, bad := range []struct{ algorithm, text, word string }{
		{"CNN-QR", "context_length=0", "'context_length'"},
		{"CNN-QR", "epochs=1.5", "'epochs'"},
		{"CNN-QR", "use_related_data=SOME", "FORWARD_LOOKING"},
		{"CNN-QR", "likelihood=beta", "'likelihood' is unknown"},
		{"Deep_AR_Plus", "context_length=71", "from 1 to 70"},
		{"Deep_AR_Plus", "prediction_length=8", "equal to ForecastHorizon, 7"},
		{"Deep_AR_Plus", "learning_rate=0", "above 0"},
		{"Deep_AR_Plus", "learning_rate_decay=1.5", "from 0 to 1"},
		{"Deep_AR_Plus", "max_learning_rate_decays=-1", "at least 0"},
		{"Deep_AR_Plus", "num_averaged_models=6", "from 1 to 5"},
		{"Deep_AR_Plus", "likelihood=poisson", "negative-binomial"},
		{"NPTS", "kernel_type=gauss", "uniform"},
		{"NPTS", "exp_kernel_weights=NaN", "above 0"},
		{"NPTS", "kernel_type=uniform exp_kernel_weights=1", "exponential"},
		{"ARIMA", "order=1", "takes none"},
		{"Prophet", "order=1", "takes none"},
	} {
		want(t, try(bad.algorithm, bad.text), resource.InvalidInput, bad.word)
	}
}

func TestRanges(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	group := e.filledGroup("g", targetSpec())
	for _, tt := range []struct {
		algorithm string
		ranges    resource.HPOConfig
		word      string
	}{
		{"CNN-QR", resource.HPOConfig{Integer: []resource.NumberRange{{Name: "context_length", Min: 10, Max: 20}}}, "not available"},
		{"Deep_AR_Plus", resource.HPOConfig{Continuous: []resource.NumberRange{{Name: "learning_rate", Min: 1e-4, Max: 0.1, Scaling: "Logarithmic"}}}, "not available"},
		{"CNN-QR", resource.HPOConfig{Integer: []resource.NumberRange{{Name: "epochs", Min: 10, Max: 20}}}, "'epochs'"},
		{"CNN-QR", resource.HPOConfig{Continuous: []resource.NumberRange{{Name: "context_length", Min: 10, Max: 20}}}, "ContinuousParameterRange"},
		{"CNN-QR", resource.HPOConfig{Categorical: []resource.CategoricalRange{{Name: "use_related_data", Values: []string{"ALL"}}}}, "CategoricalParameterRange"},
		{"CNN-QR", resource.HPOConfig{Integer: []resource.NumberRange{{Name: "context_length", Min: 20, Max: 20}}}, "MaxValue"},
		{"CNN-QR", resource.HPOConfig{Integer: []resource.NumberRange{{Name: "context_length", Min: 1, Max: 20, Scaling: "ReverseLogarithmic"}}}, "ReverseLogarithmic"},
		{"Deep_AR_Plus", resource.HPOConfig{Continuous: []resource.NumberRange{{Name: "learning_rate", Min: 0, Max: 0.1, Scaling: "Logarithmic"}}}, "above 0"},
		{"Deep_AR_Plus", resource.HPOConfig{Continuous: []resource.NumberRange{{Name: "learning_rate", Min: 0.5, Max: 1, Scaling: "ReverseLogarithmic"}}}, "x < 1"},
	} {
		req := etsRequest("p", group)
		req.Algorithm, req.HPO, req.Ranges = algorithms+tt.algorithm, true, &tt.ranges
		_, err := e.CreatePredictor(t.Context(), me, req)
		want(t, err, resource.InvalidInput, tt.word)
	}
}

// What Describe echoes: defaults added, types normalised.
func TestPredictorDefaults(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	group := e.filledGroup("g", targetSpec(), relatedSpec())
	req := etsRequest("p", group)
	req.ForecastTypes = []string{"0.50", ".9", "0.05", "mean"}
	spec, err := resource.DecodeSpec[resource.PredictorSpec](e.row(e.ok(e.CreatePredictor(t.Context(), me, req))))
	if err != nil {
		t.Fatal(err)
	}
	want := resource.PredictorSpec{
		Algorithm: resource.AlgorithmETS, Horizon: 7, Frequency: "D",
		ForecastTypes: []string{"0.5", "0.9", "0.05", "mean"}, ForecastTypesGiven: true,
		Attributes: []resource.AttributeConfig{
			{Name: "target_value", Transformations: map[string]string{"aggregation": "sum", "frontfill": "none", "middlefill": "zero", "backfill": "zero"}},
			{Name: "price", Transformations: map[string]string{"aggregation": "first", "frontfill": "none", "middlefill": "none", "backfill": "none"}},
		},
		Evaluation: resource.Evaluation{Windows: 1, Offset: 7},
	}
	if diff := cmp.Diff(want, spec); diff != "" {
		t.Errorf("spec (want, got):\n%s", diff)
	}
	for in, key := range map[string]string{"0.1": "p10", "0.01": "p1", "0.05": "p5", "0.55": "p55", "mean": "mean", "0.99": "p99"} {
		if got := resource.TypeKey(in); got != key {
			t.Errorf("TypeKey(%s) is %s, want %s", in, got, key)
		}
	}
}

func TestPredictorStates(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := newEnv(t)
	fresh := e.dataset("fresh", targetSpec())
	group := e.group("g", fresh)
	job := e.importJob("job", fresh)
	_, err := e.CreatePredictor(ctx, me, etsRequest("p", group))
	want(t, err, resource.InUse, fresh, "UPDATE_PENDING") // its first import runs: not at fault, only early
	e.finish(job, resource.ImportJobResult{Prefix: "x"})
	p := e.ok(e.CreatePredictor(ctx, me, etsRequest("p", group)))
	second := e.importJob("second", fresh)
	_, err = e.CreatePredictor(ctx, me, etsRequest("p", group))
	want(t, err, resource.AlreadyExists, "A predictor already exists with the arn: "+p) // the name before the state
	_, err = e.CreatePredictor(ctx, me, etsRequest("q", group))
	want(t, err, resource.InUse, fresh)
	_, err = e.CreateAutoPredictor(ctx, me, autoRequest("p", group))
	want(t, err, resource.AlreadyExists, p) // one name space for both sorts
	e.begin(second)
	e.fail(second, "bad")
	e.predictor("q", group) // UPDATE_FAILED: the earlier data are in force

	// A dataset of the group is gone.
	lost := e.filled("lost", targetSpec())
	dangling := e.group("dangling", lost)
	if err := e.DeleteTree(ctx, me, lost); err != nil {
		t.Fatal(err)
	}
	e.purge(prefix + "dataset-import-job/lost/first")
	e.purge(lost)
	_, err = e.CreatePredictor(ctx, me, etsRequest("r", dangling))
	want(t, err, resource.InvalidInput, "Dataset arns: ["+lost+"] are not found")
}

func TestAutoPredictor(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	group := e.filledGroup("g", targetSpec())
	type R = resource.AutoPredictorRequest
	tests := []struct {
		name   string
		change func(*R)
		kind   resource.ErrorKind
		words  []string
	}{
		{"plain", func(*R) {}, "", nil},
		{"hour", func(r *R) { r.Boundary = &resource.Boundary{Hour: new(5)} }, "", nil},
		{"weekday", func(r *R) { r.Frequency, r.Boundary = "2W", &resource.Boundary{DayOfWeek: "SUNDAY"} }, "", nil},
		{"day of month", func(r *R) { r.Frequency, r.Boundary = "3M", &resource.Boundary{DayOfMonth: new(15)} }, "", nil},
		{"month", func(r *R) { r.Frequency, r.Boundary = "Y", &resource.Boundary{Month: "APRIL"} }, "", nil},
		{"explain false", func(r *R) { r.Explain = new(false) }, "", nil},

		{"nothing", func(r *R) { *r = R{Name: r.Name} }, resource.InvalidInput, []string{"ForecastHorizon, ForecastFrequency, DataConfig.DatasetGroupArn"}},
		{"no horizon", func(r *R) { r.Horizon = nil }, resource.InvalidInput, []string{"ForecastHorizon must"}},
		{"no frequency", func(r *R) { r.Frequency = "" }, resource.InvalidInput, []string{"ForecastFrequency"}},
		{"no data", func(r *R) { r.Group = "" }, resource.InvalidInput, []string{"DatasetGroupArn"}},
		{"horizon", func(r *R) { r.Horizon = new(501) }, resource.InvalidInput, []string{"501"}},
		{"two boundaries", func(r *R) { r.Boundary = &resource.Boundary{Hour: new(5), DayOfWeek: "SUNDAY"} }, resource.InvalidInput, []string{"exactly one"}},
		{"no boundary", func(r *R) { r.Boundary = &resource.Boundary{} }, resource.InvalidInput, []string{"exactly one"}},
		{"wrong boundary", func(r *R) { r.Boundary = &resource.Boundary{DayOfWeek: "SUNDAY"} }, resource.InvalidInput, []string{"DayOfWeek", "Hour"}},
		{"explain", func(r *R) { r.Explain = new(true) }, resource.InvalidInput, []string{"ExplainPredictor", "not available"}},
		{"monitor", func(r *R) { r.Monitor = "m" }, resource.InvalidInput, []string{"MonitorConfig", "not available"}},
		{"holiday", func(r *R) {
			r.Additional = []resource.AdditionalDataset{{Name: "holiday", Configuration: map[string][]string{"CountryCode": {"US"}}}}
		}, resource.InvalidInput, []string{"'holiday'", "not available"}},
		{"two countries", func(r *R) {
			r.Additional = []resource.AdditionalDataset{{Name: "holiday", Configuration: map[string][]string{"CountryCode": {"US", "CA"}}}}
		}, resource.InvalidInput, []string{"exactly one"}},
		{"weather", func(r *R) { r.Additional = []resource.AdditionalDataset{{Name: "weather"}} }, resource.InvalidInput, []string{"weather"}},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := autoRequest("p"+string(rune('a'+i)), group)
			tt.change(&req)
			arn, err := e.CreateAutoPredictor(t.Context(), me, req)
			if tt.kind != "" {
				want(t, err, tt.kind, tt.words...)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			head, id := arn[:len(arn)-26], arn[len(arn)-26:]
			if head != prefix+"predictor/"+req.Name+"_" || strings.Trim(id, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" {
				t.Errorf("got the ARN %s", arn)
			}
			if e.row(arn).Name != req.Name {
				t.Errorf("got the name %s", e.row(arn).Name)
			}
			_, err = e.CreateAutoPredictor(t.Context(), me, autoRequest(req.Name, group))
			want(t, err, resource.AlreadyExists, arn)
		})
	}
}

func TestRetrain(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := newEnv(t)
	group := e.filledGroup("g", targetSpec(), relatedSpec())
	req := etsRequest("old", group)
	req.ForecastTypes, req.Metric = []string{"0.3"}, "MASE"
	req.Windows = new(3)
	req.Attributes = []resource.AttributeConfig{
		{Name: "price", Transformations: map[string]string{"middlefill": "zero"}},
		{Name: "target_value", Transformations: map[string]string{"aggregation": "first"}},
	}
	old := e.ok(e.CreatePredictor(ctx, me, req))
	retrain := func(name, reference string) (string, error) {
		return e.CreateAutoPredictor(ctx, me, resource.AutoPredictorRequest{Name: name, Reference: reference, Tags: []resource.Tag{{Key: "a", Value: "b"}}})
	}
	_, err := retrain("new", old)
	want(t, err, resource.InUse, old, "CREATE_PENDING")
	e.finish(old, resource.PredictorResult{})
	upgraded := e.ok(retrain("new", old))
	spec, err := resource.DecodeSpec[resource.PredictorSpec](e.row(upgraded))
	if err != nil {
		t.Fatal(err)
	}
	wantSpec := resource.PredictorSpec{
		Auto: true, Horizon: 7, Frequency: "D", ForecastTypes: []string{"0.3"}, ForecastTypesGiven: true, Metric: "MASE",
		Attributes: []resource.AttributeConfig{
			{Name: "price", Transformations: map[string]string{"aggregation": "first", "frontfill": "none", "middlefill": "zero", "backfill": "none"}},
			{Name: "target_value", Transformations: map[string]string{"aggregation": "first", "frontfill": "none", "middlefill": "zero", "backfill": "zero"}},
		},
		Evaluation: resource.Evaluation{Windows: 1, Offset: 7}, Reference: old,
	}
	if diff := cmp.Diff(wantSpec, spec); diff != "" {
		t.Errorf("upgraded (want, got):\n%s", diff)
	}
	e.finish(upgraded, resource.PredictorResult{})
	again := e.ok(retrain("again", upgraded))
	wantSpec.Reference = upgraded
	if spec, err = resource.DecodeSpec[resource.PredictorSpec](e.row(again)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantSpec, spec); diff != "" {
		t.Errorf("retrained (want, got):\n%s", diff)
	}
	if e.row(again).Parent != group {
		t.Error("a retrained predictor is no sibling of its reference")
	}

	_, err = retrain("x", prefix+"predictor/nope")
	want(t, err, resource.NotFound)
	_, err = retrain("x", group)
	want(t, err, resource.InvalidInput, "a predictor")
	bad := e.ok(e.CreatePredictor(ctx, me, etsRequest("bad", group)))
	e.fail(bad, "no")
	_, err = retrain("x", bad)
	want(t, err, resource.InvalidInput, bad, "CREATE_FAILED")
	full := autoRequest("x", group)
	full.Reference, full.Boundary, full.Metric = old, &resource.Boundary{Hour: new(1)}, "WAPE"
	full.Encryption, full.Dimensions, full.ForecastTypes = &resource.Encryption{}, []string{"a"}, []string{"0.5"}
	_, err = e.CreateAutoPredictor(ctx, me, full)
	want(t, err, resource.InvalidInput, "ForecastHorizon, ForecastTypes, ForecastDimensions, ForecastFrequency, DataConfig, EncryptionConfig, OptimizationMetric, TimeAlignmentBoundary must not")
}

func TestPredictorQuotas(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := newEnv(t, withAWSQuotas)
	group := e.filledGroup("g", targetSpec())
	for _, n := range []string{"a", "b", "c"} {
		e.ok(e.CreatePredictor(ctx, me, etsRequest(n, group)))
		e.ok(e.CreateAutoPredictor(ctx, me, autoRequest("auto_"+n, group)))
	}
	_, err := e.CreatePredictor(ctx, me, etsRequest("d", group))
	want(t, err, resource.LimitExceeded, "Quota limit of 3 concurrently creating predictors has been reached")
	_, err = e.CreateAutoPredictor(ctx, me, autoRequest("auto_d", group))
	want(t, err, resource.LimitExceeded, "Quota limit of 3 concurrently creating auto predictors has been reached")

	few := resource.Quotas{Total: map[resource.Kind]int{resource.KindDataset: 1, resource.KindForecastExport: 0}}
	e = newEnv(t, func(c *resource.Config) { c.Quotas = few })
	e.dataset("one", targetSpec())
	_, err = e.CreateDataset(ctx, me, "two", targetSpec(), nil)
	want(t, err, resource.LimitExceeded, "Quota limit of 1 datasets has been reached")
	if _, err := resource.QuotasNamed("azure"); err == nil {
		t.Error("unknown quotas were taken")
	}
}

func TestAccuracyStates(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := newEnv(t)
	group := e.filledGroup("g", targetSpec())
	p := e.ok(e.CreatePredictor(ctx, me, etsRequest("p", group)))
	_, _, err := e.Accuracy(ctx, me, p)
	want(t, err, resource.InUse, p)
	e.fail(p, "no")
	_, _, err = e.Accuracy(ctx, me, p)
	want(t, err, resource.InvalidInput, "CREATE_FAILED")
	q := e.predictor("q", group)
	if _, result, err := e.Accuracy(ctx, me, q); err != nil || result.Prefix != "models/q" {
		t.Errorf("got %+v, %v", result, err)
	}
	if err := e.Delete(ctx, me, "PredictorArn", q, resource.KindPredictor); err != nil {
		t.Fatal(err)
	}
	_, _, err = e.Accuracy(ctx, me, q)
	want(t, err, resource.InUse, "DELETE_PENDING")
	_, _, err = e.Accuracy(ctx, me, group)
	want(t, err, resource.InvalidInput)
	err = e.try(func(ctx context.Context, tx resource.Tx) error {
		return resource.Activate(ctx, tx, e.Now(), q, resource.PredictorResult{})
	})
	if err == nil {
		t.Error("a predictor that is being deleted became ACTIVE")
	}
}
