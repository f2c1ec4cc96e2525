// Package archtest holds the import rules of docs/architecture.md as a test.
//
// The linter's depguard marks the line that breaks a rule; this test also sees
// through packages in between.
package archtest

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/almanac-forecast/almanac/"

// rules says what a package, and everything below its folder, must not reach
// by any path of imports. Packages that do not exist yet are no violation.
var rules = []struct {
	pkg    string
	denied []string
	why    string
}{
	{"forecast", []string{"internal", "cmd", "log/slog", "net", "net/http", "database/sql"}, "the library is public, does no I/O and knows nothing of the server"},
	{"internal/clock", []string{"internal", "forecast"}, "the clock is below everything"},
	{"internal/resource", []string{"internal/wire", "internal/job", "internal/store", "internal/queue", "internal/blob", "internal/dataset", "internal/result", "internal/pipeline", "forecast"}, "the domain declares what it needs and knows neither protocol nor storage nor workers"},
	{"internal/blob", []string{"internal/resource", "internal/wire", "internal/store", "internal/job", "forecast"}, "object storage knows nothing of what is stored"},
	{"internal/sigv4", []string{"internal/resource", "internal/wire", "internal/store", "internal/blob", "forecast"}, "a signature is checked without knowing what was signed"},
	{"internal/wire", []string{"internal/job", "internal/queue", "internal/store", "internal/dataset", "internal/pipeline", "internal/blob", "forecast"}, "a handler decodes, calls and encodes; it never computes and never touches storage"},
	{"internal/store", []string{"internal/wire", "internal/job", "internal/dataset", "internal/result", "internal/pipeline", "forecast"}, "the store implements what resource declares and no more"},
	{"internal/queue", []string{"internal/wire", "internal/job", "internal/dataset", "internal/result", "internal/pipeline", "forecast"}, "the queue runs tasks without knowing what they do"},
	{"internal/dataset", []string{"internal/resource", "internal/wire", "internal/store", "internal/queue", "internal/job", "internal/result"}, "data files know nothing of the resources that point at them"},
	{"internal/result", []string{"internal/resource", "internal/wire", "internal/store", "internal/queue", "internal/job", "internal/dataset"}, "forecast files know nothing of the resources that point at them"},
	{"internal/pipeline", []string{"internal/resource", "internal/wire", "internal/store", "internal/queue", "internal/job"}, "the pipeline runs in the server and on the command line alike"},
	{"internal/job", []string{"internal/wire", "internal/s3api", "internal/iamapi"}, "a worker never speaks to a caller"},
	{"internal", []string{"cmd"}, "commands are the top"},
}

// onlyFrom lists packages that few may reach.
var onlyFrom = []struct {
	pkg     string
	allowed []string
	why     string
}{
	{"internal/app", []string{"cmd/almanac", "bench", "internal/app"}, "wiring happens once, at the top"},
	{"testing", []string{"*test"}, "the binary carries no test code"},
}

func TestImports(t *testing.T) {
	deps := dependencies(t)
	for _, r := range rules {
		for pkg, reached := range deps {
			if !within(pkg, module+r.pkg) {
				continue
			}
			for _, dep := range reached {
				for _, d := range r.denied {
					if within(dep, qualify(d)) && !within(dep, module+r.pkg) {
						t.Errorf("%s reaches %s: %s", pkg, dep, r.why)
					}
				}
			}
		}
	}
	for _, r := range onlyFrom {
		for pkg, reached := range deps {
			if !mayReach(pkg, r.allowed) && slices.Contains(reached, qualify(r.pkg)) {
				t.Errorf("%s reaches %s: %s", pkg, r.pkg, r.why)
			}
		}
	}
}

// TestRules keeps the test itself honest: a rule for a misspelt package would never fail.
func TestRules(t *testing.T) {
	if !within(module+"forecast/ets", module+"forecast") || within(module+"forecaster", module+"forecast") {
		t.Error("within must respect folder boundaries")
	}
	if len(dependencies(t)) < 3 {
		t.Error("go list found hardly any package")
	}
}

// dependencies returns for each package of the module all packages it reaches.
func dependencies(t *testing.T) map[string][]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-f", `{{.ImportPath}} {{join .Deps " "}}`, "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	deps := make(map[string][]string)
	for line := range strings.Lines(string(out)) {
		pkg, reached, _ := strings.Cut(strings.TrimSpace(line), " ")
		deps[pkg] = strings.Fields(reached)
	}
	return deps
}

// qualify turns a folder of the module into an import path and leaves others alone.
func qualify(path string) string {
	for _, own := range []string{"internal", "cmd", "forecast", "bench"} {
		if within(path, own) {
			return module + path
		}
	}
	return path
}

func within(pkg, folder string) bool {
	return pkg == folder || strings.HasPrefix(pkg, folder+"/")
}

func mayReach(pkg string, allowed []string) bool {
	for _, a := range allowed {
		if a == "*test" && strings.HasSuffix(pkg, "test") || within(pkg, module+a) {
			return true
		}
	}
	return false
}
