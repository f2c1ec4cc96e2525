package pretrain

import (
	"sync"
	"sync/atomic"
)

// A source makes blocks ahead of their use, on goroutines of its own, and hands
// them out in the order of their numbers.
type source struct {
	seed    uint64
	next    atomic.Uint64 // number of the next block to be made
	taken   uint64        // and of that to be taken
	free    chan *block   // closed to end the goroutines
	ready   []chan *block // that of number n is n modulo their count
	workers sync.WaitGroup
}

// newSource begins to make blocks from the given number on.
func newSource(o *Options, from uint64) *source {
	// Two blocks are in use, and each goroutine makes one or has one ready.
	n := 2 + 2*o.Threads
	s := &source{seed: o.Seed, taken: from, free: make(chan *block, n)}
	s.next.Store(from)
	for range n {
		s.free <- newBlock()
		s.ready = append(s.ready, make(chan *block, 1))
	}
	for range o.Threads {
		d := &describer{generator: o.generator()}
		s.workers.Go(func() { s.work(d) })
	}
	return s
}

// work makes blocks. The blocks not yet put back have numbers in a row, at most
// as many as there are channels: so a channel is empty when its turn comes.
func (s *source) work(d *describer) {
	for b := range s.free {
		n := s.next.Add(1) - 1
		d.fill(b, s.seed, n)
		s.ready[n%uint64(len(s.ready))] <- b
	}
}

// take returns the next block.
func (s *source) take() *block {
	b := <-s.ready[s.taken%uint64(len(s.ready))]
	s.taken++
	return b
}

// put gives a block back; in the order in which they were taken.
func (s *source) put(b *block) { s.free <- b }

// close ends the goroutines and waits for them.
func (s *source) close() {
	close(s.free)
	for range s.free {
		continue // what is left must not be made any more
	}
	s.workers.Wait()
}
