package sigv4

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestCanonical(t *testing.T) {
	paths := []struct{ service, in, want string }{
		{"s3", "/", "/"},
		{"s3", "", "/"},
		{"s3", "/a//b/../c", "/a//b/../c"},
		{"s3", "/a%2Fb/~c", "/a%2Fb/~c"},
		{"s3", "/a%20b+c", "/a%20b%2Bc"},
		{"forecast", "/a/./b//c/../d/", "/a/b/d/"},
		{"forecast", "/example%20space/", "/example%2520space/"},
		{"forecast", "", "/"},
	}
	for _, tt := range paths {
		if got := canonicalPath(tt.in, tt.service); got != tt.want {
			t.Errorf("path %q for %s: %q, want %q", tt.in, tt.service, got, tt.want)
		}
	}
	queries := []struct{ in, want string }{
		{"", ""},
		{"Param2=value2&Param1=value1", "Param1=value1&Param2=value2"},
		{"Param1=value2&Param1=value1", "Param1=value1&Param1=value2"},
		{"uploads", "uploads="},
		{"a=b+c&d=%7e&X-Amz-Signature=x", "a=b%20c&d=~"},
		{"a=%zz;b&&", "a=%25zz%3Bb"},
		{"a-b=1&a=2", "a=2&a-b=1"},
	}
	for _, tt := range queries {
		if got := canonicalQuery(tt.in); got != tt.want {
			t.Errorf("query %q: %q, want %q", tt.in, got, tt.want)
		}
	}
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", nil)
	r.Header["My-Header"] = []string{"  a   b  ", "c"}
	if got := headerValue(r, "my-header"); got != "a b,c" {
		t.Errorf("header value %q", got)
	}
}

// chunkedBody makes the body of the documented examples: 65 KiB of the letter
// a in chunks of 64 KiB.
