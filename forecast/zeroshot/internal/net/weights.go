package net

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrWeights means that a file of weights is damaged or not for this program.
var ErrWeights = errors.New("zeroshot: bad weights")

// A Header says what weights are of, so that anybody can train them again.
type Header struct {
	// Features and Simulator are the versions of what the network sees and of
	// what it was trained on; the latter 0 if parts of it were left out.
	Features, Simulator uint32
	// Seed, Steps and Windows are those of the training: updates of the weights,
	// and simulated windows seen.
	Seed, Steps, Windows uint64
	Shape                Shape
}

// Weights is a trained network.
type Weights struct {
	Header
	// Params is the flat vector of Shape.Size numbers; Shape.Params cuts it up.
	Params []float32
	// Sum is the SHA-256 of the file behind the magic and the sum itself.
	Sum [sha256.Size]byte
}

const (
	magic      = "ALMZSW\r\n" // a transfer as text would break the line's end
	fileFormat = 1
	maxWidth   = 1 << 12
)

// Marshal returns the file: the magic, the SHA-256 of the rest, then little
// endian the format's version, the header, the quantile levels and the
// weights as numbers of 16 bits.
func (w *Weights) Marshal() []byte {
	body := binary.LittleEndian.AppendUint32(nil, fileFormat)
	body = binary.LittleEndian.AppendUint32(body, w.Features)
	body = binary.LittleEndian.AppendUint32(body, w.Simulator)
	for _, v := range []uint64{w.Seed, w.Steps, w.Windows} {
		body = binary.LittleEndian.AppendUint64(body, v)
	}
	for _, v := range []int{w.Shape.Width, w.Shape.Code, w.Shape.Hidden, len(w.Shape.Levels)} {
		body = binary.LittleEndian.AppendUint32(body, uint32(v))
	}
	for _, v := range w.Shape.Levels {
		body = binary.LittleEndian.AppendUint64(body, math.Float64bits(v))
	}
	for _, v := range w.Params {
		body = binary.LittleEndian.AppendUint16(body, toHalf(v))
	}
	sum := sha256.Sum256(body)
	return append(append([]byte(magic), sum[:]...), body...)
}

// Unmarshal reads a file. Errors wrap [ErrWeights].
func Unmarshal(file []byte) (*Weights, error) {
	rest, ok := bytes.CutPrefix(file, []byte(magic))
	if !ok || len(rest) < sha256.Size {
		return nil, fmt.Errorf("%w: %d bytes that do not begin as a file of weights does", ErrWeights, len(file))
	}
	w := &Weights{Sum: [sha256.Size]byte(rest)}
	rest = rest[sha256.Size:]
	if sum := sha256.Sum256(rest); sum != w.Sum {
		return nil, fmt.Errorf("%w: the checksum of %d bytes is %x, the file says %x: it is damaged or cut short", ErrWeights, len(rest), sum, w.Sum)
	}
	r := reader{rest}
	if v := r.uint32(); v != fileFormat {
		return nil, fmt.Errorf("%w: format %d, this program reads %d", ErrWeights, v, fileFormat)
	}
	if w.Features = r.uint32(); w.Features != FeatureVersion {
		return nil, fmt.Errorf("%w: made for feature version %d, this program has %d", ErrWeights, w.Features, FeatureVersion)
	}
	w.Simulator = r.uint32()
	w.Seed, w.Steps, w.Windows = r.uint64(), r.uint64(), r.uint64()
	s := &w.Shape
	s.Width, s.Code, s.Hidden = int(r.uint32()), int(r.uint32()), int(r.uint32())
	for range min(r.uint32(), 1000) {
		s.Levels = append(s.Levels, math.Float64frombits(r.uint64()))
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	if len(r.rest) != 2*s.Size() {
		return nil, fmt.Errorf("%w: %d bytes of weights, the layers need %d", ErrWeights, len(r.rest), 2*s.Size())
	}
	w.Params = make([]float32, s.Size())
	for i := range w.Params {
		w.Params[i] = fromHalf(binary.LittleEndian.Uint16(r.rest[2*i:]))
	}
	return w, nil
}

// reader takes numbers off bytes; beyond their end all are zero.
type reader struct{ rest []byte }

func (r *reader) take(n int) []byte {
	var out [8]byte
	n = copy(out[:n], r.rest)
	r.rest = r.rest[n:]
	return out[:]
}

func (r *reader) uint32() uint32 { return binary.LittleEndian.Uint32(r.take(4)) }
func (r *reader) uint64() uint64 { return binary.LittleEndian.Uint64(r.take(8)) }

// check reports sizes that no network has.
func (s Shape) check() error {
	for _, v := range []int{s.Width, s.Code, s.Hidden} {
		if v < 1 || v > maxWidth {
			return fmt.Errorf("%w: a layer of %d", ErrWeights, v)
		}
	}
	n := len(s.Levels)
	if n%2 == 0 || s.Levels[n/2] != 0.5 || !slices.IsSorted(s.Levels) || s.Levels[0] <= 0 || s.Levels[n-1] >= 1 {
		return fmt.Errorf("%w: quantile levels %v must ascend within 0 and 1 around 0.5", ErrWeights, s.Levels)
	}
	return nil
}

// toHalf rounds to the nearest number of 16 bits (IEEE 754 binary16), ties to even.
func toHalf(v float32) uint16 {
	b := math.Float32bits(v)
	sign := uint16(b >> 16 & 0x8000)
	b &= 0x7fffffff
	switch {
	case b >= 0x477ff000: // beyond 65519: infinite, or not a number
		if b > 0x7f800000 {
			return sign | 0x7e00
		}
		return sign | 0x7c00
	case b < 0x38800000: // below 2^-14: adding ½ aligns and rounds the last bits
		f := math.Float32frombits(b) + 0.5
		return sign | uint16(math.Float32bits(f)-math.Float32bits(0.5))
	}
	b += 0xfff + b>>13&1
	return sign | uint16((b-0x38000000)>>13)
}

// fromHalf widens a number of 16 bits.
func fromHalf(h uint16) float32 {
	sign, b := uint32(h&0x8000)<<16, uint32(h&0x7fff)<<13
	const scale = 1 << 112 // the difference of the exponents' biases
	f := math.Float32frombits(b) * scale
	if h&0x7c00 == 0x7c00 {
		f = math.Float32frombits(b | 0x7f800000)
	}
	return math.Float32frombits(math.Float32bits(f) | sign)
}

// Half rounds parameters to what the file can hold.
func Half(params []float32) {
	for i, v := range params {
		params[i] = fromHalf(toHalf(v))
	}
}
