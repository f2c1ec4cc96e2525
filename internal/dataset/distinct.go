package dataset

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"math/bits"
)

// Values are counted exactly in bounded memory. What a column usually holds,
// integers and decimals with up to two places, is a small integer after scaling
// and has a bit in a bitmap. Other values are collected in a small set; a full set
// is poured into buckets, chosen by hash, of the worker's spill file and emptied.
// In the end each bucket is small enough to be counted in memory. Most columns
// never touch the file.

const bucketCount = 256

// bucketBuffer is how many bytes a bucket gathers before they are written.
const bucketBuffer = 8 << 10

// buckets hold values of a fixed width, spilled.
type buckets struct {
	open    func() (*spillFile, error)
	file    *spillFile
	frames  [bucketCount][]frame
	buffers [bucketCount][]byte
	err     error // the first
}

func (b *buckets) put64(bucket int, v uint64) {
	p := binary.LittleEndian.AppendUint64(b.buffers[bucket], v)
	b.buffers[bucket] = p
	if len(p) >= bucketBuffer {
		b.flush(bucket)
	}
}

func (b *buckets) flush(bucket int) {
	if b.err != nil {
		b.buffers[bucket] = b.buffers[bucket][:0]
		return
	}
	if b.file == nil {
		if b.file, b.err = b.open(); b.err != nil {
			return
		}
	}
	p := b.buffers[bucket]
	offset, err := b.file.append(p)
	b.err = err
	b.frames[bucket] = append(b.frames[bucket], frame{offset: offset, length: len(p)})
	b.buffers[bucket] = p[:0]
}

// size is the number of bytes in a bucket.
func (b *buckets) size(bucket int) int {
	n := len(b.buffers[bucket])
	for _, f := range b.frames[bucket] {
		n += f.length
	}
	return n
}

// each calls f with the values of a bucket, many at a time.
func (b *buckets) each(bucket int, f func(values []byte)) error {
	var buf [bucketBuffer + 16]byte
	for _, fr := range b.frames[bucket] {
		if _, err := b.file.f.ReadAt(buf[:fr.length], fr.offset); err != nil {
			return err
		}
		f(buf[:fr.length])
	}
	f(b.buffers[bucket])
	return nil
}

// distinct is a worker's set of 64-bit values.
type distinct struct {
	pages    [][]uint64 // bitmap of codes, made as needed
	pageRoom int        // pages that may still be made
	table    []uint64   // open addressing; 0 is a free slot
	shift    uint
	used     int
	zero     bool
	most     int  // slots
	adds     int  // since the table was last empty
	useless  bool // hardly any value comes twice: they go to the buckets at once
	spilled  bool
	buckets  buckets
}

const (
	pageBits = 15
	codes    = 1 << 27 // codes run from 0 to here; 0 stands for -codes/2
)

func newDistinct(slots int, open func() (*spillFile, error)) *distinct {
	d := &distinct{buckets: buckets{open: open}, most: slots, pageRoom: slots >> (pageBits - 6)}
	d.resize(min(1024, slots))
	return d
}

func (d *distinct) resize(slots int) {
	d.table = make([]uint64, slots)
	d.shift = uint(64 - bits.TrailingZeros(uint(slots)))
	d.used = 0
}

// addFloat adds the bits of a float that is not NaN.
func (d *distinct) addFloat(v uint64) {
	f := math.Float64frombits(v)
	if f > -codes/200 && f < codes/200 {
		// Two floats of one code would both have to equal code/100. The sum is
		// positive, so that int rounds f*100 to the nearest integer.
		if code := int(f*100 + (codes/2 + 0.5)); float64(code-codes/2)/100 == f && d.mark(code) {
			return
		}
	}
	d.add(v)
}

// addInteger adds the bits of an integer.
func (d *distinct) addInteger(v uint64) {
	if i := int64(v); i < -codes/2 || i >= codes/2 || !d.mark(int(i)+codes/2) {
		d.add(v)
	}
}

// addTime adds a timestamp; most are full hours.
func (d *distinct) addTime(second int64) {
	if second%3600 == 0 {
		if i := second / 3600; i >= -codes/2 && i < codes/2 && d.mark(int(i)+codes/2) {
			return
		}
	}
	d.add(uint64(second))
}

// mark sets the bit of a code; false when there is no room for its page.
func (d *distinct) mark(code int) bool {
	if d.pages == nil {
		d.pages = make([][]uint64, codes>>pageBits)
	}
	page := d.pages[code>>pageBits]
	if page == nil {
		if d.pageRoom == 0 {
			return false
		}
		d.pageRoom--
		page = make([]uint64, 1<<(pageBits-6))
		d.pages[code>>pageBits] = page
	}
	page[code>>6&(1<<(pageBits-6)-1)] |= 1 << (code & 63)
	return true
}

func (d *distinct) add(v uint64) {
	if d.useless {
		d.buckets.put64(bucketOf(v), v)
		return
	}
	if v == 0 {
		d.zero = true
		return
	}
	d.adds++
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

// mix is Fibonacci hashing, of which the high bits are used. It first folds the
// bits of a float, whose low half is often zero.
func mix(v uint64) uint64 { return (v ^ v>>32) * 0x9E3779B97F4A7C15 }

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
	d.useless = d.adds < 2*d.used
	d.spill()
}

