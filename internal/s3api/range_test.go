package s3api

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

func TestParseRange(t *testing.T) {
	for _, c := range []struct {
		header string
		size   int64
		want   span
		ok     bool
		err    bool
	}{
		{header: "", size: 10},
		{header: "bytes=0-3", size: 10, want: span{0, 4}, ok: true},
		{header: "bytes=9-", size: 10, want: span{9, 1}, ok: true},
		{header: "bytes=9-99", size: 10, want: span{9, 1}, ok: true},
		{header: "bytes=-3", size: 10, want: span{7, 3}, ok: true},
		{header: "bytes=-30", size: 10, want: span{0, 10}, ok: true},
		{header: "bytes=10-", size: 10, err: true},
		{header: "bytes=-0", size: 10, err: true},
		{header: "bytes=0-0", size: 0, err: true},
		{header: "bytes=-1", size: 0, err: true},
		{header: "bytes=3-2", size: 10},
		{header: "bytes=a-", size: 10},
		{header: "bytes=0-1,3-4", size: 10},
		{header: "lines=0-1", size: 10},
		{header: "bytes=--1", size: 10},
		{header: "bytes=0-9223372036854775807", size: 10, want: span{0, 10}, ok: true},
		{header: "bytes=0-18446744073709551615", size: 10},
	} {
		got, ok, err := parseRange(c.header, c.size)
		if got != c.want || ok != c.ok || (err != nil) != c.err {
			t.Errorf("parseRange(%q, %d) = %v, %v, %v; want %v, %v, error %v", c.header, c.size, got, ok, err, c.want, c.ok, c.err)
		}
	}
}

// FuzzParseRange: a range that is accepted lies within the object.
func FuzzParseRange(f *testing.F) {
	for _, s := range []string{"bytes=0-1", "bytes=-5", "bytes=5-", "bytes=", "bytes=-", "x"} {
		f.Add(s, int64(10))
	}
	f.Fuzz(func(t *testing.T, header string, size int64) {
		if size < 0 {
			return
		}
		s, ok, err := parseRange(header, size)
		if ok && (err != nil || s.start < 0 || s.length < 1 || s.start+s.length > size || s.start+s.length < s.start) {
			t.Errorf("parseRange(%q, %d) = %v, %v", header, size, s, err)
		}
	})
}

// The check values that the catalogues of checksums give for "123456789".
func TestAlgorithms(t *testing.T) {
	for name, want := range map[string]string{
		"CRC32":     "cbf43926",
		"CRC32C":    "e3069283",
		"CRC64NVME": "ae8b14860a799888",
		"SHA1":      "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
		"SHA256":    "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
	} {
		h := algorithms[name]()
		_, _ = fmt.Fprint(h, "123456789")
		if got := hex.EncodeToString(h.Sum(nil)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestAfter(t *testing.T) {
	for _, prefix := range []string{"a/", "a\xff", "\xff\xff", "é"} {
		next := after(prefix)
		if next <= prefix+strings.Repeat("\xff", 3) && prefix != "\xff\xff" {
			t.Errorf("after(%q) = %q is not after all with that prefix", prefix, next)
		}
		if strings.HasPrefix(next, prefix) && prefix != "\xff\xff" {
			t.Errorf("after(%q) = %q has the prefix", prefix, next)
		}
	}
}
