package dataset

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A worker parses blocks into batches, counts them and spills them. Each worker
// has its own of everything, so that none waits for another.
type worker struct {
	layout   *layout
	fileName func(file int) string
	rows     rowScanner
	times    timeParser
	batch    batch
	dict     *dictionary
	spill    *spiller
	tally    *tally
	problems problems
	key      []byte
	cells    [][]byte // of the row, by attribute
	bits     []uint64 // of the row, by column of layout.numbers
	second   int64    // of the row
	file     *spillFile
	blank    int64
	headers  int64
}

func newWorker(l *layout, o Options, partitions int, fileName func(int) string) *worker {
	w := &worker{layout: l, fileName: fileName, times: timeParser{format: l.format}, problems: problems{limit: o.MaxProblems}}
	open := func() (*spillFile, error) {
		if w.file != nil {
			return w.file, nil
		}
		f, err := newSpillFile(o.TempDir)
		w.file = f
		return f, err
	}
	b := newBudget(o, partitions, len(l.numbers)+len(l.keys)+1)
	w.dict = newDictionary(partitions, b.dictionary)
	w.spill = newSpiller(partitions, len(l.values), b.buffer, open)
	w.tally = newTally(l, b.slots, open)
	w.cells = make([][]byte, len(l.columns))
	w.bits = make([]uint64, len(l.numbers))
	return w
}

// A budget shares out Options.Memory among the parts of a worker. What it
// decides never shows in the files written.
type budget struct {
	dictionary int // bytes
	buffer     int // bytes per partition
	slots      int // of a set of distinct values
}

func newBudget(o Options, partitions, columns int) budget {
	worker := int(o.Memory) / o.Workers
	b := budget{dictionary: max(worker/2, 1<<20)}
	b.buffer = min(max(worker/4/partitions, 2<<10), 64<<10)
	b.slots = 1 << 10
	for b.slots < 1<<18 && 2*b.slots*8*columns <= worker/4 {
		b.slots *= 2
	}
	return b
}

// csv parses a block of a CSV file.
func (w *worker) csv(b *block) error {
	w.batch.reset(w.layout, b.seq)
	if b.fault != "" {
		w.problem(b.line, -1, b.fault)
		return nil
	}
	w.parse(b)
	return w.finish()
}

// parse fills the batch with the rows of the block.
func (w *worker) parse(b *block) {
	w.rows.reset(b)
	for first := b.first; ; first = false {
		if !first {
			w.plainRows()
		}
		if !w.rows.scan() {
			break
		}
		if w.rows.bad != "" {
			w.problem(w.rows.badLine, -1, w.rows.bad)
			continue
		}
		fields := w.rows.fields
		if len(fields) == 1 && len(bytes.TrimSpace(fields[0])) == 0 {
			w.blank++
			continue
		}
		if len(fields) != len(w.layout.byField) {
			w.columnCount(fields)
			continue
		}
		if first && w.layout.isHeader(fields) {
			w.headers++
			if header := bytes.Join(fields, []byte{','}); !utf8.Valid(header) {
				w.problem(w.rows.line, -1, "the header "+quote(header)+" is not UTF-8")
			}
			continue
		}
		for f, i := range w.layout.byField {
			if i >= 0 {
				w.cells[i] = fields[f]
			}
		}
		w.parseRow(w.rows.line)
	}
	w.blank += w.rows.blank
}

// finish counts and spills the batch. Once there is a problem nothing will be
// written, and only the problems are of interest.
func (w *worker) finish() error {
	if w.problems.total > 0 {
		if w.dict.full() {
			w.dict.clear()
			w.spill.forget()
		}
		return nil
	}
	if w.batch.rows == 0 {
		return nil
	}
	if err := w.tally.add(&w.batch); err != nil {
		return err
	}
	if err := w.spill.add(&w.batch, len(w.layout.values)); err != nil {
		return err
	}
	if !w.dict.full() {
		return nil
	}
	w.dict.clear()
	err := w.spill.flushAll()
	w.spill.epoch++
	return err
}

