package pipeline

import (
	"context"
	"fmt"
	"iter"
	"runtime/debug"
	"sync"
)

// ordered calls work for every value of in on several goroutines and hands the
// results to sink in the order of in, one at a time. It stops at the first
// error in that order and returns it. At most a few results per thread are
// kept waiting.
func ordered[A, B any](ctx context.Context, threads int, in iter.Seq2[A, error], work func(context.Context, A) (B, error), sink func(B) error) error {
	if threads <= 1 {
		return inline(ctx, in, work, sink)
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()

	type slot struct {
		in   A
		out  B
		err  error
		done chan struct{}
	}
	const ahead = 16 // slots per thread between the reader and the sink
	todo := make(chan *slot, ahead*threads)
	queue := make(chan *slot, ahead*threads)
	for range threads {
		wg.Go(func() {
			for s := range todo {
				if s.err = context.Cause(ctx); s.err == nil {
					s.out, s.err = guarded(ctx, s.in, work)
				}
				close(s.done)
			}
		})
	}
	wg.Go(func() {
		defer close(queue)
		defer close(todo)
		for a, err := range in {
			s := &slot{in: a, err: err, done: make(chan struct{})}
			select {
			case queue <- s:
			case <-ctx.Done():
				return
			}
			if err != nil {
				close(s.done)
				return
			}
			todo <- s // has the room of the queue, so it does not block for long
		}
	})
	for s := range queue {
		select {
		case <-s.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if s.err != nil {
			return s.err
		}
		if err := sink(s.out); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

func inline[A, B any](ctx context.Context, in iter.Seq2[A, error], work func(context.Context, A) (B, error), sink func(B) error) error {
	for a, err := range in {
		if err != nil {
			return err
		}
		if err := context.Cause(ctx); err != nil {
			return err
		}
		b, err := guarded(ctx, a, work)
		if err != nil {
			return err
		}
		if err := sink(b); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// guarded turns a panic of one series into an error, since nobody above these
// goroutines could recover from it.
func guarded[A, B any](ctx context.Context, a A, work func(context.Context, A) (B, error)) (b B, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("pipeline: panic: %v\n%s", r, debug.Stack())
		}
	}()
	return work(ctx, a)
}
