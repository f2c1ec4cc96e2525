//go:build unix

package pipeline

import (
	"runtime"
	"syscall"
	"time"
)

// usage returns the processor time and the largest resident memory of this process.
func usage() (cpuSeconds float64, peakBytes int64) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, 0
	}
	peakBytes = int64(u.Maxrss) //nolint:unconvert // an int32 on some systems
	if runtime.GOOS != "darwin" {
		peakBytes *= 1024
	}
	return (time.Duration(u.Utime.Nano()) + time.Duration(u.Stime.Nano())).Seconds(), peakBytes
}
