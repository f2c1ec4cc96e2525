package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

// start measures the start of the process, its memory at rest, and its size.
func start(ctx context.Context, b *bench) ([]row, error) {
	if b.setup {
		return nil, errSetup
	}
	if err := os.RemoveAll(b.data()); err != nil { // the first start is that with a new folder
		return nil, err
	}
	var first, later []time.Duration
	var resident int64
	for i := range 11 {
		s, err := b.serve(ctx)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			first = append(first, s.took)
		} else {
			later = append(later, s.took)
		}
		if i == 10 {
			time.Sleep(5 * time.Second) // at rest
			if resident, err = s.resident(); err != nil {
				return nil, err
			}
		}
		if err := s.stop(); err != nil {
			return nil, err
		}
	}
	info, err := os.Stat(b.binary)
	if err != nil {
		return nil, err
	}
	return []row{
		{"to /readyz, new data folder", fmt.Sprintf("%d ms", first[0].Milliseconds()), "300 ms"},
		{"to /readyz, again", spread(later), "300 ms"},
		{"resident memory, idle", fmt.Sprintf("%.1f MB", float64(resident)/1e6), "80 MB"},
		{"binary, stripped", fmt.Sprintf("%.1f MB", float64(info.Size())/1e6), "60 MB"},
	}, nil
}
