package sigv4

import (
	"strings"
	"sync"
)

// maxDerived bounds a [DerivedKeys]: a few regions and services for each of
// some hundred access keys.
const maxDerived = 1024

// DerivedKeys keeps the signing keys of the last requests: a client signs all
// that it sends on one day to one region and service with the same one, and
// deriving it is most of the hashing that a small request needs. The zero
// value is empty and ready; it is safe for concurrent use.
//
// It decides nothing. Whether an access key is good is asked of [Keys] each
// time, and what is kept counts only for the secret that it was derived from.
// Only keys that have verified a signature are kept, so that whoever lacks a
// secret cannot push out what is of use.
type DerivedKeys struct {
	mu   sync.Mutex
	kept map[scope]derivedKey
}

type derivedKey struct {
	secret string
	key    []byte // read by many at once: never written again
}

// find returns the signing key, nil if it is not kept for this secret.
func (d *DerivedKeys) find(s scope, secret string) []byte {
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if k, ok := d.kept[s]; ok && equal(k.secret, secret) {
		return k.key
	}
	return nil
}

// keep keeps a signing key. When there are too many all go: yesterday's are of
// no use any more, and the rest are soon derived again.
func (d *DerivedKeys) keep(s scope, secret string, key []byte) {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept == nil || len(d.kept) >= maxDerived {
		d.kept = map[scope]derivedKey{}
	}
	// Copies, because a part of a header keeps all headers of its request.
	s = scope{strings.Clone(s.accessKey), strings.Clone(s.day), strings.Clone(s.region), strings.Clone(s.service)}
	d.kept[s] = derivedKey{secret, key}
}
