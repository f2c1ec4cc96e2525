package pipeline

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"strings"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/result"
)

// The layout of model files; docs/formats/model.md draws it.
const (
	modelMagic   = "ALMMODEL"
	modelVersion = 1
	modelHeader  = 24
	modelFooter  = 24
	maxState     = 1 << 28
)

// errModelFile says that a model file is not what was written.
var errModelFile = errors.New("pipeline: the model file is damaged")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// modelManifest says what the models of a predictor consist of. It is written
// last.
type modelManifest struct {
	Version    int         `json:"version"`
	Model      string      `json:"model"`
	Dimensions []string    `json:"dimensions,omitempty"`
	Features   []Feature   `json:"features,omitempty"` // of the related time series
	Parts      []modelPart `json:"parts"`
}

// modelPart is what training gave for one partition.
type modelPart struct {
	Key     string `json:"key"` // of the file with the states
	Bytes   int64  `json:"bytes"`
	Series  int64  `json:"series"`
	Skipped int64  `json:"skipped,omitempty"`
	// Unrelated are those of Skipped that have no related time series.
	Unrelated int64          `json:"unrelated,omitempty"`
	Models    map[string]int `json:"models,omitempty"` // series by model
	Fallbacks Fallbacks      `json:"fallbacks,omitempty"`
	Backtest  *result.Part   `json:"backtest,omitempty"` // what was forecast for the backtest windows
}

// modelManifestName is the last part of the key of a manifest.
const modelManifestName = "manifest.json"

func writeModelManifest(ctx context.Context, b blob.Bucket, prefix string, m modelManifest) error {
	m.Version = modelVersion
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("pipeline: encoding a manifest: %w", err)
	}
	if err := blob.WriteAll(ctx, b, join(prefix, modelManifestName), append(text, '\n')); err != nil {
		return fmt.Errorf("pipeline: writing a manifest: %w", err)
	}
	return nil
}

func readModelManifest(ctx context.Context, b blob.Bucket, prefix string) (modelManifest, error) {
	var m modelManifest
	text, err := blob.ReadAll(ctx, b, join(prefix, modelManifestName))
	if err != nil {
		return m, fmt.Errorf("pipeline: reading the models: %w", err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("%w: %s: %w", errModelFile, prefix, err)
	}
	if n := len(m.Parts); m.Version != modelVersion || n == 0 || n&(n-1) != 0 {
		return m, fmt.Errorf("%w: %s: version %d with %d parts", errModelFile, prefix, m.Version, n)
	}
	return m, nil
}

func join(prefix, name string) string {
	if prefix == "" || strings.HasSuffix(prefix, "/") {
		return prefix + name
	}
	return prefix + "/" + name
}

// modelWriter writes the states of one partition.
type modelWriter struct {
	w     io.Writer
	buf   []byte
	count int64
	bytes int64
}

func newModelWriter(w io.Writer, dims int) *modelWriter {
	m := &modelWriter{w: w, buf: make([]byte, 0, 64<<10)}
	m.buf = append(m.buf, modelMagic...)
	m.buf = binary.LittleEndian.AppendUint32(m.buf, modelVersion)
	m.buf = binary.LittleEndian.AppendUint32(m.buf, uint32(dims))
	m.buf = binary.LittleEndian.AppendUint32(m.buf, 0)
	m.buf = binary.LittleEndian.AppendUint32(m.buf, crc32.Checksum(m.buf, castagnoli))
	return m
}

func (m *modelWriter) add(k result.Key, state []byte) error {
	start := len(m.buf)
	m.buf = append(m.buf, make([]byte, 8)...)
	m.buf = appendText(m.buf, k.ID)
	for _, d := range k.Dims {
		m.buf = appendText(m.buf, d)
	}
	m.buf = append(m.buf, state...)
	body := m.buf[start+8:]
	if len(body) > maxState {
		return fmt.Errorf("pipeline: the model of %q takes %d bytes", k.ID, len(body))
	}
	binary.LittleEndian.PutUint32(m.buf[start:], uint32(len(body)))
	binary.LittleEndian.PutUint32(m.buf[start+4:], crc32.Checksum(body, castagnoli))
	m.count++
	if len(m.buf) >= 48<<10 {
		return m.flush()
	}
	return nil
}

func (m *modelWriter) flush() error {
	n, err := m.w.Write(m.buf)
	m.bytes += int64(n)
	m.buf = m.buf[:0]
	return err
}

func (m *modelWriter) close() error {
	var foot []byte
	foot = binary.LittleEndian.AppendUint64(foot, uint64(m.count))
	foot = binary.LittleEndian.AppendUint32(foot, 0)
	foot = binary.LittleEndian.AppendUint32(foot, crc32.Checksum(foot, castagnoli))
	m.buf = append(append(m.buf, foot...), modelMagic...)
	return m.flush()
}

func appendText(dst []byte, s string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

// stored is a record of a model file.
type stored struct {
	key   result.Key
	state []byte
}

// readModels returns the records of a model file.
func readModels(ctx context.Context, b blob.Bucket, p modelPart) iter.Seq2[stored, error] {
	return func(yield func(stored, error) bool) {
		fail := func(err error) { yield(stored{}, fmt.Errorf("pipeline: reading %s: %w", p.Key, err)) }
		r, err := b.NewReader(ctx, p.Key, 0, p.Bytes)
		if err != nil {
			fail(err)
			return
		}
		defer r.Close()
		if err := scanModels(bufio.NewReaderSize(r, 256<<10), p.Series, yield); err != nil {
			fail(err)
		}
	}
}

func scanModels(r *bufio.Reader, count int64, yield func(stored, error) bool) error {
	head := make([]byte, modelHeader)
	if _, err := io.ReadFull(r, head); err != nil {
		return err
	}
	if string(head[:8]) != modelMagic || binary.LittleEndian.Uint32(head[20:]) != crc32.Checksum(head[:20], castagnoli) ||
		binary.LittleEndian.Uint32(head[8:]) != modelVersion {
		return fmt.Errorf("%w: bad header", errModelFile)
	}
	dims := int(binary.LittleEndian.Uint32(head[12:]))
	for range count {
		size := make([]byte, 8)
		if _, err := io.ReadFull(r, size); err != nil {
			return err
		}
		n := binary.LittleEndian.Uint32(size)
		if n > maxState {
			return fmt.Errorf("%w: a record of %d bytes", errModelFile, n)
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(r, body); err != nil {
			return err
		}
		if binary.LittleEndian.Uint32(size[4:]) != crc32.Checksum(body, castagnoli) {
			return fmt.Errorf("%w: wrong checksum of a record", errModelFile)
		}
		s, err := parseModel(body, dims)
		if err != nil {
			return err
		}
		if !yield(s, nil) {
			return nil
		}
	}
	return nil
}

func parseModel(body []byte, dims int) (stored, error) {
	var texts []string
	for range 1 + dims {
		n, size := binary.Uvarint(body)
		if size <= 0 || n > uint64(len(body)-size) {
			return stored{}, fmt.Errorf("%w: a record with a broken key", errModelFile)
		}
		texts = append(texts, string(body[size:size+int(n)]))
		body = body[size+int(n):]
	}
	return stored{key: result.Key{ID: texts[0], Dims: texts[1:]}, state: body}, nil
}
