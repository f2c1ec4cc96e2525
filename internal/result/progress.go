package result

import "sync/atomic"

// progress counts finished work of several goroutines and tells about it.
type progress struct {
	done   atomic.Int64
	total  int64
	report func(done, total int64)
}

func newProgress(total int64, report func(done, total int64)) *progress {
	return &progress{total: total, report: report}
}

func (p *progress) add(n int64) {
	done := p.done.Add(n)
	if p.report != nil {
		p.report(done, p.total)
	}
}
