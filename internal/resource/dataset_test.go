package resource_test

import (
	"strings"
	"testing"

	"github.com/almanac-forecast/almanac/internal/resource"
)

// many returns n attributes of a type.
func many(n int, attributeType string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(" x_")
		b.WriteByte(byte('a' + i))
		b.WriteString(":" + attributeType)
	}
	return b.String()
}

func TestCreateDatasetSchemas(t *testing.T) {
	t.Parallel()
	const tts, rts, im = resource.TargetTimeSeries, resource.RelatedTimeSeries, resource.ItemMetadata
	tests := []struct {
		name, domain, datasetType, frequency, schema string
		words                                        []string // of the error; none: accepted
	}{
		{"plain", "CUSTOM", tts, "D", targetSchema, nil},
		{"other order", "CUSTOM", tts, "1H", "timestamp:timestamp target_value:float item_id:string", nil},
		{"integer target", "CUSTOM", tts, "D", "item_id:string timestamp:timestamp target_value:integer", nil},
		{"retail", "RETAIL", tts, "D", "item_id:string timestamp:timestamp demand:float location:string", nil},
		{"inventory", "INVENTORY_PLANNING", tts, "W", "item_id:string timestamp:timestamp demand:float", nil},
		{"capacity", "EC2_CAPACITY", tts, "30min", "instance_type:string timestamp:timestamp number_of_instances:integer location:string", nil},
		{"capacity float", "EC2_CAPACITY", tts, "H", "instance_type:string timestamp:timestamp number_of_instances:float", nil},
		{"work force", "WORK_FORCE", tts, "M", "workforce_type:string timestamp:timestamp workforce_demand:float", nil},
		{"web traffic, reserved target", "WEB_TRAFFIC", tts, "Y", "item_id:string timestamp:timestamp value:float", nil},
		{"metrics", "METRICS", tts, "5min", "metric_name:string timestamp:timestamp metric_value:float", nil},
		{"no frequency", "CUSTOM", tts, "", targetSchema, nil},
		{"ten dimensions", "CUSTOM", tts, "D", targetSchema + many(10, "string"), nil},
		{"number as dimension", "CUSTOM", tts, "D", targetSchema + " store:integer", nil},
		{"geolocation", "CUSTOM", tts, "D", targetSchema + " place:geolocation", nil},
		{"related", "CUSTOM", rts, "D", relatedSchema, nil},
		{"related with dimension", "CUSTOM", rts, "D", relatedSchema + " color:string", nil},
		{"thirteen features", "CUSTOM", rts, "D", "item_id:string timestamp:timestamp" + many(13, "float"), nil},
		{"items", "CUSTOM", im, "", itemSchema, nil},
		{"items with frequency", "CUSTOM", im, "D", itemSchema, nil},
		{"items of ten columns", "CUSTOM", im, "", "item_id:string" + many(9, "string"), nil},
		{"wages are a number", "WORK_FORCE", im, "", "workforce_type:string wages:float shift_length:string", nil},
		{"items of capacity", "EC2_CAPACITY", im, "", "instance_type:string size_class:string", nil},

		{"no attributes", "CUSTOM", tts, "D", "", []string{"Schema.Attributes"}},
		{"no name", "CUSTOM", tts, "D", targetSchema + " :string", []string{"attribute 4", "AttributeName"}},
		{"no type", "CUSTOM", tts, "D", targetSchema + " store:", []string{"'store'", "AttributeType"}},
		{"unknown type", "CUSTOM", tts, "D", targetSchema + " store:text", []string{"'store'", "'text'", "geolocation"}},
		{"bad name", "CUSTOM", tts, "D", targetSchema + " 9lives:string", []string{"'9lives'"}},
		{"twice", "CUSTOM", tts, "D", targetSchema + " ITEM_ID:string", []string{"'ITEM_ID'", "more than one"}},
		{"reserved", "CUSTOM", tts, "D", targetSchema + " Group:string", []string{"'Group'", "reserved"}},
		{"value is reserved elsewhere", "CUSTOM", rts, "D", relatedSchema + " value:float", []string{"'value'", "reserved"}},
		{"no identifier", "CUSTOM", tts, "D", "timestamp:timestamp target_value:float sku:string", []string{"'item_id'", "CUSTOM"}},
		{"identifier of another domain", "METRICS", tts, "D", "item_id:string timestamp:timestamp metric_value:float", []string{"'metric_name'"}},
		{"identifier a number", "CUSTOM", tts, "D", "item_id:integer timestamp:timestamp target_value:float", []string{"'item_id'", "string", "integer"}},
		{"no timestamp", "CUSTOM", tts, "D", "item_id:string target_value:float", []string{"'timestamp'"}},
		{"timestamp a string", "CUSTOM", tts, "D", "item_id:string timestamp:string target_value:float", []string{"'timestamp'"}},
		{"two timestamps", "CUSTOM", tts, "D", targetSchema + " day_of_order:timestamp", []string{"2 attributes of type timestamp", "day_of_order"}},
		{"no target", "CUSTOM", tts, "D", "item_id:string timestamp:timestamp demand:float", []string{"'target_value'"}},
		{"target a string", "CUSTOM", tts, "D", "item_id:string timestamp:timestamp target_value:string", []string{"'target_value'", "float or integer"}},
		{"eleven dimensions", "CUSTOM", tts, "D", targetSchema + many(11, "string"), []string{"11", "10"}},
		{"two places", "CUSTOM", tts, "D", targetSchema + " a_place:geolocation b_place:geolocation", []string{"2 attributes of type geolocation"}},
		{"target in related", "CUSTOM", rts, "D", relatedSchema + " target_value:float", []string{"'target_value'"}},
		{"no feature", "CUSTOM", rts, "D", "item_id:string timestamp:timestamp", []string{"at least one"}},
		{"only a dimension", "CUSTOM", rts, "D", "item_id:string timestamp:timestamp color:string", []string{"at least one"}},
		{"fourteen features", "CUSTOM", rts, "D", "item_id:string timestamp:timestamp" + many(14, "integer"), []string{"14", "13"}},
		{"related without frequency", "CUSTOM", rts, "", relatedSchema, []string{"DataFrequency"}},
		{"number in items", "CUSTOM", im, "", itemSchema + " weight:float", []string{"'weight'", "string"}},
		{"timestamp in items", "CUSTOM", im, "", itemSchema + " timestamp:timestamp", []string{"'timestamp'"}},
		{"place in items", "CUSTOM", im, "", itemSchema + " place:geolocation", []string{"'place'"}},
		{"items of eleven columns", "CUSTOM", im, "", "item_id:string" + many(10, "string"), []string{"11", "10"}},
		{"frequency", "CUSTOM", tts, "7D", targetSchema, []string{"DataFrequency", "'7D'", "6"}},
	}
	e := newEnv(t)
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			spec := resource.DatasetSpec{Domain: tt.domain, Type: tt.datasetType, Frequency: tt.frequency, Attributes: attributes(tt.schema)}
			name := "d_" + string(rune('a'+i/26)) + string(rune('a'+i%26))
			arn, err := e.CreateDataset(t.Context(), me, name, spec, nil)
			if tt.words != nil {
				want(t, err, resource.InvalidInput, tt.words...)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if arn != prefix+"dataset/"+name {
				t.Errorf("got the ARN %s", arn)
			}
			row := e.row(arn)
			if row.Status != resource.Active || !row.LastModified(e.Now()).Equal(row.Created) {
				t.Errorf("a new dataset is %s, modified %s, created %s", row.Status, row.LastModified(e.Now()), row.Created)
			}
		})
	}
}

