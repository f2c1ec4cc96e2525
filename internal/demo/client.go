package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Client speaks to a running server as any user's program does: over HTTP, in
// the service's own protocol, with signed requests.
type Client struct {
	Endpoint string // http://host:port
	HTTP     *http.Client
	// Sign adds the signature for a service ("forecast", "s3") to a request
	// whose body is given.
	Sign func(r *http.Request, body []byte, service string) error
}

// APIError is a modelled error that the server answered with.
type APIError struct {
	Operation string
	Status    int
	Code      string
	Message   string
	RequestID string
}

// Error implements error.
func (e *APIError) Error() string {
	return fmt.Sprintf("%s: %s (status %d, request %s): %s", e.Operation, e.Code, e.Status, e.RequestID, e.Message)
}

// Call runs one operation of the API, such as "CreateDataset". The operations
// of QueryForecast's service are told by their name.
func (c *Client) Call(ctx context.Context, operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Endpoint+"/", bytes.NewReader(body))
	if err != nil {
		return err
	}
	service := "AmazonForecast."
	if strings.HasPrefix(operation, "Query") {
		service = "AmazonForecastRuntime."
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", service+operation)
	answer, header, err := c.do(r, body, "forecast")
	if failure, ok := errors.AsType[*APIError](err); ok {
		var said struct {
			Type    string `json:"__type"`
			Message string
		}
		if json.Unmarshal(answer, &said) == nil {
			failure.Code, failure.Message = said.Type[strings.LastIndexByte(said.Type, '#')+1:], said.Message
		}
		failure.Operation, failure.RequestID = operation, header.Get("X-Amzn-Requestid")
	}
	if err != nil {
		return err
	}
	if out == nil || len(answer) == 0 {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("%s: read the answer: %w", operation, err)
	}
	return nil
}

// Object is one entry of a bucket's listing.
type Object struct {
	Key  string
	Size int64
}

// CreateBucket makes a bucket.
func (c *Client) CreateBucket(ctx context.Context, bucket string) error {
	return c.put(ctx, "CreateBucket", "/"+bucket, nil)
}

// PutObject writes an object in one piece.
func (c *Client) PutObject(ctx context.Context, bucket, key string, body []byte) error {
	return c.put(ctx, "PutObject", "/"+bucket+"/"+key, body)
}

// List returns the first thousand objects below a prefix.
func (c *Client) List(ctx context.Context, bucket, prefix string) ([]Object, error) {
	query := url.Values{"list-type": {"2"}, "prefix": {prefix}}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Endpoint+"/"+bucket+"?"+strings.ReplaceAll(query.Encode(), "+", "%20"), nil)
	if err != nil {
		return nil, err
	}
	answer, _, err := c.do(r, nil, "s3")
	if err != nil {
		return nil, s3Error(err, "ListObjectsV2", answer)
	}
	var list struct{ Contents []Object }
	if err := xml.Unmarshal(answer, &list); err != nil {
		return nil, fmt.Errorf("ListObjectsV2: read the answer: %w", err)
	}
	return list.Contents, nil
}

func (c *Client) put(ctx context.Context, operation, path string, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, c.Endpoint+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	answer, _, err := c.do(r, body, "s3")
	return s3Error(err, operation, answer)
}

// do signs and sends a request. An answer that is not a success comes back
// with an *[APIError] that knows the status only.
func (c *Client) do(r *http.Request, body []byte, service string) ([]byte, http.Header, error) {
	if err := c.Sign(r, body, service); err != nil {
		return nil, nil, fmt.Errorf("sign the request: %w", err)
	}
	resp, err := c.HTTP.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, nil, err
	}
	if resp.StatusCode/100 != 2 {
		return answer, resp.Header, &APIError{Status: resp.StatusCode, Code: resp.Status, Message: string(answer)}
	}
	return answer, resp.Header, nil
}

// s3Error completes an error with what S3's XML says.
func s3Error(err error, operation string, answer []byte) error {
	var failure *APIError
	if !errors.As(err, &failure) {
		return err
	}
	var said struct{ Code, Message, RequestID string }
	if xml.Unmarshal(answer, &said) == nil {
		failure.Code, failure.Message, failure.RequestID = said.Code, said.Message, said.RequestID
	}
	failure.Operation = operation
	return failure
}
