package dataset

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
)

// A spillFile is a temporary file that belongs to one worker. Where the system
// allows it, its name is removed at once, so that its space is freed however the
// process ends.
type spillFile struct {
	f    *os.File
	path string // to remove at close; "" once removed
	size int64
}

func newSpillFile(dir string) (*spillFile, error) {
	if dir == "" {
		dir = os.TempDir()
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder of spill files: %w", err)
	}
	f, err := os.CreateTemp(dir, "almanac-import-*")
	if err != nil {
		return nil, fmt.Errorf("create spill file: %w", err)
	}
	s := &spillFile{f: f, path: filepath.Clean(f.Name())}
	if os.Remove(s.path) == nil {
		s.path = ""
	}
	return s, nil
}

// append writes p at the end and returns where.
func (s *spillFile) append(p []byte) (offset int64, err error) {
	offset = s.size
	if _, err := s.f.WriteAt(p, offset); err != nil {
		return 0, fmt.Errorf("write spill file: %w", err)
	}
	s.size += int64(len(p))
	return offset, nil
}

func (s *spillFile) close() {
	_ = s.f.Close() // nobody reads it again
	if s.path != "" {
		_ = os.Remove(s.path)
	}
}

// A frame is a piece of the spill file of one worker with rows of one partition.
//
//	epoch    uvarint   of the worker's dictionary
//	newKeys  uvarint   keys numbered since the last frame of the partition, then
//	                   for each: length uvarint, text
//	segments uvarint   then for each: seq uvarint, rows uvarint, length of its times uvarint
//	times              of each segment: runs of rows with one time, as the
//	                   difference to the run before, varint, and its rows, uvarint
//	records            for each row: number uint32, values uint64 each, little endian
type frame struct {
	offset int64
	length int
	rows   int
}

// recordHead is the bytes of a record before its values.
const recordHead = 4

// A spiller scatters batches over the partitions.
type spiller struct {
	file    *spillFile
	open    func() (*spillFile, error)
	parts   []spillPart
	width   int // bytes of a record
	most    int // bytes of records that a partition buffers
	epoch   uint64
	scratch []byte
}

type spillPart struct {
	frames   []frame
	records  []byte
	segments []segment
	times    []byte // of all segments
	run      run    // at the end of the last segment, not in times yet
	keys     []byte
	newKeys  int
}

// A segment is rows of one block.
type segment struct {
	seq   uint64
	rows  int // of its runs written down
	times int // where they begin in spillPart.times
}

// A run is rows with one time.
type run struct {
	rows   int // 0 when no segment is open
	time   int64
	before int64 // time of the run before
	seq    uint64
}

func newSpiller(partitions, values, most int, open func() (*spillFile, error)) *spiller {
	return &spiller{open: open, parts: make([]spillPart, partitions), width: recordHead + 8*values, most: most}
}

// newKey puts a key that the dictionary has just numbered into its partition.
func (s *spiller) newKey(partition uint32, key []byte) {
	p := &s.parts[partition]
	p.keys = binary.AppendUvarint(p.keys, uint64(len(key)))
	p.keys = append(p.keys, key...)
	p.newKeys++
}

// add appends the rows of a batch.
func (s *spiller) add(b *batch, values int) error {
	numbers := b.numbers[:values]
	for i, at := range b.keys {
		p := &s.parts[at.partition()]
		if p.run.rows == 0 || p.run.time != b.times[i] || p.run.seq != b.seq {
			p.begin(b.seq, b.times[i])
		}
		p.run.rows++
		n := len(p.records)
		if cap(p.records)-n < s.width {
			p.grow(s.most)
		}
		r := p.records[n : n+s.width]
		p.records = p.records[:n+s.width]
		binary.LittleEndian.PutUint32(r, at.number())
		for v, column := range numbers {
			binary.LittleEndian.PutUint64(r[recordHead+8*v:], column[i])
		}
		if n+2*s.width > s.most {
			if err := s.flush(at.partition()); err != nil {
				return err
			}
		}
	}
	return nil
}

