package app

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
)

// certificate is a TLS certificate that is read again when its files change, so
// that a renewed one is used without a restart.
type certificate struct {
	certFile, keyFile string
	clock             clock.Clock

	mu       sync.Mutex // guards what follows
	current  *tls.Certificate
	modified [2]time.Time // of the files, when current was read
	checked  time.Time
}

// checkEvery is how often the files are looked at, at most.
const checkEvery = time.Second

// loadCertificate reads the files once, so that a mistake shows at the start.
func loadCertificate(certFile, keyFile string, c clock.Clock) (*certificate, error) {
	cert := &certificate{certFile: certFile, keyFile: keyFile, clock: c}
	if err := cert.reload(); err != nil {
		return nil, err
	}
	return cert, nil
}

// config returns the TLS settings of a server with this certificate.
func (c *certificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get, NextProtos: []string{"h2", "http/1.1"}}
}

// get returns the certificate of now. Files that cannot be read, such as half
// a renewal, leave the one in use in force.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.clock.Now(); now.Sub(c.checked) >= checkEvery {
		c.checked = now
		if c.changed() {
			_ = c.reload() // the next handshake after checkEvery tries again
		}
	}
	return c.current, nil
}

func (c *certificate) changed() bool {
	for i, name := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(name)
		if err != nil || !info.ModTime().Equal(c.modified[i]) {
			return true
		}
	}
	return false
}

func (c *certificate) reload() error {
	var modified [2]time.Time
	for i, name := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return fmt.Errorf("read the TLS certificate: %w", err)
		}
		modified[i] = info.ModTime()
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("read the TLS certificate %s with the key %s: %w", c.certFile, c.keyFile, err)
	}
	c.current, c.modified = &pair, modified
	return nil
}
