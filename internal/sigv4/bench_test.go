package sigv4

import (
	"strings"
	"testing"
)

// BenchmarkVerify checks one small signed request again and again.
func BenchmarkVerify(b *testing.B) {
	v := verifier("20150830T123600Z")
	v.Derived = new(DerivedKeys)
	r, body := forecastRequest(nil), []byte(`{}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(r, body); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVerifyStream opens one upload in signed chunks again and again; its
// body is not read.
func BenchmarkVerifyStream(b *testing.B) {
	v := verifier("20130524T000000Z")
	v.Derived = new(DerivedKeys)
	first := chunkedRequest(b, false, "")
	b.ReportAllocs()
	for b.Loop() {
		r := *first
		r.Header = first.Header.Clone()
		r.Body = nopBody{strings.NewReader("")}
		if _, err := v.VerifyStream(&r); err != nil {
			b.Fatal(err)
		}
	}
}

type nopBody struct{ *strings.Reader }

func (nopBody) Close() error { return nil }
