//go:build !unix

package pipeline

// usage is not known on this system.
func usage() (cpuSeconds float64, peakBytes int64) { return 0, 0 }
