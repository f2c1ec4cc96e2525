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
// It is a hash table with open addressing. One lookup for each row makes it the
// innermost loop of an import, so keys of up to 16 bytes stand in the slots
// themselves: a lookup touches one cache line.
type dictionary struct {
	slots []dictSlot
	text  []byte // of the longer keys
	count int
	limit int // of bytes, about
	next  []uint32
	mask  uint64 // of partitions
}

// A place is where a key belongs: its partition in the upper half, its number there in the lower.
type place uint64

func (p place) partition() uint32 { return uint32(p >> 32) }
func (p place) number() uint32    { return uint32(p) }

// A dictSlot is free when its length is 0. Of a short key, lo and hi are the bytes;
// of a longer one, lo is a hash and hi the offset in text.
type dictSlot struct {
	lo, hi uint64
	length uint32
	hash   uint32
	place  place
}

const shortKey = 16

var (
	dictSeed = maphash.MakeSeed()
	dictKey0 = maphash.String(dictSeed, "0") | 1 // secrets of the process, against keys made to collide
	dictKey1 = maphash.String(dictSeed, "1") | 1
)

func newDictionary(partitions, limit int) *dictionary {
	return &dictionary{slots: make([]dictSlot, 1024), next: make([]uint32, partitions), mask: uint64(partitions - 1), limit: limit}
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

func mixWords(lo, hi uint64, length int) uint32 {
	a, b := bits.Mul64(lo^dictKey0, hi^dictKey1^uint64(length))
	c, d := bits.Mul64(a^b^dictKey1, dictKey0)
	return uint32(c ^ d)
}

// lookup finds a key.
func (d *dictionary) lookup(key []byte) (place, bool) {
	lo, hi := words(key)
	hash := mixWords(lo, hi, len(key))
	mask := uint32(len(d.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		s := &d.slots[i]
		switch {
		case s.length == 0:
			return 0, false
		case s.length != uint32(len(key)) || s.lo != lo:
		case len(key) > shortKey:
			if string(d.text[s.hi:s.hi+uint64(len(key))]) == string(key) {
				return s.place, true
			}
		case s.hi == hi:
			return s.place, true
		}
	}
}

// add numbers a new key. hash is the [Hash] of its identifier.
func (d *dictionary) add(key []byte, hash uint64) place {
	p := uint32(hash & d.mask)
	lo, hi := words(key)
	s := dictSlot{lo: lo, hi: hi, length: uint32(len(key)), hash: mixWords(lo, hi, len(key)), place: place(p)<<32 | place(d.next[p])}
	d.next[p]++
	if len(key) > shortKey {
		s.hi = uint64(len(d.text))
		d.text = append(d.text, key...)
	}
	if d.count++; 4*d.count > 3*len(d.slots) {
		old := d.slots
		d.slots = make([]dictSlot, 2*len(old))
		for _, o := range old {
			if o.length > 0 {
				d.put(o)
			}
		}
	}
	d.put(s)
	return s.place
}

func (d *dictionary) put(s dictSlot) {
	mask := uint32(len(d.slots) - 1)
	i := s.hash & mask
	for d.slots[i].length > 0 {
		i = (i + 1) & mask
	}
	d.slots[i] = s
}

// full says that the dictionary has reached its limit.
func (d *dictionary) full() bool {
	return 2*len(d.text)+40*len(d.slots) > d.limit && 4*d.count > len(d.slots)
}

func (d *dictionary) clear() {
	clear(d.slots)
	clear(d.next)
	d.text, d.count = d.text[:0], 0
}
