// Package setting fills the flags of a command from the command line, the
// environment and a configuration file, the earlier ones winning.
//
// A setting has one name in all three places: the flag --data-dir, the variable
// ALMANAC_DATA_DIR and the key data-dir of the file are the same thing, and the
// flag's own parser reads all three. A file may group keys by their first word:
//
//	listen: 127.0.0.1:8181
//	s3:
//	  endpoint: http://127.0.0.1:9000
//	  path-style: true
//
// is the same as listen, s3-endpoint and s3-path-style.
package setting

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Prefix starts the name of every environment variable that is a setting.
const Prefix = "ALMANAC_"

// Source says where settings come from besides the command line. The zero
// value has none.
type Source struct {
	// LookupEnv looks an environment variable up, as [os.LookupEnv] does.
	LookupEnv func(string) (string, bool)
	// Config names the flag whose value is the configuration file, "" for none.
	Config string
	// Known lists further keys that the file may hold: settings of other
	// commands that share the file.
	Known []string
}

// Parse reads args into the flags of fs, flags and other arguments in any
// order, then fills the flags not given from the environment and the file. It
// returns the arguments that are not flags.
func Parse(fs *flag.FlagSet, args []string, src Source) ([]string, error) {
	rest, err := parseArgs(fs, args)
	if err != nil {
		return nil, err
	}
	given := make(map[string]bool)
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if src.LookupEnv != nil {
		if err := fromEnvironment(fs, src.LookupEnv, given); err != nil {
			return nil, err
		}
	}
	if src.Config == "" {
		return rest, nil
	}
	path := fs.Lookup(src.Config).Value.String()
	if path == "" {
		return rest, nil
	}
	text, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	entries, err := readFile(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rest, fromFile(fs, path, entries, src, given)
}

// Env returns the name of the environment variable of a flag.
func Env(flagName string) string {
	return Prefix + strings.ToUpper(strings.ReplaceAll(flagName, "-", "_"))
}

// parseArgs lets flags follow other arguments, which package flag does not.
func parseArgs(fs *flag.FlagSet, args []string) (rest []string, err error) {
	var tail []string
	if i := slices.Index(args, "--"); i >= 0 {
		args, tail = args[:i], args[i+1:]
	}
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		if fs.NArg() == 0 {
			return append(rest, tail...), nil
		}
		rest = append(rest, fs.Arg(0))
		args = fs.Args()[1:]
	}
}

func fromEnvironment(fs *flag.FlagSet, lookup func(string) (string, bool), given map[string]bool) error {
	var errs []error
	fs.VisitAll(func(f *flag.Flag) {
		value, ok := lookup(Env(f.Name))
		if !ok || value == "" || given[f.Name] {
			return
		}
		given[f.Name] = true
		if err := fs.Set(f.Name, value); err != nil {
			errs = append(errs, fmt.Errorf("environment variable %s=%q: %w", Env(f.Name), value, err))
		}
	})
	return errors.Join(errs...)
}

func fromFile(fs *flag.FlagSet, path string, entries []entry, src Source, given map[string]bool) error {
	var errs []error
	seen := make(map[string]int)
	for _, e := range entries {
		if line, twice := seen[e.key]; twice {
			errs = append(errs, fmt.Errorf("%s:%d: key %q was set before, in line %d", path, e.line, e.key, line))
			continue
		}
		seen[e.key] = e.line
		f := fs.Lookup(e.key)
		if f == nil || e.key == src.Config {
			if !slices.Contains(src.Known, e.key) {
				errs = append(errs, fmt.Errorf("%s:%d: unknown key %q%s", path, e.line, e.key, suggestion(fs, src, e.key)))
			}
			continue
		}
		if given[e.key] {
			continue
		}
		if err := fs.Set(e.key, e.value); err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: key %q, value %q: %w", path, e.line, e.key, e.value, err))
		}
	}
	return errors.Join(errs...)
}

// suggestion names the known key that is most like the one given, if any is close.
func suggestion(fs *flag.FlagSet, src Source, key string) string {
	names := slices.Clone(src.Known)
	fs.VisitAll(func(f *flag.Flag) {
		if f.Name != src.Config {
			names = append(names, f.Name)
		}
	})
	best, least := "", 4
	for _, name := range names {
		if d := distance(strings.ReplaceAll(key, "_", "-"), name); d < least {
			best, least = name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// distance is the number of single-byte edits that turn a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			above := row[j+1]
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			row[j+1] = min(above+1, row[j]+1, cost)
			diagonal = above
		}
	}
	return row[len(b)]
}
