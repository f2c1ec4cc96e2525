// Package token makes the opaque texts that lead from one page of a list to
// the next. A token says where the next page starts and for which question; it
// is signed, so that nobody can make one up, and it ends after 24 hours.
package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
)

// life is how long a token is good for.
const life = 24 * time.Hour

// Why a token is refused.
var (
	ErrDamaged = errors.New("token: not a token of this service")
	ErrForeign = errors.New("token: issued for another question")
	ErrExpired = errors.New("token: older than 24 hours")
)

// Codec issues and opens tokens. All processes of a service share the key.
// Safe for concurrent use.
type Codec struct {
	Key   []byte // 32 secret random bytes
	Clock clock.Clock
}

// content is what a token holds.
type content struct {
	Scope  []byte `json:"s"` // hash of the scope
	Place  string `json:"p"`
	Issued int64  `json:"t"` // epoch seconds
}

var encoding = base64.RawURLEncoding.Strict()

// Issue returns a token that leads to place and is good for scope only. Scope
// names the question that is being answered page by page: operation, account,
// region, filters; it does not travel.
func (c Codec) Issue(scope, place string) string {
	text, err := json.Marshal(content{Scope: hash(scope), Place: place, Issued: c.Clock.Now().Unix()})
	if err != nil {
		panic("token: " + err.Error()) // bytes, a string and a number can be written
	}
	return encoding.EncodeToString(append(c.mac(text), text...))
}

// Open returns the place of a token issued for scope. The error is
// [ErrDamaged], [ErrForeign] or [ErrExpired].
func (c Codec) Open(scope, token string) (place string, err error) {
	raw, err := encoding.DecodeString(token)
	if err != nil || len(raw) < sha256.Size {
		return "", ErrDamaged
	}
	text := raw[sha256.Size:]
	if !hmac.Equal(raw[:sha256.Size], c.mac(text)) {
		return "", ErrDamaged
	}
	var x content
	if err := json.Unmarshal(text, &x); err != nil {
		return "", fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if !hmac.Equal(x.Scope, hash(scope)) {
		return "", ErrForeign
	}
	if c.Clock.Now().Sub(time.Unix(x.Issued, 0)) > life {
		return "", ErrExpired
	}
	return x.Place, nil
}

func (c Codec) mac(text []byte) []byte {
	h := hmac.New(sha256.New, c.Key)
	h.Write([]byte("almanac next token 1\n")) // the key signs nothing else in this form
	h.Write(text)
	return h.Sum(nil)
}

func hash(scope string) []byte {
	sum := sha256.Sum256([]byte(scope))
	return sum[:]
}
