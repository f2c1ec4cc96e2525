package s3api_test

import (
	"bufio"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/clock"
)

// tickClock is the machine's clock, but whoever waits does so until the test
// ticks.
type tickClock struct {
	clock.System

	ticks chan time.Duration // takes how long the waiter asked for
}

func (c tickClock) Wait(ctx context.Context, d time.Duration) error {
	select {
	case c.ticks <- d:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// slowUpload is an upload of two parts whose completion waits for release.
type slowUpload struct {
	*world

	ticks   chan time.Duration
	in      *s3.CompleteMultipartUploadInput
	release func()
}

func newSlowUpload(t *testing.T) *slowUpload {
	t.Helper()
	u := &slowUpload{ticks: make(chan time.Duration)}
	u.world = newWorldAt(t, tickClock{ticks: u.ticks})
	bucket, key := aws.String("bucket"), aws.String("slow")
	up, err := u.client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: bucket, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	var done types.CompletedMultipartUpload
	for i, body := range []string{strings.Repeat("first", 1<<20+1), "second"} {
		n := aws.Int32(int32(i + 1))
		out, err := u.client.UploadPart(t.Context(), &s3.UploadPartInput{
			Bucket: bucket, Key: key, UploadId: up.UploadId, PartNumber: n, Body: strings.NewReader(body),
		})
		if err != nil {
			t.Fatal(err)
		}
		done.Parts = append(done.Parts, types.CompletedPart{PartNumber: n, ETag: out.ETag})
	}
	u.in = &s3.CompleteMultipartUploadInput{Bucket: bucket, Key: key, UploadId: up.UploadId, MultipartUpload: &done}
	u.release = u.server.HoldUpload(*up.UploadId)
	return u
}

// losePart removes the content of the upload's second part.
func (u *slowUpload) losePart() {
	u.t.Helper()
	side, err := blob.NewFolder(filepath.Join(u.folders.Root(), ".almanac"))
	if err != nil {
		u.t.Fatal(err)
	}
	if err := blob.DeletePrefix(u.t.Context(), side, "upload/bucket/"+*u.in.UploadId+"/data-00002"); err != nil {
		u.t.Fatal(err)
	}
}

// request is the completion as plain HTTP.
func (u *slowUpload) request() *http.Request {
	u.t.Helper()
	var body strings.Builder
	body.WriteString("<CompleteMultipartUpload>")
	for _, p := range u.in.MultipartUpload.Parts {
		fmt.Fprintf(&body, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>", *p.PartNumber, *p.ETag)
	}
	body.WriteString("</CompleteMultipartUpload>")
	return u.signed(http.MethodPost, "/bucket/slow?uploadId="+*u.in.UploadId, body.String())
}

// hear completes the upload, lets n intervals pass while that is held, and
// checks that the client hears of each before the next: the declaration, then
// white space. It returns the whole body.
func (u *slowUpload) hear(n int) string {
	u.t.Helper()
	answers, r := make(chan *http.Response, 1), u.request()
	go func() {
		resp, err := http.DefaultClient.Do(r) //nolint:bodyclose // by hear, which gets it
		if err != nil {
			u.t.Error(err)
		}
		answers <- resp
	}()
	if every := <-u.ticks; every != 5*time.Second {
		u.t.Errorf("the client hears something every %s, want 5s", every)
	}
	resp := <-answers // its head is here while the completion is held
	if resp == nil {
		u.t.FailNow()
	}
	defer func() { _ = resp.Body.Close() }()
	body := bufio.NewReader(resp.Body)
	heard := make([]byte, len(xml.Header)+n-1)
	if _, err := io.ReadFull(body, heard[:len(xml.Header)]); err != nil {
		u.t.Fatal(err)
	}
	for i := len(xml.Header); i < len(heard); i++ {
		<-u.ticks
		if _, err := io.ReadFull(body, heard[i:i+1]); err != nil {
			u.t.Fatal(err)
		}
	}
	if want := xml.Header + strings.Repeat(" ", n-1); string(heard) != want || resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "application/xml" {
		u.t.Errorf("while it waits, the client hears %d %v %q, want %q", resp.StatusCode, resp.Header, heard, want)
	}
	u.release()
	rest, err := io.ReadAll(body)
	if err != nil {
		u.t.Fatal(err)
	}
	return string(heard) + string(rest)
}

// TestSlowCompletion: a completion that takes long is heard of every five
// seconds, and what follows is one well-formed document: the result, or the
// error that came too late to be a status.
func TestSlowCompletion(t *testing.T) {
	for _, c := range []struct {
		name, want string
		before     func(*slowUpload)
	}{
		{"result", "CompleteMultipartUploadResult", func(*slowUpload) {}},
		{"client's mistake", "Error InvalidPart", func(u *slowUpload) { u.in.MultipartUpload.Parts[1].ETag = aws.String("other") }},
		{"server's fault", "Error InternalError", (*slowUpload).losePart},
	} {
		t.Run(c.name, func(t *testing.T) {
			u := newSlowUpload(t)
			c.before(u)
			body := u.hear(4)
			var document struct {
				XMLName xml.Name
				Code    string
				ETag    string
			}
			if err := xml.Unmarshal([]byte(body), &document); err != nil {
				t.Fatalf("the answer is not XML: %v\n%s", err, body)
			}
			if got := strings.TrimSpace(document.XMLName.Local + " " + document.Code); got != c.want || strings.Count(body, "<?xml") != 1 {
				t.Errorf("the answer is %s, want %s:\n%s", got, c.want, body)
			}
			if document.Code == "" && !strings.HasSuffix(document.ETag, `-2"`) {
				t.Errorf("the ETag is %s", document.ETag)
			}
		})
	}
}

// TestQuickCompletion: before the first interval ends nothing is different,
// and a mistake has its status.
func TestQuickCompletion(t *testing.T) {
	u := newSlowUpload(t)
	u.release()
	right := u.in.MultipartUpload.Parts[1].ETag
	for _, c := range []struct {
		etag   *string
		status int
	}{{aws.String("other"), http.StatusBadRequest}, {right, http.StatusOK}} {
		u.in.MultipartUpload.Parts[1].ETag = c.etag
		if resp, body := u.do(u.request()); resp.StatusCode != c.status || resp.Header.Get("Content-Length") != strconv.Itoa(len(body)) {
			t.Errorf("part 2 with the ETag %s: status %d, want %d, headers %v", *c.etag, resp.StatusCode, c.status, resp.Header)
		}
	}
}

// TestClientsOfSlowCompletions: the SDK reads both endings as it reads those
// of S3, and sends again what failed by a fault of the server.
func TestClientsOfSlowCompletions(t *testing.T) {
	u := newSlowUpload(t)
	result := make(chan error, 1)
	complete := func() {
		_, err := u.client.CompleteMultipartUpload(t.Context(), u.in, func(o *s3.Options) { o.RetryMaxAttempts = 1 })
		result <- err
	}
	go complete()
	<-u.ticks
	<-u.ticks
	u.release()
	if err := <-result; err != nil {
		t.Errorf("the SDK does not take a slow result: %v", err)
	}
	if body, _ := u.get("slow"); len(body) != 5*(1<<20+1)+len("second") {
		t.Errorf("the object has %d bytes", len(body))
	}
	u = newSlowUpload(t)
	u.losePart()
	go complete()
	<-u.ticks
	u.release()
	if err := <-result; code(err) != "InternalError" {
		t.Errorf("the SDK takes a late error for %v", err)
	}
}

// TestClientGone: nobody is kept waiting for a client that has gone.
func TestClientGone(t *testing.T) {
	u := newSlowUpload(t)
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() {
		_, err := u.client.CompleteMultipartUpload(ctx, u.in)
		result <- err
	}()
	<-u.ticks
	cancel()
	if err := <-result; err == nil {
		t.Error("the SDK took half an answer for a result")
	}
	u.release()
	// The server's Close, at the end of the test, waits for the handler.
}