// spill empties the table into the buckets.
func (d *distinct) spill() {
	d.spilled = true
	for i, v := range d.table {
		if v != 0 {
			d.buckets.put64(bucketOf(v), v)
			d.table[i] = 0
		}
	}
	d.used, d.adds = 0, 0
}

func (d *distinct) err() error { return d.buckets.err }

// marked calls f with the codes in the bitmap.
func (d *distinct) marked(f func(code int)) {
	for p, page := range d.pages {
		for w, word := range page {
			for ; word != 0; word &= word - 1 {
				f(p<<pageBits + w<<6 + bits.TrailingZeros64(word))
			}
		}
	}
}

// A coding says how the codes of a column become values again.
type coding int

const (
	codedFloat coding = iota
	codedInteger
	codedTime
)

func (c coding) value(code int) uint64 {
	i := int64(code - codes/2)
	switch c {
	case codedFloat:
		return math.Float64bits(float64(i) / 100)
	case codedTime:
		return uint64(i * 3600)
	case codedInteger:
	}
	return uint64(i)
}

// union counts the values of all sets, which are used up. Values that one worker
// has in its bitmap and another, for want of room, in its table are counted once.
func union(sets []*distinct, c coding) (int64, error) {
	spilled, limited := false, false
	for _, d := range sets {
		spilled = spilled || d.spilled
		limited = limited || d.pageRoom == 0
	}
	count := int64(0)
	if !limited {
		count = unionMarks(sets)
	} else {
		for _, d := range sets {
			d.marked(func(code int) { d.add(c.value(code)) })
			d.pages = nil
			spilled = spilled || d.spilled
		}
	}
	for _, d := range sets {
		if d.zero {
			count++
			break
		}
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
	n, err := unionBuckets(sets)
	return count + n, err
}

// unionMarks counts the bits that any of the bitmaps has.
func unionMarks(sets []*distinct) (count int64) {
	for p := range codes >> pageBits {
		var all [1 << (pageBits - 6)]uint64
		seen := false
		for _, d := range sets {
			if d.pages == nil || d.pages[p] == nil {
				continue
			}
			seen = true
			for w, word := range d.pages[p] {
				all[w] |= word
			}
		}
		if !seen {
			continue
		}
		for _, word := range all {
			count += int64(bits.OnesCount64(word))
		}
	}
	return count
}

// unionBuckets counts bucket by bucket. A zero among the values was let through by
// a useless table and counts with the zeros of the others.
func unionBuckets(sets []*distinct) (count int64, err error) {
	zero, counted := false, false
	for _, d := range sets {
		d.spill()
		counted = counted || d.zero
		if err := d.err(); err != nil {
			return 0, err
		}
	}
	for bucket := range bucketCount {
		size := 0
		for _, d := range sets {
			size += d.buckets.size(bucket) / 8
		}
		all := &distinct{most: 1 << 40}
		all.resize(1 << bits.Len(uint(2*size+2)))
		for _, d := range sets {
			err := d.buckets.each(bucket, func(p []byte) {
				for ; len(p) > 0; p = p[8:] {
					all.add(binary.LittleEndian.Uint64(p))
				}
			})
			if err != nil {
				return 0, err
			}
		}
		zero = zero || all.zero
		count += int64(all.used)
	}
	if zero && !counted {
		count++
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
	for h := range d.set {
		bucket := int(h[0] >> 56)
		p := binary.LittleEndian.AppendUint64(d.buckets.buffers[bucket], h[0])
		d.buckets.buffers[bucket] = p
		d.buckets.put64(bucket, h[1])
	}
	clear(d.set)
}

// unionText counts the texts of all sets, which are used up.
func unionText(sets []*distinctText) (int64, error) {
	spilled := false
	for _, d := range sets {
		spilled = spilled || d.spilled
	}
	all := map[[2]uint64]struct{}{}
	if !spilled {
		for _, d := range sets {
			for h := range d.set {
				all[h] = struct{}{}
			}
		}
		return int64(len(all)), nil
	}
	for _, d := range sets {
		if d.spill(); d.buckets.err != nil {
			return 0, d.buckets.err
		}
	}
	count := int64(0)
	for bucket := range bucketCount {
		clear(all)
		for _, d := range sets {
			err := d.buckets.each(bucket, func(p []byte) {
				for ; len(p) > 0; p = p[16:] {
					all[[2]uint64{binary.LittleEndian.Uint64(p), binary.LittleEndian.Uint64(p[8:])}] = struct{}{}
				}
			})
			if err != nil {
				return 0, err
			}
		}
		count += int64(len(all))
	}
	return count, nil
}

// setsOf collects the sets that all workers have of one column.
func setsOf[T any](tallies []*tally, of func(*tally) T) []T {
	sets := make([]T, len(tallies))
	for i, w := range tallies {
		sets[i] = of(w)
	}
	return sets
}