// begin begins a run, in a segment of its own if it is of another block.
func (p *spillPart) begin(seq uint64, time int64) {
	before := p.run.time
	if p.run.rows > 0 {
		p.endRun()
	}
	if p.run.rows == 0 || p.run.seq != seq {
		p.segments = append(p.segments, segment{seq: seq, times: len(p.times)})
		before = 0
	}
	p.run = run{time: time, before: before, seq: seq}
}

// endRun writes the run down; it stays open.
func (p *spillPart) endRun() {
	p.times = binary.AppendVarint(p.times, p.run.time-p.run.before)
	p.times = binary.AppendUvarint(p.times, uint64(p.run.rows))
	p.segments[len(p.segments)-1].rows += p.run.rows
}

// grow doubles the buffer of a partition, up to what it may hold: small imports
// into many partitions should not pay for full buffers.
func (p *spillPart) grow(most int) {
	records := make([]byte, len(p.records), min(max(2*cap(p.records), 1024), most))
	copy(records, p.records)
	p.records = records
}

func (s *spiller) flush(partition uint32) error {
	p := &s.parts[partition]
	if p.newKeys == 0 && len(p.records) == 0 {
		return nil
	}
	if s.file == nil {
		f, err := s.open()
		if err != nil {
			return err
		}
		s.file = f
	}
	if p.run.rows > 0 {
		p.endRun()
	}
	p.run = run{}
	buf := binary.AppendUvarint(s.scratch[:0], s.epoch)
	buf = binary.AppendUvarint(buf, uint64(p.newKeys))
	buf = append(buf, p.keys...)
	buf = binary.AppendUvarint(buf, uint64(len(p.segments)))
	for i, g := range p.segments {
		end := len(p.times)
		if i+1 < len(p.segments) {
			end = p.segments[i+1].times
		}
		buf = binary.AppendUvarint(buf, g.seq)
		buf = binary.AppendUvarint(buf, uint64(g.rows))
		buf = binary.AppendUvarint(buf, uint64(end-g.times))
	}
	buf = append(buf, p.times...)
	buf = append(buf, p.records...)
	offset, err := s.file.append(buf)
	if err != nil {
		return err
	}
	p.frames = append(p.frames, frame{offset: offset, length: len(buf), rows: len(p.records) / s.width})
	p.records, p.segments, p.times, p.keys, p.newKeys = p.records[:0], p.segments[:0], p.times[:0], p.keys[:0], 0
	s.scratch = buf
	return nil
}

// flushAll empties the buffers; the dictionary may be emptied after it.
func (s *spiller) flushAll() error {
	for p := range s.parts {
		if err := s.flush(uint32(p)); err != nil {
			return err
		}
	}
	return nil
}

// forget drops what is buffered, when it is known that nothing will be written.
func (s *spiller) forget() {
	for p := range s.parts {
		s.parts[p] = spillPart{}
	}
}

// release gives the buffers back, after the last add.
func (s *spiller) release() {
	for p := range s.parts {
		s.parts[p].records, s.parts[p].times, s.parts[p].keys = nil, nil, nil
	}
	s.scratch = nil
}

// A frameReader takes a frame apart.
type frameReader struct {
	data []byte
	pos  int
	err  error // the first
}

// uvarint reads a number; 0 once there was an error.
func (r *frameReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.data[r.pos:])
	r.skip(n)
	return v
}

// varint reads a signed number.
func (r *frameReader) varint() int64 {
	v, n := binary.Varint(r.data[r.pos:])
	r.skip(n)
	return v
}

// skip goes on behind a number of n bytes; a number that is none has at most 0,
// and is 0.
func (r *frameReader) skip(n int) {
	if n <= 0 {
		r.damaged()
		return
	}
	r.pos += n
}

// bytes returns the next n bytes, none once there was an error.
func (r *frameReader) bytes(n uint64) []byte {
	if n > uint64(len(r.data)-r.pos) {
		r.damaged()
		return nil
	}
	b := r.data[r.pos : r.pos+int(n)]
	r.pos += int(n)
	return b
}

// damaged notes an error, after which there is nothing left to read.
func (r *frameReader) damaged() {
	if r.err == nil {
		r.err = fmt.Errorf("spill file is damaged at byte %d of a frame", r.pos)
	}
	r.pos = len(r.data)
}
