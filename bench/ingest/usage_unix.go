//go:build unix

package main

import (
	"runtime"
	"syscall"
)

// cpuSeconds is the time that the process has spent on processors.
func cpuSeconds() float64 {
	u := usage()
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

// peak is the largest memory of the process so far, in MB.
func peak() float64 {
	if runtime.GOOS == "darwin" {
		return float64(usage().Maxrss) / 1e6 // bytes there
	}
	return float64(usage().Maxrss) * 1024 / 1e6
}

func usage() syscall.Rusage {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return u
}
