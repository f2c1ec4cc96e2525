package sigv4

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// caching is a verifier that keeps signing keys, with keys of its own to change.
func caching() (Verifier, fakeKeys) {
	keys := fakeKeys{exampleID: {Secret: exampleSecret, Account: exampleAccount}}
	v := verifier("20150830T123600Z")
	v.Keys, v.Derived = keys, new(DerivedKeys)
	return v, keys
}

// TestDerivedKeyIsUsed puts a wrong key in the place of the right one: the
// request then fails, so what is kept is what is used.
func TestDerivedKeyIsUsed(t *testing.T) {
	v, _ := caching()
	if _, err := verify(v, forecastRequest(nil), "forecast"); err != nil {
		t.Fatal(err)
	}
	s := scope{exampleID, "20150830", "eu-west-1", "forecast"}
	if _, kept := v.Derived.kept[s]; !kept || len(v.Derived.kept) != 1 {
		t.Fatalf("%d keys are kept, %v: %t", len(v.Derived.kept), s, kept)
	}
	if _, err := verify(v, forecastRequest(nil), "forecast"); err != nil {
		t.Errorf("the second request: %v", err)
	}
	v.Derived.keep(s, exampleSecret, []byte("wrong"))
	if _, err := verify(v, forecastRequest(nil), "forecast"); reason(err) != Mismatch {
		t.Errorf("the kept key was not used: %v", err)
	}
}

// TestDerivedKeyOfOtherScope: a key kept for one region, service, day or
// caller verifies nothing for another.
func TestDerivedKeyOfOtherScope(t *testing.T) {
	v, keys := caching()
	keys["AKIDOTHER"] = Key{Secret: "other", Account: exampleAccount}
	if _, err := verify(v, forecastRequest(nil), "forecast"); err != nil {
		t.Fatal(err)
	}
	first := forecastRequest(nil).Header.Get("Authorization")
	for name, change := range map[string]func(*signature){
		"region":  func(s *signature) { s.region = "us-east-1" },
		"service": func(s *signature) { s.service = "forecastquery" },
		"caller":  func(s *signature) { s.id, s.secret = "AKIDOTHER", "other" },
	} {
		if _, err := verify(v, forecastRequest(change), "forecast"); err != nil {
			t.Errorf("another %s, signed rightly: %v", name, err)
		}
		r := forecastRequest(change)
		_, mine, _ := strings.Cut(first, "Signature=")
		head, _, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
		r.Header.Set("Authorization", head+"Signature="+mine)
		if _, err := verify(v, r, "forecast"); reason(err) != Mismatch {
			t.Errorf("the signature for another %s: %v", name, err)
		}
	}
	if n := len(v.Derived.kept); n != 4 {
		t.Errorf("%d keys are kept, want one for each scope: 4", n)
	}
}

// TestDerivedKeyOfOldSecret: an access key that is gone, or has a new secret,
// is refused although its signing key has been kept.
func TestDerivedKeyOfOldSecret(t *testing.T) {
	v, keys := caching()
	use := func(secret string) Reason {
		_, err := verify(v, forecastRequest(func(s *signature) { s.secret = secret }), "forecast")
		return reason(err)
	}
	const fine = Reason(-1) // reason's word for no error of ours
	for _, step := range []struct {
		change func()
		secret string
		want   Reason
	}{
		{func() {}, exampleSecret, fine},
		{func() { delete(keys, exampleID) }, exampleSecret, UnknownKey},
		{func() { keys[exampleID] = Key{Secret: "new", Account: exampleAccount} }, exampleSecret, Mismatch},
		{func() {}, "new", fine},
		{func() {}, exampleSecret, Mismatch},
		{func() { keys[exampleID] = Key{Secret: exampleSecret, Account: exampleAccount} }, "new", Mismatch},
		{func() {}, exampleSecret, fine},
	} {
		step.change()
		if got := use(step.secret); got != step.want {
			t.Errorf("secret %q, keys %v: reason %d, want %d", step.secret, keys, got, step.want)
		}
	}
}

// TestDerivedKeyNeedsSignature: requests that fail leave nothing behind.
func TestDerivedKeyNeedsSignature(t *testing.T) {
	v, _ := caching()
	for i := range 5 {
		r := forecastRequest(func(s *signature) { s.region, s.secret = fmt.Sprintf("region-%d", i), "guess" })
		if _, err := verify(v, r, "forecast"); reason(err) != Mismatch {
			t.Fatal(err)
		}
	}
	if n := len(v.Derived.kept); n != 0 {
		t.Errorf("%d keys are kept of requests that failed", n)
	}
}

// TestDerivedKeysAreBounded also looks for races.
func TestDerivedKeysAreBounded(t *testing.T) {
	d := new(DerivedKeys)
	var wait sync.WaitGroup
	for worker := range 4 {
		wait.Go(func() {
			for i := range maxDerived {
				s := scope{accessKey: strconv.Itoa(worker), region: strconv.Itoa(i)}
				d.keep(s, "secret", []byte(s.region))
				if key := d.find(s, "secret"); key != nil && string(key) != s.region {
					t.Errorf("%v: got the key %q", s, key)
				}
			}
		})
	}
	wait.Wait()
	if n := len(d.kept); n == 0 || n > maxDerived {
		t.Errorf("%d keys are kept; 1 to %d are allowed", n, maxDerived)
	}
}
