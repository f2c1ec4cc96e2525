package app

import (
	"encoding/json"
	"net/http"
)

// health says that the process is alive, whatever else.
func (a *App) health(w http.ResponseWriter, _ *http.Request) {
	writeStatus(w, http.StatusOK, map[string]string{"status": "ok", "version": a.cfg.Version, "commit": a.cfg.Commit})
}

// readiness says whether requests should be sent here.
func (a *App) readiness(w http.ResponseWriter, r *http.Request) {
	if !a.ready.Load() {
		writeStatus(w, http.StatusServiceUnavailable, map[string]string{"status": "starting or stopping"})
		return
	}
	if err := a.db.Ping(r.Context()); err != nil {
		writeStatus(w, http.StatusServiceUnavailable, map[string]string{"status": "the database does not answer"})
		return
	}
	writeStatus(w, http.StatusOK, map[string]string{"status": "ready"})
}

func writeStatus(w http.ResponseWriter, code int, fields map[string]string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(fields) // an error here is a caller that went away
}

// page shows a person who opens the address in a browser what it is.
func (a *App) page(w http.ResponseWriter, r *http.Request) {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	some, err := a.db.HasKeys(r.Context())
	if err != nil {
		writeStatus(w, http.StatusServiceUnavailable, map[string]string{"status": "the database does not answer"})
		return
	}
	writePage(w, pageData{
		Version: a.cfg.Version, Commit: a.cfg.Commit, URL: scheme + r.Host,
		Buckets: a.storage.Folders() != nil, Open: !some && loopback(a.cfg.Listen),
	})
}
