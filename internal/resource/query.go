package resource

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
)

// SeriesQuery is a checked question for the values of one series.
type SeriesQuery struct {
	Forecast Row
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
	row, err := load(ctx, s.store, c, arn)
	if err != nil {
		return q, err
	}
	q.Forecast = row
	if err := usable(row, false); err != nil {
		return q, err
	}
	if err := s.checkSeriesKey(ctx, row, filters); err != nil {
		return q, err
	}
	return q, usable(row, true)
}

// checkSeriesKey checks that the filters name the identifier and every
// dimension of the predictor, and nothing else.
func (s *Service) checkSeriesKey(ctx context.Context, forecast Row, filters map[string]string) error {
	key, err := s.seriesKey(ctx, forecast)
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

// seriesKeys remembers what identifies the series of the forecasts asked for
// lately. It never changes while a forecast exists; that it still does is read
// from the store for every query.
type seriesKeys struct {
	mu    sync.Mutex
	known map[forecastID][]string
}

// forecastID names one forecast for ever: an ARN may be used again after a deletion.
type forecastID struct {
	arn     string
	created int64
}

const mostSeriesKeys = 1024 // remembered

// seriesKey returns the attributes that identify a series of a forecast.
func (s *Service) seriesKey(ctx context.Context, forecast Row) ([]string, error) {
	id := forecastID{forecast.ARN, forecast.Created.UnixMicro()}
	s.keys.mu.Lock()
	key, ok := s.keys.known[id]
	s.keys.mu.Unlock()
	if ok {
		return key, nil
	}
	err := s.store.View(ctx, func(r Reader) (err error) {
		key, err = readSeriesKey(ctx, r, forecast)
		return err
	})
	if errors.Is(err, ErrNoRow) { // nothing goes before what hangs under it: the forecast is gone, too
		return nil, notFound(forecast.ARN)
	}
	if err != nil {
		return nil, err
	}
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	if s.keys.known == nil || len(s.keys.known) >= mostSeriesKeys {
		s.keys.known = map[forecastID][]string{}
	}
	s.keys.known[id] = key
	return key, nil
}

func readSeriesKey(ctx context.Context, r Reader, forecast Row) ([]string, error) {
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
