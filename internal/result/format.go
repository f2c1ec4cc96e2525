package result

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
)

// The layout of a file; docs/formats/forecast.md draws it.
const (
	magic      = "ALMNFCST"
	headerSize = 32
	footerSize = 48

	blockSize    = 1024
	blockHeader  = 8  // CRC, count
	entrySize    = 16 // fingerprint, length, offset
	blockEntries = (blockSize - blockHeader) / entrySize
	// blockFill is the mean number of entries per block that the writer aims
	// at. A block that should overflow all the same makes it double the blocks.
	blockFill = 28

	recordHeader = 8 // length, CRC
	maxRecord    = 1 << 30
)

var le = binary.LittleEndian

// header is the first bytes of every file.
type header struct {
	Version uint32
	Types   uint32
	Steps   uint32
	Dims    uint32
}

func (h header) append(dst []byte) []byte {
	start := len(dst)
	dst = append(dst, magic...)
	dst = le.AppendUint32(dst, h.Version)
	dst = le.AppendUint32(dst, h.Types)
	dst = le.AppendUint32(dst, h.Steps)
	dst = le.AppendUint32(dst, h.Dims)
	dst = le.AppendUint32(dst, 0)
	return le.AppendUint32(dst, crc32.Checksum(dst[start:], castagnoli))
}

func parseHeader(b []byte) (header, error) {
	if len(b) < headerSize || !bytes.HasPrefix(b, []byte(magic)) {
		return header{}, fmt.Errorf("%w: it does not start like a forecast file", ErrDamaged)
	}
	if le.Uint32(b[28:]) != crc32.Checksum(b[:28], castagnoli) {
		return header{}, fmt.Errorf("%w: wrong checksum of the header", ErrDamaged)
	}
	h := header{Version: le.Uint32(b[8:]), Types: le.Uint32(b[12:]), Steps: le.Uint32(b[16:]), Dims: le.Uint32(b[20:])}
	switch {
	case h.Version != Version:
		return header{}, fmt.Errorf("%w: version %d, this program reads version %d", ErrDamaged, h.Version, Version)
	case h.Types == 0 || h.Types > MaxTypes || h.Steps == 0 || h.Steps > MaxSteps:
		return header{}, fmt.Errorf("%w: %d types and %d steps in the header", ErrDamaged, h.Types, h.Steps)
	}
	return h, nil
}

// appendFooter repeats the numbers of the [Part], so that a file can be read without its manifest.
func appendFooter(dst []byte, p Part) []byte {
	start := len(dst)
	dst = le.AppendUint64(dst, uint64(p.Series))
	dst = le.AppendUint64(dst, uint64(p.Index))
	dst = le.AppendUint64(dst, uint64(p.Buckets))
	dst = append(dst, make([]byte, 12)...)
	dst = le.AppendUint32(dst, crc32.Checksum(dst[start:], castagnoli))
	return append(dst, magic...)
}

// hash is the first eight bytes of SHA-256 over the folded key, each string
// behind its length. A cryptographic hash keeps the index balanced whatever
// the names are; at one hash per query its price does not matter.
func (k Key) hash() uint64 {
	k = k.fold()
	buf := make([]byte, 0, 128)
	buf = appendText(buf, k.ID)
	for _, d := range k.Dims {
		buf = appendText(buf, d)
	}
	sum := sha256.Sum256(buf)
	return binary.BigEndian.Uint64(sum[:8])
}

