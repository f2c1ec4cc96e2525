package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/demo"
)

// server is the binary under test, running.
type server struct {
	cmd  *exec.Cmd
	url  string
	took time.Duration // from the start of the process to readiness
	sign func(r *http.Request, body []byte, service string) error
}

// serve starts the binary on the data folder and returns when it is ready.
func (b *bench) serve(ctx context.Context) (*server, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	s := &server{url: "http://127.0.0.1:" + strconv.Itoa(port)}
	args := []string{"serve", "--listen", "127.0.0.1:" + strconv.Itoa(port), "--data-dir", b.data(), "--log-level", "warn"}
	if b.database != "" {
		args = append(args, "--database", b.database)
	}
	s.cmd = exec.CommandContext(ctx, b.binary, args...)
	s.cmd.Stderr = os.Stderr
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	s.sign = demo.Signer(keyID, keySecret, region, clock.System{})
	for time.Since(began) < 30*time.Second {
		resp, err := http.Get(s.url + "/readyz") //nolint:noctx // bounded by the loop
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				s.took = time.Since(began)
				return s, nil
			}
		}
		time.Sleep(time.Millisecond)
	}
	return nil, errors.Join(errors.New("the server was not ready within 30 s"), s.stop())
}

func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return s.cmd.Wait()
}

// resident returns the resident memory of the process in bytes.
func (s *server) resident() (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kb * 1024, err
		}
	}
	return 0, errors.New("no VmRSS in /proc")
}

// cpu returns the processor time that the server has used, to the kernel's
// hundredth of a second.
func (s *server) cpu() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name may hold blanks
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])   // utime
	system, _ := strconv.Atoi(fields[12]) // stime
	return time.Duration(user+system) * 10 * time.Millisecond
}

func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}