func TestFrequencies(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	create := func(name, f string) error {
		spec := targetSpec()
		spec.Frequency = f
		_, err := e.CreateDataset(t.Context(), me, name, spec, nil)
		return err
	}
	for i, f := range strings.Fields("Y M W D H 1min 59min 1H 23H 1D 6D 1W 4W 1M 11M 1Y 30min 15min 10min 5min 3D 3M") {
		if err := create("ok"+string(rune('a'+i)), f); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
	for f := range strings.FieldsSeq("min 0min 60min 24H 0H 7D 5W 12M 2Y 0D 01D -1D 1d d h 1Min 1m MIN 1DD D1 1.5D 1 +1D 1Q 99999 1HD") {
		want(t, create("bad", f), resource.InvalidInput, "DataFrequency", "'"+f+"'")
	}
}

func TestCreateDatasetConflictAndTags(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := newEnv(t)
	arn := e.dataset("sales", targetSpec())
	_, err := e.CreateDataset(ctx, me, "sales", targetSpec(), nil)
	want(t, err, resource.AlreadyExists, "A dataset already exists with the arn: "+arn)
	// the input is checked before the name
	bad := targetSpec()
	bad.Frequency = "2Y"
	_, err = e.CreateDataset(ctx, me, "sales", bad, nil)
	want(t, err, resource.InvalidInput)
	// other accounts and regions have names of their own
	for _, c := range []resource.Caller{
		{Partition: "aws", Account: "999999999999", Region: region}, {Partition: "aws", Account: account, Region: "us-east-1"},
	} {
		if _, err := e.CreateDataset(ctx, c, "sales", targetSpec(), nil); err != nil {
			t.Errorf("%v: %v", c, err)
		}
	}
	_, err = e.CreateDataset(ctx, me, "tagged", targetSpec(), []resource.Tag{{Key: "a", Value: "1"}, {Key: "a", Value: "2"}})
	want(t, err, resource.InvalidInput, "'a'", "more than once")
	_, err = e.CreateDataset(ctx, me, "tagged", targetSpec(), []resource.Tag{{Key: "AWS:x", Value: "1"}})
	want(t, err, resource.InvalidInput, "'AWS:x'")
	withKey := targetSpec()
	withKey.Encryption = &resource.Encryption{RoleARN: "arn:aws:iam::999999999999:role/x", KMSKeyARN: key}
	_, err = e.CreateDataset(ctx, me, "sealed", withKey, nil)
	want(t, err, resource.InvalidInput, "EncryptionConfig.RoleArn", "999999999999", account)
}

func TestReservedWords(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	for _, w := range []string{"A", "zone", "Timezone_Hour", "order", "VALUE", "Year"} {
		spec := targetSpec()
		spec.Attributes = append(spec.Attributes, resource.Attribute{Name: w, Type: "string"})
		_, err := e.CreateDataset(t.Context(), me, "x", spec, nil)
		want(t, err, resource.InvalidInput, "'"+w+"'", "reserved")
	}
}

func TestDatasetGroups(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := newEnv(t)
	tts, rts, im := e.dataset("tts", targetSpec()), e.dataset("rts", relatedSpec()), e.dataset("im", itemSpec())
	other := e.dataset("other", targetSpec())
	retail := e.dataset("retail", resource.DatasetSpec{Domain: "RETAIL", Type: resource.TargetTimeSeries, Frequency: "D", Attributes: attributes("item_id:string timestamp:timestamp demand:float")})
	missing, foreign := prefix+"dataset/nope", strings.Replace(tts, account, "999999999999", 1)

	group := e.group("all", tts, rts, im)
	empty := e.group("empty")
	create := func(name string, datasets ...string) error {
		_, err := e.CreateDatasetGroup(ctx, me, name, resource.DatasetGroupSpec{Domain: "CUSTOM", Datasets: datasets}, nil)
		return err
	}
	update := func(datasets ...string) error { return e.UpdateDatasetGroup(ctx, me, empty, datasets) }
	for name, f := range map[string]func(...string) error{"create": func(d ...string) error { return create("bad", d...) }, "update": update} {
		t.Run(name, func(t *testing.T) {
			want(t, f(missing), resource.InvalidInput, "Dataset arns: ["+missing+"] are not found")
			want(t, f(missing, tts, foreign), resource.InvalidInput, "Dataset arns: ["+missing+", "+foreign+"] are not found")
			want(t, f(tts, other), resource.InvalidInput, tts, other, "TARGET_TIME_SERIES")
			want(t, f(tts, tts), resource.InvalidInput, "more than once")
			want(t, f(retail), resource.InvalidInput, "RETAIL", "CUSTOM")
			want(t, f(tts, rts, im, other), resource.InvalidInput, "4", "3")
			want(t, f(group), resource.InvalidInput, "a dataset group", "a dataset")
			want(t, f("arn:aws:forecast:x"), resource.InvalidInput, "arn:aws:forecast:x")
		})
	}
	want(t, create("all"), resource.AlreadyExists, "A dataset group already exists with the arn: "+group)

	created := e.row(empty).Created
	if err := update(tts, rts); err != nil {
		t.Fatal(err)
	}
	row := e.row(empty)
	spec, err := resource.DecodeSpec[resource.DatasetGroupSpec](row)
	if err != nil {
		t.Fatal(err)
	}
	sameStrings(t, "datasets", spec.Datasets, []string{tts, rts})
	if !row.LastModified(e.Now()).After(created) || row.Status != resource.Active {
		t.Errorf("after the update: %s, modified %s, created %s", row.Status, row.Modified, created)
	}
	if err := update(); err != nil {
		t.Errorf("an empty list: %v", err)
	}
	want(t, e.UpdateDatasetGroup(ctx, me, prefix+"dataset-group/nope", nil), resource.NotFound, "No resource found "+prefix+"dataset-group/nope")
	want(t, e.UpdateDatasetGroup(ctx, me, tts, nil), resource.InvalidInput, "a dataset group")

	if err := e.Delete(ctx, me, "DatasetArn", other, resource.KindDataset); err != nil {
		t.Fatal(err)
	}
	want(t, create("late", other), resource.InUse, other, "DELETE_PENDING")
	want(t, update(other), resource.InUse, other)
}
