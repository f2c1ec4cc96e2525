package dataset

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
)

// Values are counted exactly in bounded memory: each worker collects them in a
// small set; a full set is poured into buckets, chosen by hash, of the worker's
// spill file and emptied. In the end each bucket is small enough to be counted in
// memory. Columns with few values never touch the file.

const bucketCount = 256

// buckets hold values of a fixed width, spilled.
type buckets struct {
	open    func() (*spillFile, error)
	file    *spillFile
	frames  [bucketCount][]frame
	buffers [bucketCount][]byte
}

const bucketBuffer = 16 << 10

func (b *buckets) put(bucket int, value []byte) error {
	b.buffers[bucket] = append(b.buffers[bucket], value...)
	if len(b.buffers[bucket]) >= bucketBuffer {
		return b.flush(bucket)
	}
	return nil
}

func (b *buckets) flush(bucket int) error {
	if b.file == nil {
		f, err := b.open()
		if err != nil {
			return err
		}
		b.file = f
	}
	p := b.buffers[bucket]
	offset, err := b.file.append(p)
	if err != nil {
		return err
	}
	b.frames[bucket] = append(b.frames[bucket], frame{offset: offset, length: len(p)})
	b.buffers[bucket] = p[:0]
	return nil
}

// each calls f with all values of a bucket.
func (b *buckets) each(bucket, width int, f func(value []byte)) error {
	var buf []byte
	visit := func(p []byte) {
		for len(p) >= width {
			f(p[:width])
			p = p[width:]
		}
	}
	for _, fr := range b.frames[bucket] {
		if cap(buf) < fr.length {
			buf = make([]byte, fr.length)
		}
		buf = buf[:fr.length]
		if _, err := b.file.f.ReadAt(buf, fr.offset); err != nil {
			return err
		}
		visit(buf)
	}
	visit(b.buffers[bucket])
	return nil
}

// distinct is a worker's set of 64-bit values: open addressing, 0 apart.
type distinct struct {
	table   []uint64
	shift   uint
	used    int
	zero    bool
	spilled bool
	buckets buckets
	most    int // slots
	err     error
}

func newDistinct(slots int, open func() (*spillFile, error)) *distinct {
	d := &distinct{buckets: buckets{open: open}, most: slots}
	d.resize(min(1024, slots))
	return d
}

func (d *distinct) resize(slots int) {
	d.table = make([]uint64, slots)
	d.shift = uint(64 - bits.TrailingZeros(uint(slots)))
	d.used = 0
}

// spread is Fibonacci hashing; the high bits are the good ones.
const spread = 0x9E3779B97F4A7C15

func (d *distinct) add(v uint64) {
	if v == 0 {
		d.zero = true
		return
	}
	mask := len(d.table) - 1
	i := int(mix(v) >> d.shift)
	for {
		switch d.table[i&mask] {
		case v:
			return
		case 0:
			d.table[i&mask] = v
			if d.used++; 2*d.used > len(d.table) {
				d.full()
			}
			return
		}
		i++
	}
}

// mix spreads the bits of floats, whose low halves are often zero, before the
// high bits of the product are taken.
func mix(v uint64) uint64 { return (v ^ v>>32) * spread }

// bucketOf must not follow from the bits that the table uses: the values of one
// bucket would all crowd into one corner of it.
func bucketOf(v uint64) int { return int((v ^ v>>29) * 0xBF58476D1CE4E5B9 >> 56) }

func (d *distinct) full() {
	old := d.table
	if len(old) < d.most {
		d.resize(2 * len(old))
		for _, v := range old {
			if v != 0 {
				d.add(v)
			}
		}
		return
	}
	d.spill()
}

func (d *distinct) spill() {
	d.spilled = true
	var b [8]byte
	for i, v := range d.table {
		if v == 0 {
			continue
		}
		binary.LittleEndian.PutUint64(b[:], v)
		if err := d.buckets.put(bucketOf(v), b[:]); err != nil && d.err == nil {
			d.err = err
		}
		d.table[i] = 0
	}
	d.used = 0
}

// union counts the values of all sets, emptying them.
func (*distinct) union(sets []*distinct) (int64, error) {
	zero, spilled := false, false
	for _, d := range sets {
		zero = zero || d.zero
		spilled = spilled || d.spilled
	}
	count := int64(0)
	if zero {
		count++
	}
	if !spilled {
		all := newDistinct(1<<40, nil)
		for _, d := range sets {
			for _, v := range d.table {
				if v != 0 {
					all.add(v)
				}
			}
		}
		return count + int64(all.used), nil
	}
	for _, d := range sets {
		if d.spill(); d.err != nil {
			return 0, d.err
		}
	}
	for bucket := range bucketCount {
		all := newDistinct(1<<40, nil)
		for _, d := range sets {
			err := d.buckets.each(bucket, 8, func(p []byte) { all.add(binary.LittleEndian.Uint64(p)) })
			if err != nil {
				return 0, err
			}
		}
		count += int64(all.used)
	}
	return count, nil
}

// distinctText is a worker's set of texts, kept as 128-bit hashes under seeds
// drawn for the process: two texts of a billion collide with a chance of 10⁻²¹.
type distinctText struct {
	set     map[[2]uint64]struct{}
	most    int
	spilled bool
	buckets buckets
	err     error
}

var textSeeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

func newDistinctText(most int, open func() (*spillFile, error)) *distinctText {
	return &distinctText{set: map[[2]uint64]struct{}{}, most: most, buckets: buckets{open: open}}
}

func (d *distinctText) add(text []byte) {
	d.set[[2]uint64{maphash.Bytes(textSeeds[0], text), maphash.Bytes(textSeeds[1], text)}] = struct{}{}
	if len(d.set) > d.most {
		d.spill()
	}
}

func (d *distinctText) spill() {
	d.spilled = true
	var b [16]byte
	for h := range d.set {
		binary.LittleEndian.PutUint64(b[:], h[0])
		binary.LittleEndian.PutUint64(b[8:], h[1])
		if err := d.buckets.put(int(h[0]>>56), b[:]); err != nil && d.err == nil {
			d.err = err
		}
	}
	clear(d.set)
}

// union counts the texts of all sets, emptying them.
func (*distinctText) union(sets []*distinctText) (int64, error) {
	spilled := false
	for _, d := range sets {
		spilled = spilled || d.spilled
	}
	if !spilled {
		all := map[[2]uint64]struct{}{}
		for _, d := range sets {
			for h := range d.set {
				all[h] = struct{}{}
			}
		}
		return int64(len(all)), nil
	}
	for _, d := range sets {
		if d.spill(); d.err != nil {
			return 0, d.err
		}
	}
	count := int64(0)
	for bucket := range bucketCount {
		all := map[[2]uint64]struct{}{}
		for _, d := range sets {
			err := d.buckets.each(bucket, 16, func(p []byte) {
				all[[2]uint64{binary.LittleEndian.Uint64(p), binary.LittleEndian.Uint64(p[8:])}] = struct{}{}
			})
			if err != nil {
				return 0, err
			}
		}
		count += int64(len(all))
	}
	return count, nil
}

// countDistinct counts one column over all workers.
func countDistinct[T interface{ union([]T) (int64, error) }](tallies []*tally, column func(*tally) T) (int64, error) {
	sets := make([]T, len(tallies))
	for i, w := range tallies {
		sets[i] = column(w)
	}
	var t T
	return t.union(sets)
}