func appendText(dst []byte, s string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

// appendRecord appends a record: its length, its checksum, the key, and the
// values [type][step].
func appendRecord(dst []byte, k Key, values [][]float64) []byte {
	start := len(dst)
	dst = append(dst, make([]byte, recordHeader)...)
	dst = appendText(dst, k.ID)
	for _, d := range k.Dims {
		dst = appendText(dst, d)
	}
	for _, row := range values {
		for _, v := range row {
			dst = le.AppendUint64(dst, math.Float64bits(v))
		}
	}
	body := dst[start+recordHeader:]
	le.PutUint32(dst[start:], uint32(len(body)))
	le.PutUint32(dst[start+4:], crc32.Checksum(body, castagnoli))
	return dst
}

// parseRecord reads a whole record, header included.
func parseRecord(b []byte, h header) (Series, error) {
	if len(b) < recordHeader || int64(le.Uint32(b)) != int64(len(b)-recordHeader) {
		return Series{}, fmt.Errorf("%w: a record of the wrong length", ErrDamaged)
	}
	body := b[recordHeader:]
	if le.Uint32(b[4:]) != crc32.Checksum(body, castagnoli) {
		return Series{}, fmt.Errorf("%w: wrong checksum of a record", ErrDamaged)
	}
	texts := make([]string, 1+h.Dims)
	for i := range texts {
		n, size := binary.Uvarint(body)
		if size <= 0 || n > uint64(len(body)-size) {
			return Series{}, fmt.Errorf("%w: a record with a broken key", ErrDamaged)
		}
		texts[i], body = string(body[size:size+int(n)]), body[size+int(n):]
	}
	if uint64(len(body)) != 8*uint64(h.Types)*uint64(h.Steps) {
		return Series{}, fmt.Errorf("%w: a record with %d bytes of values, want %d types × %d steps", ErrDamaged, len(body), h.Types, h.Steps)
	}
	flat := make([]float64, int(h.Types)*int(h.Steps))
	for i := range flat {
		flat[i] = math.Float64frombits(le.Uint64(body[8*i:]))
	}
	s := Series{Key: Key{ID: texts[0], Dims: texts[1:]}, Values: make([][]float64, h.Types)}
	for i := range s.Values {
		s.Values[i] = flat[i*int(h.Steps) : (i+1)*int(h.Steps) : (i+1)*int(h.Steps)]
	}
	return s, nil
}

// entry points from a hash to its record.
type entry struct {
	hash   uint64
	offset int64
	length uint32
}

// bucket returns the block of a hash: its upper bits. The lower half is the
// fingerprint that tells the entries of a block apart.
func bucket(hash uint64, buckets int64) int64 {
	return int64((hash >> 33) & uint64(buckets-1))
}

// buildIndex returns the index blocks for the entries. Distinct keys always
// fit after a doubling or two; only a key that occurs dozens of times does not.
func buildIndex(entries []entry) (blocks []byte, buckets int64, err error) {
	if len(entries) == 0 {
		return nil, 0, nil
	}
	buckets = 1
	for buckets*blockFill < int64(len(entries)) {
		buckets *= 2
	}
	for range 8 {
		if blocks, ok := fillIndex(entries, buckets); ok {
			return blocks, buckets, nil
		}
		buckets *= 2
	}
	return nil, 0, fmt.Errorf("result: the same key occurs more than %d times in one part", blockEntries)
}

func fillIndex(entries []entry, buckets int64) (blocks []byte, ok bool) {
	blocks = make([]byte, buckets*blockSize)
	for _, e := range entries {
		block := blocks[bucket(e.hash, buckets)*blockSize:][:blockSize]
		n := le.Uint32(block[4:])
		if n == blockEntries {
			return nil, false
		}
		at := block[blockHeader+n*entrySize:]
		le.PutUint32(at, uint32(e.hash))
		le.PutUint32(at[4:], e.length)
		le.PutUint64(at[8:], uint64(e.offset))
		le.PutUint32(block[4:], n+1)
	}
	for at := int64(0); at < int64(len(blocks)); at += blockSize {
		block := blocks[at : at+blockSize]
		le.PutUint32(block, crc32.Checksum(block[4:], castagnoli))
	}
	return blocks, true
}

// findInBlock returns the entries of a block whose fingerprint is that of the hash.
func findInBlock(block []byte, hash uint64) ([]entry, error) {
	if len(block) != blockSize || le.Uint32(block) != crc32.Checksum(block[4:], castagnoli) {
		return nil, fmt.Errorf("%w: wrong checksum of an index block", ErrDamaged)
	}
	n := le.Uint32(block[4:])
	if n > blockEntries {
		return nil, fmt.Errorf("%w: an index block of %d entries", ErrDamaged, n)
	}
	var found []entry
	for i := range n {
		at := block[blockHeader+i*entrySize:]
		if le.Uint32(at) == uint32(hash) {
			found = append(found, entry{hash: hash, length: le.Uint32(at[4:]), offset: int64(le.Uint64(at[8:]))})
		}
	}
	return found, nil
}
