package app

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestFaults: a fault of the program is status 500, or, once the answer has
// begun, a connection that is cut, so that nobody takes it for a whole answer.
func TestFaults(t *testing.T) {
	rt := &router{log: slog.New(slog.DiscardHandler)}
	faulty := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/begun" {
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
		}
		panic("a fault")
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rt.guarded(faulty, &recorder{ResponseWriter: w, status: http.StatusOK}, r) //nolint:contextcheck // the request carries it
	}))
	defer server.Close()
	for path, want := range map[string]struct {
		status int
		cut    bool
	}{"/": {http.StatusInternalServerError, false}, "/begun": {http.StatusOK, true}} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != want.status || (err != nil) != want.cut {
			t.Errorf("%s: status %d, error %v", path, resp.StatusCode, err)
		}
	}
}
