package main

import (
	"context"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts run the program as `almanac`, in this test binary.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"almanac": func() {
			os.Exit(Main(context.Background(), os.Args[1:], &console{os.Stdin, os.Stdout, os.Stderr, os.LookupEnv}))
		},
	})
}

// TestScripts runs the scripts of testdata/script, one per topic.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireExplicitExec: true})
}
