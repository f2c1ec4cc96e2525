package app

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are the figures served at /metrics.
type metrics struct {
	registry *prometheus.Registry

	requests *prometheus.CounterVec   // api, operation, code
	latency  *prometheus.HistogramVec // api, operation
	running  prometheus.Gauge

	jobs    *prometheus.CounterVec   // kind, outcome
	jobTime *prometheus.HistogramVec // kind

	importRows prometheus.Counter
	forecasts  prometheus.Counter
}

func newMetrics(version, commit string) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "almanac_requests_total", Help: "Requests answered, by API, operation and HTTP status code.",
		}, []string{"api", "operation", "code"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "almanac_request_seconds", Help: "Time to answer a request, by API and operation.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"api", "operation"}),
		running: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "almanac_requests_running", Help: "Requests being answered now.",
		}),
		jobs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "almanac_jobs_total", Help: "Attempts of jobs that ended in this process, by kind and outcome.",
		}, []string{"kind", "outcome"}),
		jobTime: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "almanac_job_seconds", Help: "Time that an attempt of a job took, by kind.",
			Buckets: prometheus.ExponentialBuckets(0.05, 3, 12),
		}, []string{"kind"}),
		importRows: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "almanac_import_rows_total", Help: "Rows of imports that ended ACTIVE in this process.",
		}),
		forecasts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "almanac_forecast_series_total", Help: "Series forecast by jobs that ended ACTIVE in this process.",
		}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "almanac_build_info", Help: "Always 1; the labels say what runs.",
		ConstLabels: prometheus.Labels{"version": version, "commit": commit},
	})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.latency, m.running, m.jobs, m.jobTime, m.importRows, m.forecasts, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// handler serves the figures.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// request counts one answered request. Only operations that exist get a label
// of their own: what a caller makes up must not grow the process.
func (m *metrics) request(api, operation string, code int, took time.Duration) {
	m.requests.WithLabelValues(api, operation, strconv.Itoa(code)).Inc()
	m.latency.WithLabelValues(api, operation).Observe(took.Seconds())
}

// operationOf names what a request asks of an API, from a closed set of names.
func operationOf(api string, r *http.Request) string {
	switch api {
	case apiForecast:
		_, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		if ok && isOperation(operation) {
			return operation
		}
		return "unknown"
	case apiS3:
		switch r.Method {
		case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPost, http.MethodDelete:
			return r.Method
		}
		return "unknown"
	case apiIAM:
		return "call"
	}
	return strings.TrimPrefix(r.URL.Path, "/")
}
