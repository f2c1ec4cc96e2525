package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store"
)

// queueDepth counts the unfinished tasks when it is asked to, for all
// processes on the database. It implements [prometheus.Collector].
type queueDepth struct {
	db   *store.DB
	desc *prometheus.Desc
}

func newQueueDepth(db *store.DB) queueDepth {
	return queueDepth{db, prometheus.NewDesc("almanac_queue_depth", "Unfinished jobs on the database, by kind and state.", []string{"kind", "state"}, nil)}
}

// Describe implements [prometheus.Collector].
func (q queueDepth) Describe(ch chan<- *prometheus.Desc) { ch <- q.desc }

// Collect implements [prometheus.Collector]. Its interface has no context, so a
// slow database is given up on after a while.
func (q queueDepth) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	counts, err := q.read(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(q.desc, err)
		return
	}
	for _, kind := range []resource.TaskKind{resource.TaskImport, resource.TaskTrain, resource.TaskPredict, resource.TaskExport, resource.TaskDelete} {
		c := counts[string(kind)]
		ch <- prometheus.MustNewConstMetric(q.desc, prometheus.GaugeValue, float64(c.all-c.running), string(kind), "waiting")
		ch <- prometheus.MustNewConstMetric(q.desc, prometheus.GaugeValue, float64(c.running), string(kind), "running")
	}
}

// count is how many tasks of a kind there are, and how many of them a worker has.
type count struct{ all, running int64 }

func (q queueDepth) read(ctx context.Context) (counts map[string]count, err error) {
	rows, err := q.db.SQL().QueryContext(ctx, "SELECT kind, count(*), count(NULLIF(worker, '')) FROM task GROUP BY kind")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	counts = make(map[string]count)
	for rows.Next() {
		var kind string
		var c count
		if err := rows.Scan(&kind, &c.all, &c.running); err != nil {
			return nil, err
		}
		counts[kind] = c
	}
	return counts, rows.Err()
}
