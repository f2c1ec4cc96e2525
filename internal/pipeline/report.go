package pipeline

// reporter counts finished work and tells about it. One goroutine uses it.
type reporter struct {
	done, total int64
	told        int64
	report      func(done, total int64)
}

func newReporter(total int64, report func(done, total int64)) *reporter {
	return &reporter{total: total, report: report}
}

// add counts n more units and tells about every hundredth part of the work.
func (r *reporter) add(n int64) {
	r.done += n
	if r.report == nil || n == 0 {
		return
	}
	if r.done >= r.total || (r.done-r.told)*100 >= r.total {
		r.told = r.done
		r.report(min(r.done, r.total), r.total)
	}
}

// skip counts work that an earlier attempt did: nobody is told about it, and it
// does not count as speed.
func (r *reporter) skip(n int64) {
	r.done += n
	r.told = r.done
}
