//go:build unix && !linux

package pgtest

import "syscall"

func dieWithParent(attr *syscall.SysProcAttr) *syscall.SysProcAttr { return attr }

func runOnOneThread(f func()) { f() }
