package resource

import (
	"context"
	"slices"
	"strings"
	"time"
)

// SeriesQuery is a checked question for the values of one series.
type SeriesQuery struct {
	Forecast Row
	Spec     ForecastSpec
	Key      map[string]string // attribute to value in lower case: the identifier and every dimension
	Start    *time.Time        // inclusive, local time read as UTC; nil: from the first step
	End      *time.Time
}

// Query checks a QueryForecast request (contract 7.2).
func (s *Service) Query(ctx context.Context, c Caller, arn string, filters map[string]string, start, end string) (SeriesQuery, error) {
	if err := checkKind("ForecastArn", arn, KindForecast); err != nil {
		return SeriesQuery{}, err
	}
	q := SeriesQuery{Key: make(map[string]string, len(filters))}
	var e *Error
	if q.Start, e = queryTime("StartDate", start); e != nil {
		return q, e
	}
	if q.End, e = queryTime("EndDate", end); e != nil {
		return q, e
	}
	if q.Start != nil && q.End != nil && q.Start.After(*q.End) {
		return q, Errorf(InvalidInput, "StartDate %s is after EndDate %s", start, end)
	}
	for k, v := range filters {
		q.Key[k] = strings.ToLower(v)
	}
	err := s.store.View(ctx, func(r Reader) error {
		row, err := load(ctx, r, c, arn)
		if err != nil {
			return err
		}
		q.Forecast = row
		if q.Spec, err = DecodeSpec[ForecastSpec](row); err != nil {
			return err
		}
		if err := usable(row, false); err != nil {
			return err
		}
		if err := checkSeriesKey(ctx, r, row, filters); err != nil {
			return err
		}
		return usable(row, true)
	})
	return q, err
}

// checkSeriesKey checks that the filters name the identifier and every
// dimension of the predictor, and nothing else.
func checkSeriesKey(ctx context.Context, r Reader, forecast Row, filters map[string]string) error {
	key, err := seriesKey(ctx, r, forecast)
	if err != nil {
		return err
	}
	for _, name := range sortedKeys(filters) {
		if !slices.Contains(key, name) {
			return Errorf(InvalidInput, "The filter key '%s' is not valid. The series of this forecast are identified by [%s]", name, strings.Join(key, ", "))
		}
	}
	for _, name := range key {
		if _, ok := filters[name]; !ok {
			return Errorf(InvalidInput, "The filter for '%s' is missing. The series of this forecast are identified by [%s]; give a value for each", name, strings.Join(key, ", "))
		}
	}
	return nil
}

// seriesKey returns the attributes that identify a series of a forecast.
func seriesKey(ctx context.Context, r Reader, forecast Row) ([]string, error) {
	predictor, err := r.Get(ctx, forecast.Parent)
	if err != nil {
		return nil, err
	}
	group, err := r.Get(ctx, forecast.Group)
	if err != nil {
		return nil, err
	}
	settings, err := DecodeSpec[PredictorSpec](predictor)
	if err != nil {
		return nil, err
	}
	spec, err := DecodeSpec[DatasetGroupSpec](group)
	if err != nil {
		return nil, err
	}
	return append([]string{IdentifierOf(spec.Domain)}, settings.Dimensions...), nil
}

// queryLayouts are the forms in which a query may give a time.
var queryLayouts = []string{"2006-01-02T15:04:05", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05", "2006-01-02"}

// queryTime reads a local time, with a Z after it or not; "" is no time.
func queryTime(member, s string) (*time.Time, *Error) {
	if s == "" {
		return nil, nil //nolint:nilnil // no bound is no error
	}
	for _, layout := range queryLayouts {
		if t, err := time.Parse(layout, strings.TrimSuffix(s, "Z")); err == nil {
			return &t, nil
		}
	}
	return nil, Errorf(InvalidInput, "The %s '%s' is not a time of the form yyyy-MM-dd'T'HH:mm:ss", member, s)
}
