package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/result"
	"github.com/almanac-forecast/almanac/internal/wire/service"
)

// querier answers questions about forecasts from their files. It implements
// [service.Querier].
type querier struct{ reader *result.Reader }

// Query implements [service.Querier].
func (q querier) Query(ctx context.Context, forecast resource.Row, key map[string]string, start, end *time.Time) (service.Predictions, error) {
	made, err := resource.DecodeResult[resource.ForecastResult](forecast)
	if err != nil {
		return service.Predictions{}, err
	}
	m, err := q.reader.Manifest(ctx, made.Prefix)
	if err != nil {
		return service.Predictions{}, err
	}
	from, to, err := steps(m.Times, start, end)
	if err != nil {
		return service.Predictions{}, err
	}
	k := result.Key{ID: key[m.ID]}
	for _, d := range m.Dimensions {
		value, ok := key[d]
		if !ok {
			return service.Predictions{}, fmt.Errorf("the key of %s lacks the dimension %s", forecast.ARN, d)
		}
		k.Dims = append(k.Dims, value)
	}
	s, err := q.reader.Query(ctx, made.Prefix, k)
	if errors.Is(err, result.ErrNoSeries) {
		return service.Predictions{}, fmt.Errorf("%w: %w", service.ErrNoSeries, err)
	}
	if err != nil {
		return service.Predictions{}, err
	}
	out := service.Predictions{Times: make([]time.Time, to-from), Values: make(map[string][]float64, len(m.Types))}
	for i := range out.Times {
		out.Times[i] = time.Unix(m.Times[from+i], 0).UTC()
	}
	for i, t := range m.Types {
		out.Values[t] = s.Values[i][from:to]
	}
	return out, nil
}

// steps returns the steps from start to end, both inclusive: the first, and the
// one after the last.
func steps(times []int64, start, end *time.Time) (from, to int, err error) {
	to = len(times)
	if start != nil {
		for from < to && times[from] < start.Unix() {
			from++
		}
	}
	if end != nil {
		for to > from && times[to-1] > end.Unix() {
			to--
		}
	}
	if from == to {
		return 0, 0, &service.RangeError{First: time.Unix(times[0], 0).UTC(), Last: time.Unix(times[len(times)-1], 0).UTC()}
	}
	return from, to, nil
}
