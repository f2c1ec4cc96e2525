package dataset

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzPlain compares the parser of plain rows with the row scanner: the same rows,
// counts and problems, whatever the text and wherever it is cut.
func FuzzPlain(f *testing.F) {
	for _, seed := range []string{
		"a,2024-01-01,1\nb,2024-01-01,2.5\n", "item_id,timestamp,y\r\na,2024-01-01,1\r\n", "a,2024-01-01,12345.67\na,2024-01-02,1234567.8\n",
		"a,2024-01-01,\na,2024-01-01,NaN\na,2024-01-01,-1e5\n,2024-01-01,1\n", "\"a\",2024-01-01,1\n\na\r,2024-01-01,.\r\n", "a,2024-01-01\r,1\na,2024-01-01,1,\n",
		"a,2024-01-01,123456789.125\na,2024-01-01,-0\na,2024-01-01,+.5\na,2024-01-01,12345678\r\na,2024-01-01,1",
	} {
		f.Add([]byte(seed), byte(0))
	}
	f.Fuzz(func(t *testing.T, data []byte, form byte) { comparePlain(t, data, form) })
}

// TestPlain does the same with random rows.
func TestPlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	cells := []string{"a", "b", "an item with a long name", "", "x\r", "\"q\"\"\"", "ü", "\xff", "2024-01-01", "2024-01-02", "2024-01-32", "2024-01-01 00:00:00", " 2024-01-02"}
	for range 20_000 {
		var data []byte
		for range rng.IntN(6) {
			for f := range 3 + rng.IntN(8)/6 {
				if f > 0 {
					data = append(data, ',')
				}
				switch rng.IntN(4) {
				case 0, 1:
					data = append(data, []string{"a", "2024-01-01", "7"}[f%3]...)
				case 2:
					data = append(data, cells[rng.IntN(len(cells))]...)
				default:
					data = fmt.Appendf(data, []string{"%v", "%.2f", "%.0f", "%g", "-%.3f", "%.7f"}[rng.IntN(6)], rng.Float64()*pow10[rng.IntN(12)])
				}
			}
			data = append(data, []string{"\n", "\n", "\r\n", "\n\n"}[rng.IntN(4)]...)
		}
		if comparePlain(t, data[:len(data)-min(len(data), rng.IntN(3))], byte(rng.IntN(256))); t.Failed() {
			return
		}
	}
}

type parsed struct {
	Keys            []place
	Times           []int64
	Numbers         [][]uint64
	Nulls           []int64
	Blank, Headers  int64
	Total           int64
	Problems        []string
	DictionaryTexts int
}

func comparePlain(t *testing.T, data []byte, form byte) {
	t.Helper()
	role, attributes := TargetTimeSeries, targetAttributes
	switch form % 4 {
	case 1:
		attributes = []Attribute{{"target_value", TypeInteger}, {"timestamp", TypeTimestamp}, {"item_id", TypeString}}
	case 2:
		attributes = []Attribute{{"item_id", TypeString}, {"timestamp", TypeTimestamp}, {"target_value", TypeFloat}, {"store", TypeString}}
	case 3:
		role, attributes = ItemMetadata, itemAttributes
	}
	s := mustSchema(t, role, attributes)
	o := Options{TimestampFormat: TimeAny, Workers: 1}.withDefaults()
	var got [2]parsed
	for i := range got {
		l, err := newLayout(s, o)
		if err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			l.plain = nil
		}
		w := newWorker(l, o, 4, func(int) string { return "f" })
		w.batch.reset(l, 0)
		w.parse(&block{line: 1, first: form%8 < 4, rows: slices.Clone(data)})
		b := &w.batch
		got[i] = parsed{b.keys, b.times, b.numbers, b.nulls, w.blank, w.headers, w.problems.total, nil, len(w.dict.entries)}
		for _, p := range w.problems.list {
			got[i].Problems = append(got[i].Problems, p.String())
		}
	}
	if diff := cmp.Diff(got[1], got[0]); diff != "" {
		t.Errorf("%q, form %d: the scanner (-) and the parser of plain rows (+) differ: %s", data, form, diff)
	}
}
