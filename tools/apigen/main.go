// Command apigen writes internal/wire/api: the types, enums, validators,
// operation table and error codes of the service model.
//
// It reads the model from the module cache (the version that tools/go.mod
// pins), applies patches.json, and writes formatted files that depend on
// nothing but these two, so that running it twice changes nothing. It is run by
//
//	go generate ./internal/wire/api
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const sdk = "github.com/aws/aws-sdk-go"

func main() {
	out := flag.String("out", "../internal/wire/api", "folder to write to, seen from tools/")
	patches := flag.String("patches", "apigen/patches.json", "corrections to the model, seen from tools/")
	flag.Parse()
	if err := run(*out, *patches); err != nil {
		fmt.Fprintln(os.Stderr, "apigen:", err)
		os.Exit(1)
	}
}

func run(out, patchFile string) error {
	dir, version, err := moduleDir()
	if err != nil {
		return err
	}
	var services []*Service
	for _, name := range []string{"forecast", "forecastquery"} {
		s, err := readService(filepath.Join(dir, "models", "apis", name, "2018-06-26", "api-2.json"), name)
		if err != nil {
			return err
		}
		services = append(services, s)
	}
	if err := applyPatches(patchFile, services); err != nil {
		return err
	}
	view, err := newView(services, version)
	if err != nil {
		return err
	}
	files, err := render(view)
	if err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(out, f.Name)
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, f.Text) { //nolint:gosec // the developer names the folder
			continue
		}
		if err := os.WriteFile(path, f.Text, 0o644); err != nil { //nolint:gosec // source code is readable
			return fmt.Errorf("write generated file: %w", err)
		}
	}
	return nil
}

// moduleDir returns where the module cache holds the SDK, fetching it if need
// be; go.sum of tools/ pins its content.
func moduleDir() (dir, version string, err error) {
	cmd := exec.Command("go", "mod", "download", "-json", sdk) //nolint:noctx // a command line tool ends with its process
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return "", "", fmt.Errorf("find %s in the module cache: %w", sdk, err)
	}
	var m struct{ Dir, Version, Error string }
	if err := json.Unmarshal(text, &m); err != nil {
		return "", "", fmt.Errorf("read the answer of go mod download: %w", err)
	}
	if m.Error != "" || m.Dir == "" {
		return "", "", fmt.Errorf("find %s in the module cache: %s", sdk, m.Error)
	}
	return m.Dir, m.Version, nil
}
