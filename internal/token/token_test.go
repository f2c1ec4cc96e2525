package token

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
)

var (
	issued = time.Date(2022, 1, 2, 3, 4, 5, 0, time.UTC)
	key    = []byte("0123456789abcdef0123456789abcdef")
)

func at(t time.Time) Codec { return Codec{Key: key, Clock: clock.Fixed(t)} }

const (
	scope = "ListPredictors 123456789012 us-east-1 filters"
	place = "1641092645000000 arn:aws:forecast:us-east-1:123456789012:predictor/p"
)

func TestRoundTrip(t *testing.T) {
	text := at(issued).Issue(scope, place)
	if got, err := at(issued.Add(life)).Open(scope, text); err != nil || got != place {
		t.Errorf("got %q, %v", got, err)
	}
	if len(text) > 3000 {
		t.Errorf("a token of %d characters; a request may carry 3000", len(text))
	}
	long := at(issued).Issue(scope, strings.Repeat("a", 340))
	if len(long) > 3000 {
		t.Errorf("a token for the longest ARN has %d characters", len(long))
	}
}

func TestRefused(t *testing.T) {
	good := at(issued).Issue(scope, place)
	other := Codec{Key: []byte("another key, as long as the first"), Clock: clock.Fixed(issued)}
	tests := []struct {
		name  string
		codec Codec
		scope string
		text  string
		want  error
	}{
		{"empty", at(issued), scope, "", ErrDamaged},
		{"no base64", at(issued), scope, "!!", ErrDamaged},
		{"a page number", at(issued), scope, "100", ErrDamaged},
		{"cut", at(issued), scope, good[:len(good)-4], ErrDamaged},
		{"padded", at(issued), scope, good + "=", ErrDamaged},
		{"lengthened", at(issued), scope, good + "AAAA", ErrDamaged},
		{"of another key", other, scope, good, ErrDamaged},
		{"of another question", at(issued), scope + "x", good, ErrForeign},
		{"a second too old", at(issued.Add(life + time.Second)), scope, good, ErrExpired},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := tt.codec.Open(tt.scope, tt.text); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	for i := range good {
		changed := []byte(good)
		changed[i] = map[bool]byte{true: 'B', false: 'A'}[changed[i] == 'A']
		if _, err := at(issued).Open(scope, string(changed)); !errors.Is(err, ErrDamaged) {
			t.Fatalf("changed at %d: %v", i, err)
		}
	}
}

// FuzzOpen opens arbitrary texts: only what was issued opens. It does not
// check that every token opens; TestRoundTrip does.
func FuzzOpen(f *testing.F) {
	good := at(issued).Issue(scope, place)
	f.Add(good)
	f.Add("")
	f.Add("eyJzIjoiIn0")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := at(issued).Open(scope, text); err == nil && text != good {
			t.Fatalf("%q opens", text)
		}
	})
}
