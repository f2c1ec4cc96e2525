package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"time"
)

// request is one signed request as it goes over the wire. Requests are made
// before the clock runs: the program that measures shares the cores with the
// server, and what an SDK does for each request is not what is measured.
type request []byte

// request signs a call of an operation. It is good for 15 minutes.
func (s *server) request(ctx context.Context, operation string, in any) (request, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	service := "AmazonForecast."
	if strings.HasPrefix(operation, "Query") {
		service = "AmazonForecastRuntime."
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", service+operation)
	if err := s.sign(r, body, "forecast"); err != nil {
		return nil, err
	}
	var wire bytes.Buffer
	if err := r.Write(&wire); err != nil {
		return nil, err
	}
	return wire.Bytes(), nil
}

// line is one connection, kept open, that carries one request at a time.
type line struct {
	conn net.Conn
	in   *bufio.Reader
	body []byte // of the last answer
}

func (s *server) dial(ctx context.Context) (*line, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		return nil, err
	}
	return &line{conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}, nil
}

func (l *line) close() error { return l.conn.Close() }

// send sends a request and returns how long it took until the whole answer was
// there, which must be a success. The body is valid until the next call.
func (l *line) send(r request) (body []byte, took time.Duration, err error) {
	began := time.Now()
	if _, err := l.conn.Write(r); err != nil {
		return nil, 0, err
	}
	status, length, err := l.header()
	if err != nil {
		return nil, 0, err
	}
	if cap(l.body) < length {
		l.body = make([]byte, 2*length)
	}
	l.body = l.body[:length]
	if _, err := io.ReadFull(l.in, l.body); err != nil {
		return nil, 0, err
	}
	took = time.Since(began)
	if status != http.StatusOK {
		return nil, 0, fmt.Errorf("status %d: %s", status, l.body)
	}
	return l.body, took, nil
}

// header reads the head of an answer.
func (l *line) header() (status, length int, err error) {
	first, err := l.in.ReadSlice('\n')
	if err != nil {
		return 0, 0, err
	}
	if len(first) < len("HTTP/1.1 200") {
		return 0, 0, fmt.Errorf("not an answer: %q", first)
	}
	if status, err = strconv.Atoi(string(first[9:12])); err != nil {
		return 0, 0, err
	}
	length = -1
	for {
		text, err := l.in.ReadSlice('\n')
		if err != nil {
			return 0, 0, err
		}
		name, value, ok := bytes.Cut(textproto.TrimBytes(text), []byte(": "))
		if !ok {
			break
		}
		if string(name) == "Content-Length" {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, 0, err
			}
		}
	}
	if length < 0 {
		return 0, 0, errors.New("an answer without a length")
	}
	return status, length, nil
}
