package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/almanac-forecast/almanac/internal/store/internal/dbsqlc"
)

// ErrNoKey says that there is no access key of that name, or that it has expired.
var ErrNoKey = errors.New("store: no such access key")

// Key is an access key. Its secret stays out of logs: see LogValue.
type Key struct {
	ID          string // "AKIA...", or "ASIA..." for a temporary one
	Secret      string
	Token       string // the session token of a temporary key, else ""
	Account     string // 12 digits
	Description string
	Created     time.Time
	Expires     time.Time // zero: never
}

// LogValue implements slog.LogValuer.
func (k Key) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", k.ID), slog.String("account", k.Account))
}

// String returns the part of the key that is no secret.
func (k Key) String() string { return k.ID + " of account " + k.Account }

// GoString is String, so that %#v shows no secret either.
func (k Key) GoString() string { return "store.Key(" + k.String() + ")" }

// AddKey makes an access key for an account.
func (db *DB) AddKey(ctx context.Context, account, description string) (Key, error) {
	if !isAccount(account) {
		return Key{}, fmt.Errorf("account %q: an account is 12 digits, for example 000000000000", account)
	}
	k := Key{
		ID: newKeyID("AKIA"), Secret: newKeySecret(), Account: account,
		Description: description, Created: db.clock.Now(),
	}
	return k, db.putKey(ctx, k)
}

// AddTemporaryKey makes credentials with a session token that end at a given
// time. Those that have ended already are removed.
func (db *DB) AddTemporaryKey(ctx context.Context, account, description string, expires time.Time) (Key, error) {
	if !isAccount(account) {
		return Key{}, fmt.Errorf("account %q: an account is 12 digits, for example 000000000000", account)
	}
	k := Key{
		ID: newKeyID("ASIA"), Secret: newKeySecret(), Token: newSessionToken(), Account: account,
		Description: description, Created: db.clock.Now(), Expires: expires.UTC().Truncate(time.Microsecond),
	}
	return k, db.putKey(ctx, k)
}

// PutKey stores a key made elsewhere, and refuses an ID that is taken.
func (db *DB) PutKey(ctx context.Context, k Key) error {
	if k.ID == "" || k.Secret == "" {
		return errors.New("access key: the ID and the secret must not be empty")
	}
	if !isAccount(k.Account) {
		return fmt.Errorf("account %q: an account is 12 digits, for example 000000000000", k.Account)
	}
	if k.Created.IsZero() {
		k.Created = db.clock.Now()
	}
	return db.putKey(ctx, k)
}

func (db *DB) putKey(ctx context.Context, k Key) error {
	return db.Transact(ctx, func(tx *Tx) error {
		now := sql.NullInt64{Int64: micros(db.clock.Now()), Valid: true}
		if err := tx.q.DeleteExpiredKeys(ctx, now); err != nil {
			return fmt.Errorf("remove expired access keys: %w", err)
		}
		var expires sql.NullInt64
		if !k.Expires.IsZero() {
			expires = sql.NullInt64{Int64: micros(k.Expires), Valid: true}
		}
		err := tx.q.InsertKey(ctx, dbsqlc.InsertKeyParams{
			ID: k.ID, Secret: k.Secret, Token: k.Token, Account: k.Account, Description: k.Description,
			Created: micros(k.Created), Expires: expires,
		})
		if err != nil {
			return fmt.Errorf("store access key %s: %w", k.ID, err)
		}
		return nil
	})
}

// LookupKey returns the key with its secret, or ErrNoKey if there is none or
// it has expired.
func (db *DB) LookupKey(ctx context.Context, id string) (Key, error) {
	row, err := dbsqlc.New(db.read).GetKey(ctx, id)
	if errors.Is(err, sql.ErrNoRows) {
		return Key{}, ErrNoKey
	}
	if err != nil {
		return Key{}, fmt.Errorf("look up access key: %w", err)
	}
	k := keyFrom(row)
	if !k.Expires.IsZero() && !db.clock.Now().Before(k.Expires) {
		return Key{}, ErrNoKey
	}
	return k, nil
}

// ListKeys returns the permanent keys, oldest first.
func (db *DB) ListKeys(ctx context.Context) ([]Key, error) {
	rows, err := dbsqlc.New(db.read).ListKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("list access keys: %w", err)
	}
	keys := make([]Key, len(rows))
	for i, r := range rows {
		keys[i] = keyFrom(r)
	}
	return keys, nil
}

// HasKeys reports whether there is a permanent key: without one the service is open.
func (db *DB) HasKeys(ctx context.Context) (bool, error) {
	n, err := dbsqlc.New(db.read).CountKeys(ctx)
	if err != nil {
		return false, fmt.Errorf("count access keys: %w", err)
	}
	return n > 0, nil
}

// RevokeKey removes a key, or returns ErrNoKey.
func (db *DB) RevokeKey(ctx context.Context, id string) error {
	return db.Transact(ctx, func(tx *Tx) error {
		n, err := tx.q.DeleteKey(ctx, id)
		if err != nil {
			return fmt.Errorf("revoke access key: %w", err)
		}
		if n == 0 {
			return ErrNoKey
		}
		return nil
	})
}

func keyFrom(r dbsqlc.AccessKey) Key {
	k := Key{
		ID: r.ID, Secret: r.Secret, Token: r.Token, Account: r.Account, Description: r.Description,
		Created: fromMicros(r.Created),
	}
	if r.Expires.Valid {
		k.Expires = fromMicros(r.Expires.Int64)
	}
	return k
}

func isAccount(s string) bool {
	if len(s) != 12 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// newKeyID returns the prefix and 16 letters and digits, 80 random bits.
func newKeyID(prefix string) string {
	return prefix + base32.StdEncoding.EncodeToString(randomBytes(10))
}

// newKeySecret returns 40 characters, 240 random bits.
func newKeySecret() string { return base64.StdEncoding.EncodeToString(randomBytes(30)) }

func newSessionToken() string { return base64.StdEncoding.EncodeToString(randomBytes(96)) }

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it would end the program
	return b
}
