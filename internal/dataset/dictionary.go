package dataset

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
)

// A dictionary numbers the keys that a worker meets. Numbers count up within a
// partition, so that the spill file can give the text of each once. When the
// dictionary outgrows its limit it is emptied and a new epoch begins.
//
// One lookup for each row makes it the innermost loop of an import. The entries
// stand in the order in which the keys came first, and each remembers the key
// that followed it last: files repeat the order of their items from hour to hour,
// or the same item from row to row, and then one comparison with an entry that
// lies next in memory takes the place of hash and table. Keys of up to 16 bytes
// are compared as two words.
type dictionary struct {
	entries []dictEntry // the first is of no key
	slots   []uint64    // open addressing: upper half of the hash, then index of the entry; 0 is free
	text    []byte      // of the longer keys
	last    uint32      // entry of the last lookup
	limit   int         // of bytes, about
	next    []uint32    // number of the next key, by partition
	mask    uint64      // of partitions
}

// A place is where a key belongs: its partition in the upper half, its number there in the lower.
type place uint64

func (p place) partition() uint32 { return uint32(p >> 32) }
func (p place) number() uint32    { return uint32(p) }

// A dictEntry is a key. Of a short one, lo and hi are the bytes; of a longer one,
// lo is a hash and hi the offset in text.
type dictEntry struct {
	lo, hi   uint64
	length   uint32
	follower uint32 // entry that came after this one last time
	place    place
}

const shortKey = 16

var (
	dictSeed = maphash.MakeSeed()
	dictKey0 = maphash.String(dictSeed, "0") | 1 // secrets of the process, against keys made to collide
	dictKey1 = maphash.String(dictSeed, "1") | 1
)

func newDictionary(partitions, limit int) *dictionary {
	return &dictionary{entries: make([]dictEntry, 1), slots: make([]uint64, 1024), next: make([]uint32, partitions), mask: uint64(partitions - 1), limit: limit}
}

// words returns the two words by which a key is known: its bytes if they fit,
// first and last eight overlapping, else a hash.
func words(key []byte) (lo, hi uint64) {
	n := len(key)
	switch {
	case n > shortKey:
		return maphash.Bytes(dictSeed, key), 0
	case n >= 8:
		return binary.LittleEndian.Uint64(key), binary.LittleEndian.Uint64(key[n-8:])
	case n >= 4:
		return uint64(binary.LittleEndian.Uint32(key)), uint64(binary.LittleEndian.Uint32(key[n-4:]))
	}
	for _, c := range key {
		lo = lo<<8 | uint64(c)
	}
	return lo, 0
}

func mixWords(lo, hi uint64, length int) uint64 {
	a, b := bits.Mul64(lo^dictKey0, hi^dictKey1^uint64(length))
	c, d := bits.Mul64(a^b^dictKey1, dictKey0)
	return c ^ d
}

// lookup finds a key, which is not empty.
func (d *dictionary) lookup(key []byte) (place, bool) {
	lo, hi := words(key)
	if i := d.entries[d.last].follower; d.is(i, lo, hi, key) {
		d.last = i
		return d.entries[i].place, true
	}
	hash := mixWords(lo, hi, len(key))
	mask := uint64(len(d.slots) - 1)
	for at := hash & mask; d.slots[at] != 0; at = (at + 1) & mask {
		if s := d.slots[at]; s>>32 == hash>>32 && d.is(uint32(s), lo, hi, key) {
			d.follow(uint32(s))
			return d.entries[uint32(s)].place, true
		}
	}
	return 0, false
}

// is says whether entry i is of the key whose words are lo and hi.
func (d *dictionary) is(i uint32, lo, hi uint64, key []byte) bool {
	e := &d.entries[i]
	if e.lo != lo || e.length != uint32(len(key)) {
		return false
	}
	if len(key) <= shortKey {
		return e.hi == hi
	}
	return string(d.text[e.hi:e.hi+uint64(len(key))]) == string(key)
}

func (d *dictionary) follow(i uint32) {
	d.entries[d.last].follower = i
	d.last = i
}

// add numbers a new key. hash is the [Hash] of its identifier.
func (d *dictionary) add(key []byte, hash uint64) place {
	p := uint32(hash & d.mask)
	lo, hi := words(key)
	e := dictEntry{lo: lo, hi: hi, length: uint32(len(key)), place: place(p)<<32 | place(d.next[p])}
	d.next[p]++
	if len(key) > shortKey {
		e.hi = uint64(len(d.text))
		d.text = append(d.text, key...)
	}
	d.entries = append(d.entries, e)
	if 2*len(d.entries) > len(d.slots) {
		d.slots = make([]uint64, 2*len(d.slots))
		for i := range d.entries[1:] {
			d.put(uint32(i + 1))
		}
	} else {
		d.put(uint32(len(d.entries) - 1))
	}
	d.follow(uint32(len(d.entries) - 1))
	return e.place
}

func (d *dictionary) put(i uint32) {
	e := &d.entries[i]
	hi := e.hi
	if e.length > shortKey {
		hi = 0
	}
	hash := mixWords(e.lo, hi, int(e.length))
	mask := uint64(len(d.slots) - 1)
	at := hash & mask
	for d.slots[at] != 0 {
		at = (at + 1) & mask
	}
	d.slots[at] = hash>>32<<32 | uint64(i)
}

// full says that the dictionary has reached its limit: an entry is 32 bytes, it
// has two to four slots of 8, and what grows is held twice for a moment.
func (d *dictionary) full() bool { return 2*len(d.text)+64*len(d.entries) > d.limit }

func (d *dictionary) clear() {
	clear(d.slots)
	clear(d.next)
	d.entries, d.text, d.last = d.entries[:1], d.text[:0], 0
	d.entries[0].follower = 0
}