// parseRow parses the typed cells of w.cells into w.bits and w.second, and commits the row.
func (w *worker) parseRow(line int64) {
	l := w.layout
	good := true
	for n, i := range l.numbers {
		c := &l.columns[i]
		var reason string
		if c.integer {
			w.bits[n], reason = parseInteger(w.cells[i])
		} else {
			w.bits[n], reason = parseFloat(w.cells[i])
		}
		if reason != "" {
			good = false
			w.problem(line, i, quote(w.cells[i])+" "+reason)
		}
	}
	w.second = line
	if l.time >= 0 {
		var reason string
		if w.second, reason = w.times.parse(w.cells[l.time]); reason != "" {
			good = false
			w.problem(line, l.time, cellReason(w.cells[l.time], reason))
		}
	}
	w.commit(line, good)
}

// cellReason puts a cell before what is wrong with it; an empty one need not be shown.
func cellReason(cell []byte, reason string) string {
	if len(cell) == 0 {
		return reason
	}
	return quote(cell) + " " + reason
}

// commit appends a row to the batch: its key from w.cells, its numbers from
// w.bits, its time from w.second. A row that is not good only has its key checked.
func (w *worker) commit(line int64, good bool) {
	l, b := w.layout, &w.batch
	before := w.problems.total
	key := w.joinKey(line)
	if w.problems.total > before {
		return
	}
	at, ok := w.dict.lookup(key)
	if !ok {
		if at, ok = w.addKey(line, key); !ok {
			return
		}
	}
	if !good {
		return
	}
	for n := range l.numbers {
		b.numbers[n] = append(b.numbers[n], w.bits[n])
	}
	b.keys = append(b.keys, at)
	b.times = append(b.times, w.second)
	b.rows++
}

// joinKey puts the key cells of the row together and reports empty ones.
func (w *worker) joinKey(line int64) []byte {
	l := w.layout
	if len(l.keys) == 1 && l.columns[l.id].field >= 0 {
		cell := w.cells[l.id]
		if len(cell) == 0 {
			w.problem(line, l.id, "is empty")
		}
		return cell
	}
	w.key = w.key[:0]
	for k, i := range l.keys {
		cell := w.cells[i]
		if l.columns[i].field < 0 && i == l.id {
			cell = []byte(l.noID)
		}
		if k > 0 {
			w.key = append(w.key, keySeparator)
		}
		if len(cell) == 0 {
			w.batch.nulls[k]++
			if !l.columns[i].nullable {
				w.problem(line, i, "is empty")
			}
		}
		w.key = append(w.key, cell...)
	}
	return w.key
}

// addKey gives a key its number; it reports cells that no key may have.
func (w *worker) addKey(line int64, key []byte) (at place, ok bool) {
	l := w.layout
	before := w.problems.total
	for k, i := range l.keys {
		cell := w.cells[i]
		if l.columns[i].field < 0 && i == l.id {
			continue
		}
		if reason := l.keyProblem(&l.columns[i], cell); reason != "" {
			w.problem(line, i, reason)
		} else if k > 0 && len(cell) > 0 {
			w.tally.texts[k].add(cell)
		}
	}
	if w.problems.total > before {
		return 0, false
	}
	identifier, _, _ := strings.Cut(string(key), string(rune(keySeparator)))
	at = w.dict.add(key, Hash(identifier))
	w.spill.newKey(at.partition(), key)
	return at, true
}

func (w *worker) columnCount(fields [][]byte) {
	reason := fmt.Sprintf("the row has %s, the schema has %d (%s)", plural(len(fields), "field"), len(w.layout.byField), w.layout.fieldNames())
	switch {
	case len(fields) == 1 && bytes.ContainsAny(fields[0], ";\t|"):
		reason += "; the delimiter must be a comma"
	case bytes.IndexByte(bytes.Join(fields, nil), '\r') >= 0:
		reason += "; lines must end in LF or CRLF, not in CR alone"
	}
	w.problem(w.rows.line, -1, reason)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// problem reports a fault of attribute i, or of the whole row if i is negative.
func (w *worker) problem(line int64, i int, reason string) {
	p := Problem{Line: line, Reason: reason, seq: w.batch.seq, column: i}
	w.problems.total++
	if len(w.problems.list) == w.problems.limit && !p.before(w.problems.list[len(w.problems.list)-1]) {
		return
	}
	w.problems.total--
	p.File = w.fileName(int(p.seq >> 32))
	if i >= 0 {
		p.Field = w.layout.columns[i].Name
	}
	w.problems.add(p)
}
