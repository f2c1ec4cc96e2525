package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/sigv4"
	"github.com/almanac-forecast/almanac/internal/store"
)

// Keys changes the access keys of a database, for the command line.
type Keys struct{ db *store.DB }

// Key is an access key as it is listed.
type Key struct {
	ID          string
	Account     string
	Description string
	Created     time.Time
}

// OpenKeys opens the access keys of the database that the configuration names.
func OpenKeys(ctx context.Context, cfg Config) (*Keys, error) {
	db, err := openStore(ctx, cfg.withDefaults())
	if err != nil {
		return nil, err
	}
	return &Keys{db}, nil
}

// Add makes a key and returns its ID and secret.
func (k *Keys) Add(ctx context.Context, account, description string) (id, secret string, err error) {
	key, err := k.db.AddKey(ctx, account, description)
	return key.ID, key.Secret, err
}

// List returns the keys, oldest first.
func (k *Keys) List(ctx context.Context) ([]Key, error) {
	all, err := k.db.ListKeys(ctx)
	if err != nil {
		return nil, err
	}
	keys := make([]Key, len(all))
	for i, key := range all {
		keys[i] = Key{key.ID, key.Account, key.Description, key.Created}
	}
	return keys, nil
}

// Revoke makes a key invalid.
func (k *Keys) Revoke(ctx context.Context, id string) error {
	err := k.db.RevokeKey(ctx, id)
	if errors.Is(err, store.ErrNoKey) {
		return fmt.Errorf("there is no key %s; `almanac keys list` shows those there are", id)
	}
	return err
}

// Close closes the database.
func (k *Keys) Close() error { return k.db.Close() }

// keyring answers which keys are valid. It implements [sigv4.Keys].
//
// What it read is believed for a moment, so that a busy server does not ask
// its database twice per request; a revoked key works on for that long.
type keyring struct {
	db    *store.DB
	clock clock.Clock
	open  bool // without a key, anybody is let in; never so on an address that others reach

	mu    sync.Mutex // guards what follows
	known map[string]known
	keys  known // whether there is any key at all, in err
}

// known is an answer and when it was read.
type known struct {
	key  sigv4.Key
	err  error
	read time.Time
}

const (
	believe  = time.Second
	mostKeys = 4096 // remembered: what callers make up must not grow the process
)

// Lookup implements [sigv4.Keys].
func (k *keyring) Lookup(ctx context.Context, id string) (sigv4.Key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.clock.Now()
	if k.open {
		if now.Sub(k.keys.read) >= believe || k.keys.read.IsZero() {
			some, err := k.db.HasKeys(ctx)
			if err != nil {
				return sigv4.Key{}, err
			}
			k.keys = known{read: now}
			if !some {
				k.keys.err = sigv4.ErrOpen
			}
		}
		if k.keys.err != nil {
			return sigv4.Key{}, k.keys.err
		}
	}
	if e, ok := k.known[id]; ok && now.Sub(e.read) < believe {
		return e.key, e.err
	}
	e := known{read: now}
	key, err := k.db.LookupKey(ctx, id)
	switch {
	case errors.Is(err, store.ErrNoKey):
		e.err = sigv4.ErrUnknownKey
	case err != nil:
		return sigv4.Key{}, err
	default:
		e.key = sigv4.Key{Secret: key.Secret, Account: key.Account, Token: key.Token, Expires: key.Expires}
	}
	if k.known == nil || len(k.known) >= mostKeys {
		k.known = make(map[string]known)
	}
	k.known[id] = e
	return e.key, e.err
}
