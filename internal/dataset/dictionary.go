package dataset

import "hash/maphash"

// A dictionary numbers the keys that a worker meets. Numbers count up within a
// partition, so that the spill file can give the text of each once. When the
// dictionary outgrows its limit it is emptied and a new epoch begins.
//
// It is a hash table with open addressing: one lookup per row of the source makes
// it the innermost loop of an import, where a map costs twice as much.
type dictionary struct {
	slots   []dictSlot
	entries []dictEntry
	text    []byte // of all keys
	limit   int    // of bytes, about
	next    []uint32
	mask    uint64 // of partitions
}

// A dictSlot is free when its id is 0; otherwise it holds the entry's index plus 1.
type dictSlot struct{ hash, id uint32 }

type dictEntry struct {
	start     int // of the key in text
	length    uint32
	hash      uint32
	partition uint32
	number    uint32
}

var dictSeed = maphash.MakeSeed()

func newDictionary(partitions, limit int) *dictionary {
	return &dictionary{slots: make([]dictSlot, 1024), next: make([]uint32, partitions), mask: uint64(partitions - 1), limit: limit}
}

// lookup finds a key; hash is to be given to add when there is none.
func (d *dictionary) lookup(key []byte) (id, hash uint32, ok bool) {
	hash = uint32(maphash.Bytes(dictSeed, key))
	mask := uint32(len(d.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		s := d.slots[i]
		if s.id == 0 {
			return 0, hash, false
		}
		if s.hash == hash {
			e := &d.entries[s.id-1]
			if string(d.text[e.start:e.start+int(e.length)]) == string(key) {
				return s.id - 1, hash, true
			}
		}
	}
}

// add numbers a new key. partitionHash is the [Hash] of its identifier.
func (d *dictionary) add(key []byte, hash uint32, partitionHash uint64) (id uint32, e dictEntry) {
	p := uint32(partitionHash & d.mask)
	e = dictEntry{start: len(d.text), length: uint32(len(key)), hash: hash, partition: p, number: d.next[p]}
	d.next[p]++
	d.text = append(d.text, key...)
	id = uint32(len(d.entries))
	d.entries = append(d.entries, e)
	if 2*len(d.entries) > len(d.slots) {
		d.slots = make([]dictSlot, 2*len(d.slots))
		for i := range d.entries {
			d.place(uint32(i))
		}
	} else {
		d.place(id)
	}
	return id, e
}

func (d *dictionary) place(id uint32) {
	mask := uint32(len(d.slots) - 1)
	i := d.entries[id].hash & mask
	for d.slots[i].id != 0 {
		i = (i + 1) & mask
	}
	d.slots[i] = dictSlot{hash: d.entries[id].hash, id: id + 1}
}

// full says that the dictionary has reached its limit: 32 bytes for an entry,
// 16 to 32 for its slots, and the text, all of it twice while slices grow.
func (d *dictionary) full() bool { return len(d.text)+64*len(d.entries) > d.limit }

func (d *dictionary) clear() {
	clear(d.slots)
	clear(d.next)
	d.entries, d.text = d.entries[:0], d.text[:0]
}
