package service

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// Querier reads one series out of a finished forecast.
type Querier interface {
	// Query returns the values of each forecast type, all steps of them or those
	// from start to end, both inclusive. The key names the identifier and every
	// dimension, in lower case. It returns [ErrNoSeries], a [*RangeError], or a
	// fault of the service.
	Query(ctx context.Context, forecast resource.Row, key map[string]string, start, end *time.Time) (Predictions, error)
}

// Predictions is the forecast of one series.
type Predictions struct {
	Times  []time.Time          // of the steps, ascending; local times read as UTC
	Values map[string][]float64 // by forecast type ("0.1", "mean") a value per step, NaN for a missing one
}

// ErrNoSeries says that a forecast has no series with the key.
var ErrNoSeries = errors.New("service: the forecast has no such series")

// RangeError says that the times asked for lie outside the forecast.
type RangeError struct{ First, Last time.Time }

// Error implements error.
func (e *RangeError) Error() string {
	return fmt.Sprintf("service: the forecast runs from %s to %s", e.First.Format(queryTime), e.Last.Format(queryTime))
}

// queryTime is how a query prints times: local, without a zone.
const queryTime = "2006-01-02T15:04:05"

// QueryForecast implements [api.Service].
func (s *Server) QueryForecast(ctx context.Context, in *api.QueryForecastRequest) (*api.QueryForecastResponse, error) {
	if in.NextToken != nil {
		return nil, queryToken()
	}
	q, err := s.resources.Query(ctx, s.caller(ctx), api.Value(in.ForecastArn), in.Filters, api.Value(in.StartDate), api.Value(in.EndDate))
	if err != nil {
		return nil, err
	}
	series, err := s.querier.Query(ctx, q.Forecast, q.Key, q.Start, q.End)
	var outside *RangeError
	switch {
	case errors.Is(err, ErrNoSeries):
		return nil, &resource.Error{
			Kind: resource.NotFound, Err: err,
			Message: fmt.Sprintf("No forecast found in %s for %s", q.Forecast.ARN, seriesName(in.Filters)),
		}
	case errors.As(err, &outside):
		return nil, &resource.Error{
			Kind: resource.InvalidInput, Err: err,
			Message: fmt.Sprintf("%s: outside the forecast, which runs from %s to %s",
				asked(in.StartDate, in.EndDate), outside.First.Format(queryTime), outside.Last.Format(queryTime)),
		}
	case err != nil:
		// Deleted since the first look?
		if _, gone := s.resources.Query(ctx, s.caller(ctx), q.Forecast.ARN, in.Filters, "", ""); gone != nil {
			return nil, gone
		}
		return nil, fmt.Errorf("query %s: %w", q.Forecast.ARN, err)
	}
	times := make([]string, len(series.Times))
	for i, t := range series.Times {
		times[i] = t.UTC().Format(queryTime)
	}
	predictions := make(map[string][]api.DataPoint, len(series.Values))
	for forecastType, values := range series.Values {
		predictions[resource.TypeKey(forecastType)] = pointsOut(times, values)
	}
	return &api.QueryForecastResponse{Forecast: &api.Forecast{Predictions: predictions}}, nil
}

// asked names the times of a query for a message.
func asked(start, end *string) string {
	var parts []string
	if start != nil {
		parts = append(parts, "StartDate "+*start)
	}
	if end != nil {
		parts = append(parts, "EndDate "+*end)
	}
	return strings.Join(parts, ", ")
}

// queryToken refuses a NextToken: a query gives none, so none can be valid.
func queryToken() error {
	return resource.Errorf(resource.InvalidNextToken, "The NextToken is not valid: a query is answered whole and never gives a token")
}

// pointsOut leaves out values that are not numbers. The points refer to the
// times and values instead of copying each: an answer has hundreds of them.
func pointsOut(times []string, values []float64) []api.DataPoint {
	out := make([]api.DataPoint, 0, len(values))
	for i := range values {
		if math.IsNaN(values[i]) || math.IsInf(values[i], 0) {
			continue
		}
		out = append(out, api.DataPoint{Timestamp: &times[i], Value: &values[i]})
	}
	return out
}

// seriesName writes a key for a message, "item_id=a, location=b".
func seriesName(key map[string]string) string {
	parts := make([]string, 0, len(key))
	for k, v := range key {
		parts = append(parts, k+"="+v)
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}
