package job

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/almanac-forecast/almanac/forecast/calendar"
	"github.com/almanac-forecast/almanac/forecast/prep"
	"github.com/almanac-forecast/almanac/internal/pipeline"
	"github.com/almanac-forecast/almanac/internal/resource"
)

// algorithms are the models behind the algorithms that CreatePredictor takes.
var algorithms = map[string]string{"ETS": "ets"}

// planOf says how a predictor is trained and applied. target is the dataset of
// the target; types are the forecast types wanted.
func planOf(spec resource.PredictorSpec, target resource.DatasetSpec, types []string) (pipeline.Plan, error) {
	p := pipeline.Plan{
		Horizon: spec.Horizon, Types: types, Dimensions: spec.Dimensions,
		Windows: max(1, spec.Evaluation.Windows), Offset: spec.Evaluation.Offset,
	}
	var err error
	if p.Frequency, err = calendar.ParseFrequency(spec.Frequency); err != nil {
		return p, err
	}
	if p.Boundary, err = boundaryOf(spec.Boundary); err != nil {
		return p, err
	}
	if err := setModel(&p, spec); err != nil {
		return p, err
	}
	return p, setFilling(&p, spec.Attributes, target.Target())
}

func setModel(p *pipeline.Plan, spec resource.PredictorSpec) error {
	if spec.Auto {
		p.Model, p.Bounded = "auto", true
		if spec.Reference != "" {
			p.Limit = pipeline.LimitThird
		}
		return nil
	}
	name := spec.Algorithm[strings.LastIndexByte(spec.Algorithm, '/')+1:]
	model, ok := algorithms[name]
	if !ok {
		return failuref(nil, "The algorithm %s is not available yet. Use ETS, or CreateAutoPredictor.", spec.Algorithm)
	}
	p.Model, p.Fixed, p.Limit = model, true, pipeline.LimitLessOne
	// The named algorithms use the season lengths of the service they come from.
	p.Seasons = []int{}
	if m := calendar.AmazonSeason(p.Frequency); m > 1 {
		p.Seasons = []int{m}
	}
	return nil
}

func boundaryOf(b *resource.Boundary) (calendar.Boundary, error) {
	var out calendar.Boundary
	if b == nil {
		return out, nil
	}
	var err error
	switch {
	case b.Hour != nil:
		out.Hour = *b.Hour
	case b.DayOfWeek != "":
		out.Weekday, err = calendar.ParseWeekday(b.DayOfWeek)
	case b.DayOfMonth != nil:
		out.Day = *b.DayOfMonth
	case b.Month != "":
		months := []string{
			"JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER",
		}
		out.Month = slices.Index(months, b.Month) + 1
		if out.Month == 0 {
			err = fmt.Errorf("job: %q is no month", b.Month)
		}
	}
	return out, err
}

// setFilling reads the effective configuration of the attributes.
func setFilling(p *pipeline.Plan, attributes []resource.AttributeConfig, target string) error {
	p.Filling, p.Related = prep.TargetDefault, map[string]prep.Filling{}
	for _, a := range attributes {
		f, err := fillingOf(a.Transformations)
		if err != nil {
			return fmt.Errorf("job: attribute %s: %w", a.Name, err)
		}
		if a.Name != target {
			p.Related[a.Name] = f
			continue
		}
		p.Filling = f
		if how := a.Transformations["aggregation"]; how != "" {
			if p.Aggregation, err = prep.ParseAggregation(how); err != nil {
				return fmt.Errorf("job: attribute %s: %w", a.Name, err)
			}
		}
	}
	return nil
}

func fillingOf(given map[string]string) (prep.Filling, error) {
	var f prep.Filling
	for key, into := range map[string]*prep.Fill{"frontfill": &f.Front, "middlefill": &f.Middle, "backfill": &f.Back, "futurefill": &f.Future} {
		text, ok := given[key]
		if !ok {
			continue
		}
		var err error
		if into.Method, err = prep.ParseMethod(text); err != nil {
			return f, err
		}
		if into.Method == prep.Value {
			if into.Value, err = strconv.ParseFloat(given[key+"_value"], 64); err != nil {
				return f, fmt.Errorf("%s_value %q is not a number", key, given[key+"_value"])
			}
		}
	}
	return f, nil
}
