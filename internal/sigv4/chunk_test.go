package sigv4

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// chunkedBody makes the body of the documented examples: 65 KiB of the letter
// a in chunks of 64 KiB.
func chunkedBody(signatures []string, tail string) string {
	var b bytes.Buffer
	for i, size := range []int{65536, 1024, 0} {
		extension := ""
		if signatures != nil {
			extension = ";chunk-signature=" + signatures[i]
		}
		fmt.Fprintf(&b, "%x%s\r\n%s", size, extension, strings.Repeat("a", size))
		if size > 0 {
			b.WriteString("\r\n")
		}
	}
	return b.String() + tail
}

var (
	docChunks = []string{
		"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
		"0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
		"b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
	}
	docTrailerChunks = []string{
		"b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
		"1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
		"2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
	}
)

const docTrailer = "x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"

// chunkedRequest is the documented chunked upload, with or without trailer.
func chunkedRequest(tb testing.TB, trailer bool, body string) *http.Request {
	tb.Helper()
	mode, headers, sig := "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class", "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
	extra := "Content-Length: 66824\n"
	if trailer {
		mode, headers, sig = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer", "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
		extra = "x-amz-trailer: x-amz-checksum-crc32c\n"
	}
	r := read(tb, "PUT /examplebucket/chunkObject.txt HTTP/1.1\nHost: s3.amazonaws.com\nx-amz-date: 20130524T000000Z\nx-amz-storage-class: REDUCED_REDUNDANCY\n"+
		"Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders="+headers+",Signature="+sig+"\n"+
		"x-amz-content-sha256: "+mode+"\nContent-Encoding: aws-chunked\nx-amz-decoded-content-length: 66560\n"+extra+"\n")
	r.Body = io.NopCloser(strings.NewReader(body))
	return r
}

func TestDocumentedChunks(t *testing.T) {
	want := strings.Repeat("a", 66560)
	t.Run("plain", func(t *testing.T) {
		r := chunkedRequest(t, false, chunkedBody(docChunks, "\r\n"))
		if _, err := verifier("20130524T000000Z").VerifyStream(r); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r.Body)
		if err != nil || string(got) != want {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
		if r.ContentLength != 66560 || r.Header.Get("Content-Encoding") != "" || r.Header.Get("X-Amz-Decoded-Content-Length") != "" || r.Header.Get("Content-Length") != "66560" {
			t.Errorf("the request still looks chunked: %d %v", r.ContentLength, r.Header)
		}
	})
	t.Run("trailer", func(t *testing.T) {
		r := chunkedRequest(t, true, chunkedBody(docTrailerChunks, docTrailer))
		if _, err := verifier("20130524T000000Z").VerifyStream(r); err != nil {
			t.Fatal(err)
		}
		// A reader that knows the length reads no further than that.
		got := make([]byte, 66560)
		if _, err := io.ReadFull(r.Body, got); err != nil || string(got) != want {
			t.Fatal(err)
		}
		if r.Trailer.Get("x-amz-checksum-crc32c") != "sOO8/Q==" {
			t.Errorf("trailer %v", r.Trailer)
		}
	})
}

// before returns what stands before a mark.
func before(s, mark string) string {
	head, _, _ := strings.Cut(s, mark)
	return head
}

func TestBadChunks(t *testing.T) {
	swap := func(s []string) []string { c := slices.Clone(s); c[0], c[1] = c[1], c[0]; return c }
	good, goodTrailer := chunkedBody(docChunks, "\r\n"), chunkedBody(docTrailerChunks, docTrailer)
	tests := []struct {
		name    string
		trailer bool
		body    string
		reason  Reason
	}{
		{"changed byte", false, strings.Replace(good, "aaa", "aba", 1), Mismatch},
		{"swapped signatures", false, chunkedBody(swap(docChunks), "\r\n"), Mismatch},
		{"wrong last signature", false, chunkedBody([]string{docChunks[0], docChunks[1], docChunks[0]}, "\r\n"), Mismatch},
		{"cut in a chunk", false, good[:1000], BadChunk},
		{"cut after a chunk", false, before(good, "400;"), BadChunk},
		{"no last chunk", false, good[:strings.LastIndex(good, "0;")], BadChunk},
		{"no signature", false, strings.Replace(good, ";chunk-signature=", ";x=", 1), BadChunk},
		{"size is no number", false, "x" + good, BadChunk},
		{"size is negative", false, "-1;chunk-signature=0\r\n", BadChunk},
		{"size is huge", false, "3fffffffffffffff;chunk-signature=0\r\n", BadChunk},
		{"longer than announced", false, strings.Replace(good, "10000;", "20000;", 1), BadChunk},
		{"endless line", false, strings.Repeat("0", 10000), BadChunk},
		{"something after the end", false, good + "x-amz-checksum-crc32c:AAAA\r\n", BadChunk},
		{"changed trailer", true, strings.Replace(goodTrailer, "sOO8", "sOO9", 1), Mismatch},
		{"no trailer", true, chunkedBody(docTrailerChunks, "\r\n"), Mismatch},
		{"trailer not announced", true, strings.Replace(goodTrailer, "crc32c", "crc32d", 1), BadChunk},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := chunkedRequest(t, tt.trailer, tt.body)
			if _, err := verifier("20130524T000000Z").VerifyStream(r); err != nil {
				t.Fatal(err)
			}
			_, err := io.Copy(io.Discard, r.Body)
			if reason(err) != tt.reason {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestUnsignedTrailer(t *testing.T) {
	request := func(body, length string) *http.Request {
		s := signature{
			id: exampleID, secret: exampleSecret, day: "20150830", region: "us-east-1", service: "s3", date: "20150830T123600Z",
			method: "PUT", path: "/b/k", payload: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
			headers: [][2]string{
				{"host", "localhost"},
				{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
				{"x-amz-date", "20150830T123600Z"},
				{"x-amz-decoded-content-length", length},
				{"x-amz-trailer", "x-amz-checksum-crc32"},
			},
		}
		r := httptest.NewRequestWithContext(context.Background(), http.MethodPut, "/b/k", strings.NewReader(body))
		for _, h := range s.headers[1:] {
			r.Header.Set(h[0], h[1])
		}
		r.Host = "localhost"
		r.Header.Set("Content-Encoding", "gzip, aws-chunked")
		r.Header.Set("Authorization", s.header())
		return r
	}
	r := request(chunkedBody(nil, "x-amz-checksum-crc32:AAAAAA==\n\r\n\r\n"), "66560")
	if _, err := verifier("20150830T123600Z").VerifyStream(r); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r.Body)
	if err != nil || len(got) != 66560 {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	if r.Trailer.Get("x-amz-checksum-crc32") != "AAAAAA==" || r.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("trailer %v, header %v", r.Trailer, r.Header)
	}
	r = request("5\r\nhello\r\n0\r\n\r\n", "6")
	if _, err := verifier("20150830T123600Z").VerifyStream(r); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, r.Body); reason(err) != BadChunk {
		t.Errorf("less than announced: %v", err)
	}
	if _, err := verifier("20150830T123600Z").VerifyStream(request("", "many")); reason(err) != NoLength {
		t.Errorf("no length: %v", err)
	}
	empty := request("0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "0")
	if _, err := verifier("20150830T123600Z").VerifyStream(empty); err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, empty.Body); n != 0 || err != nil {
		t.Errorf("empty content: %d, %v", n, err)
	}
}
