package s3api

import (
	"context"
	"encoding/xml"
	"net/http"
	"sync"
	"time"
)

// keepEvery is how long a client hears nothing while its request is worked on.
// Clients and the proxies before them give up after a minute of silence.
const keepEvery = 5 * time.Second

// keepAlive answers with the document that work makes. If that takes longer
// than keepEvery, the status 200 and the XML declaration are sent ahead, and
// then white space, so that the connection stays open; from then on an error
// can only be an Error element in the body, which clients of S3 look for there
// (Amazon S3's page of CompleteMultipartUpload describes both). work must not
// write to the client.
func (c *call) keepAlive(work func() (document any, err error)) error {
	document, err := c.whileKeeping(work)
	if err != nil {
		return err // which fail writes, in either form
	}
	return c.answer(document)
}

// whileKeeping returns what work returns, once nobody else writes to the client.
func (c *call) whileKeeping(work func() (any, error)) (any, error) {
	ctx, done := context.WithCancel(c.ctx)
	var keeper sync.WaitGroup
	keeper.Go(func() {
		for c.s.conf.Clock.Wait(ctx, keepEvery) == nil {
			c.keep()
		}
	})
	defer keeper.Wait()
	defer done()
	return work()
}

// keep sends the next bytes that mean nothing.
func (c *call) keep() {
	beat := " "
	if !c.kept {
		c.kept, beat = true, xml.Header
		c.w.Header().Set("Content-Type", "application/xml")
		c.w.WriteHeader(http.StatusOK)
	}
	_, _ = c.w.Write([]byte(beat)) // if the client is gone, the request's context ends the work
	_ = http.NewResponseController(c.w).Flush()
}
