// Command almanac is a forecasting service in one binary, and a forecasting
// tool for the command line.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/almanac-forecast/almanac/internal/setting"
)

// Set by the linker, see the Makefile.
var (
	version = "dev"
	commit  = ""
)

// Exit codes.
const (
	exitOK          = 0
	exitFailure     = 1   // what was asked for did not work
	exitUsage       = 2   // it was not asked for properly
	exitInterrupted = 130 // the user stopped it
)

// A command is one of the things that almanac does.
type command struct {
	name    string
	summary string
	run     func(ctx context.Context, c *console, args []string) error
}

var commands []command

// The table is filled here because help, which is in it, lists it.
func init() {
	commands = []command{
		{"serve", "serve the API, and work on its jobs", runServe},
		{"work", "work on the jobs of a server elsewhere", runWork},
		{"forecast", "forecast the series of a file, without a server", runForecast},
		{"pretrain", "train the network of the model zeroshot", runPretrain},
		{"demo", "walk through the service with sample data", runDemo},
		{"keys", "add, list and revoke access keys", runKeys},
		{"migrate", "bring the database up to date", runMigrate},
		{"version", "print the version", runVersion},
	}
}

// console is what a command has to do with the outside.
type console struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	lookupEnv      func(string) (string, bool)
}

// A usageError is a mistake in how the command was called.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop() // a second Ctrl-C ends the process at once
	}()
	os.Exit(Main(ctx, os.Args[1:], &console{os.Stdin, os.Stdout, os.Stderr, os.LookupEnv}))
}

// Main runs the command line and returns the exit code.
func Main(ctx context.Context, args []string, c *console) int {
	if len(args) == 0 {
		usage(c.stderr)
		return exitUsage
	}
	name, rest := args[0], args[1:]
	switch name {
	case "help", "-h", "-help", "--help":
		if len(rest) == 0 || strings.HasPrefix(name, "-") {
			usage(c.stdout)
			return exitOK
		}
		name, rest = rest[0], []string{"--help"}
	case "-version", "--version":
		name = "version"
	}
	for _, cmd := range commands {
		if cmd.name == name {
			return report(ctx, c, cmd.name, cmd.run(ctx, c, rest))
		}
	}
	fmt.Fprintf(c.stderr, "almanac: unknown command %q; `almanac help` lists them\n", name)
	return exitUsage
}

// report turns the outcome of a command into a message and an exit code.
func report(ctx context.Context, c *console, name string, err error) int {
	var wrong usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.As(err, &wrong):
		fmt.Fprintf(c.stderr, "almanac %s: %v\n`almanac %s --help` lists what it takes\n", name, err, name)
		return exitUsage
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintf(c.stderr, "almanac %s: interrupted\n", name)
		return exitInterrupted
	}
	fmt.Fprintf(c.stderr, "almanac %s: %v\n", name, err)
	return exitFailure
}

func usage(w io.Writer) {
	fmt.Fprint(w, "Almanac is a forecasting service that speaks the Amazon Forecast API.\n\nUsage:\n\n  almanac COMMAND [flags]\n\nCommands:\n\n")
	for _, cmd := range commands {
		fmt.Fprintf(w, "  %-10s %s\n", cmd.name, cmd.summary)
	}
	fmt.Fprint(w, "\n`almanac COMMAND --help` lists the flags of a command. Every flag of serve, work,\nmigrate and keys is also an environment variable (--data-dir is ALMANAC_DATA_DIR)\nand a key of the file given with --config (data-dir: …).\n")
}

// newFlags makes a flag set that prints its help to standard output.
func newFlags(c *console, name, synopsis, text string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // errors are reported once, by report
	fs.Usage = func() {
		fmt.Fprintf(c.stdout, "Usage: almanac %s %s\n\n%s\n", name, synopsis, strings.TrimSpace(text))
		printFlags(c.stdout, fs)
	}
	return fs
}

// printFlags lists the flags with two dashes, which is how they are written in
// the documentation.
func printFlags(w io.Writer, fs *flag.FlagSet) {
	first := true
	fs.VisitAll(func(f *flag.Flag) {
		if first {
			fmt.Fprint(w, "\nFlags:\n\n")
			first = false
		}
		value, help := flag.UnquoteUsage(f)
		name := strings.TrimSpace("--" + f.Name + " " + value)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" {
			help += " (default " + f.DefValue + ")"
		}
		if len(name) > 24 {
			fmt.Fprintf(w, "  %s\n%28s%s\n", name, "", help)
			return
		}
		fmt.Fprintf(w, "  %-24s  %s\n", name, help)
	})
}

// parse reads the flags of a command. With a config flag, the environment and
// the file count too.
func parse(fs *flag.FlagSet, c *console, args, known []string) ([]string, error) {
	src := setting.Source{}
	if fs.Lookup("config") != nil {
		src = setting.Source{LookupEnv: c.lookupEnv, Config: "config", Known: known}
	}
	rest, err := setting.Parse(fs, args, src)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		return nil, usageError{err}
	}
	return rest, err
}

// noArguments refuses arguments that are not flags.
func noArguments(rest []string) error {
	if len(rest) > 0 {
		return usagef("unexpected argument %q", rest[0])
	}
	return nil
}

func runVersion(_ context.Context, c *console, args []string) error {
	if _, err := parse(newFlags(c, "version", "", "Prints the version and the commit it was built from."), c, args, nil); err != nil {
		return err
	}
	v, rev := buildVersion()
	line := "almanac " + v
	if rev != "" {
		line += " (commit " + rev + ")"
	}
	_, err := fmt.Fprintln(c.stdout, line)
	return err
}

// buildVersion returns what the linker was told, or else what the toolchain
// knows of the module and the working tree.
func buildVersion() (v, rev string) {
	v, rev = version, commit
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v, rev
	}
	if v == "dev" && info.Main.Version != "" && info.Main.Version != "(devel)" {
		v = info.Main.Version
	}
	if rev == "" {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				rev = s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return v, rev
}
