package pgtest

import (
	"runtime"
	"syscall"
)

// dieWithParent has the server end when the test program is killed.
func dieWithParent(attr *syscall.SysProcAttr) *syscall.SysProcAttr {
	a := *attr
	a.Pdeathsig = syscall.SIGQUIT
	return &a
}

// runOnOneThread keeps the thread alive: the signal comes when the thread that
// started the server ends, not the process.
func runOnOneThread(f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f()
}
