package setting_test

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/setting"
)

type values struct {
	Listen, Endpoint, Config string
	Style                    bool
	Workers                  int
	Wait                     time.Duration
}

func flags(v *values) *flag.FlagSet {
	fs := flag.NewFlagSet("test", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&v.Listen, "listen", "127.0.0.1:8181", "")
	fs.StringVar(&v.Endpoint, "s3-endpoint", "", "")
	fs.BoolVar(&v.Style, "s3-path-style", false, "")
	fs.IntVar(&v.Workers, "workers", 2, "")
	fs.DurationVar(&v.Wait, "wait", time.Second, "")
	fs.StringVar(&v.Config, "config", "", "")
	return fs
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "almanac.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestParsePrecedence(t *testing.T) {
	path := write(t, "# comment\nlisten: 0.0.0.0:1\nworkers: 7\nwait: 3s\ns3:\n  endpoint: http://127.0.0.1:9000\n  path-style: true\nonly-elsewhere: x\n")
	env := map[string]string{"ALMANAC_LISTEN": "env:2", "ALMANAC_WORKERS": "5", "ALMANAC_CONFIG": path}
	var got values
	rest, err := setting.Parse(flags(&got), []string{"a.csv", "--listen", "flag:3", "-", "b.csv", "--", "--x"}, setting.Source{
		LookupEnv: func(k string) (string, bool) { v, ok := env[k]; return v, ok },
		Config:    "config",
		Known:     []string{"only-elsewhere"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := values{Listen: "flag:3", Endpoint: "http://127.0.0.1:9000", Config: path, Style: true, Workers: 5, Wait: 3 * time.Second}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"a.csv", "-", "b.csv", "--x"}, rest); d != "" {
		t.Error(d)
	}
}

func TestParseErrors(t *testing.T) {
	for _, tc := range []struct{ name, file, want string }{
		{"UnknownKey", "listen: a\nlistne: b\n", `almanac.yaml:2: unknown key "listne" (did you mean "listen"?)`},
		{"UnknownNested", "s3:\n  endpoint: a\n  bukket: b\n", `almanac.yaml:3: unknown key "s3-bukket"`},
		{"Twice", "listen: a\ns3: {endpoint: x}\ns3-endpoint: y\n", `almanac.yaml:3: key "s3-endpoint" was set before, in line 2`},
		{"BadValue", "\nworkers: many\n", `almanac.yaml:2: key "workers", value "many": parse error`},
		{"List", "listen: [a, b]\n", `line 1: key "listen" takes one value`},
		{"NotAMapping", "- a\n", "expected `key: value`"},
		{"Config", "config: other.yaml\n", `unknown key "config"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var v values
			_, err := setting.Parse(flags(&v), []string{"--config", write(t, tc.file)}, setting.Source{Config: "config"})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

func TestParseEnvironmentError(t *testing.T) {
	var v values
	_, err := setting.Parse(flags(&v), nil, setting.Source{LookupEnv: func(k string) (string, bool) { return "x", k == "ALMANAC_WAIT" }})
	if err == nil || !strings.Contains(err.Error(), `ALMANAC_WAIT="x"`) {
		t.Error(err)
	}
}

func FuzzFile(f *testing.F) {
	f.Add("listen: a\ns3:\n  endpoint: b\n")
	f.Add("{listen: a, workers: 2}")
	f.Add("&a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		var v values
		// It must not panic; whether the text is good YAML is not checked here.
		_, _ = setting.Parse(flags(&v), []string{"--config", write(t, text)}, setting.Source{Config: "config"})
	})
}
