package nn

import (
	"sync"
	"sync/atomic"
)

// Each calls f for 0, ..., n-1, on as many goroutines as threads says, and
// returns when all calls have.
func Each(threads, n int, f func(i int)) {
	threads = min(threads, n)
	if threads <= 1 {
		for i := range n {
			f(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range threads {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
}

// chunk is how many parameters are worked on together; at least as many bytes
// as make starting a goroutine worth while.
const chunk = 1 << 14

// eachChunk calls f for the parts of a vector of n numbers.
func eachChunk(threads, n int, f func(i, from, to int)) {
	Each(threads, chunks(n), func(i int) { f(i, i*chunk, min((i+1)*chunk, n)) })
}

func chunks(n int) int { return (n + chunk - 1) / chunk }
