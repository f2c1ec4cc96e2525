package dataset

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
)

// Item metadata are series without rows: the whole line is the key, the record
// holds its line number, and an identifier may appear once.

// items reports identifiers that appear twice, in the order of the source.
func (w *partWriter) items() error {
	p := w.partition
	first := map[string]*series{}
	for _, g := range p.segments {
		err := g.eachRun(func(line int64, i, _ int) { // no two rows are on one line
			sp := g.table[binary.LittleEndian.Uint32(g.records[i*recordHead:])]
			key, file := p.spellings[sp], int32(g.seq>>32)
			id, _, _ := strings.Cut(key, "\x00")
			fold := Fold(id)
			if old := first[fold]; old != nil {
				w.twice(g.seq, line, id, old)
				return
			}
			s := &p.series[p.of[sp]]
			*s = series{fold: s.fold, key: key, time: line, file: file}
			first[fold] = s
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *partWriter) twice(seq uint64, line int64, id string, first *series) {
	file := int(seq >> 32)
	where := fmt.Sprintf("line %d", first.time)
	if int(first.file) != file {
		where += " of " + w.fileName(int(first.file))
	}
	w.totals.bad.add(Problem{
		File: w.fileName(file), Line: line, Field: w.layout.columns[w.layout.id].Name,
		Reason: fmt.Sprintf("%s is already on %s; item metadata have one row for each item", quote([]byte(id)), where),
		seq:    seq,
	})
}

// writeItems writes the table of items.
func (w *partWriter) writeItems(ctx context.Context, name string) error {
	t, err := newSeriesTable(ctx, w.importer, name)
	if err != nil {
		return err
	}
	defer t.table.out.Abort()
	for _, i := range w.partition.order {
		if err := t.name(&w.partition.series[i]); err != nil {
			return err
		}
		if err := t.table.ended(); err != nil {
			return err
		}
	}
	return t.table.close()
}
