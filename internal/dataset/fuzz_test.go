package dataset

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// FuzzCSV compares the block cutter and the row scanner with encoding/csv: the
// same rows, the same fields and the same line numbers, up to the first row that
// either finds faulty, which must be the same one. It does not compare what
// follows a faulty row, nor the words of the fault.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		"a,b\nc,d\n", "\"a\"\"b\",\"c\nd\"\r\ne", "a\r\n\r\n\nb", "\xEF\xBB\xBFa,b", "a\"b,c\n", "\"a\"b\n", "\"a", "a,\"\"\n,\n",
		"\"\r\n\",\r\nx\r", "1,\",\",2\n\"\"\"\"\n", "a\rb\n\"c\r\"\n", "\n\n\"x\ny\n\nz\"\nlast,", ",,\n\"a\",\"b\",\"c\"\n",
	} {
		f.Add([]byte(seed), byte(3))
	}
	f.Fuzz(func(t *testing.T, data []byte, size byte) { compareCSV(t, data, 1+int(size)) })
}

// TestCSV does the same with random texts of the bytes that matter.
func TestCSV(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const alphabet = "aa,,\"\"\n\n\r"
	for range 30_000 {
		data := make([]byte, rng.IntN(24))
		for i := range data {
			data[i] = alphabet[rng.IntN(len(alphabet))]
		}
		compareCSV(t, data, 1+rng.IntN(12))
		if t.Failed() {
			return
		}
	}
}

func compareCSV(t *testing.T, data []byte, size int) {
	t.Helper()
	if bytes.HasPrefix(data, bom16[0]) || bytes.HasPrefix(data, bom16[1]) {
		t.Skip()
	}
	want, bad := reference(data)
	c := newCutter(bytes.NewReader(data), 0, size, func(n int) []byte { return make([]byte, n) })
	var rows rowScanner
	i := 0
	for {
		b, err := c.next(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		rows.reset(b)
		for rows.scan() {
			if rows.bad != "" {
				if i != len(want) || !bad {
					t.Fatalf("%q in blocks of %d: row %d at line %d is faulty (%s); encoding/csv has %d good rows, faulty after them: %v", data, size, i, rows.line, rows.bad, len(want), bad)
				}
				return
			}
			if i == len(want) {
				t.Fatalf("%q in blocks of %d: a row %d too many: %q (encoding/csv faulty: %v)", data, size, i, rows.fields, bad)
			}
			var got []string
			for _, f := range rows.fields {
				got = append(got, string(f))
			}
			if !slices.Equal(got, want[i].fields) || rows.line != want[i].line {
				t.Fatalf("%q in blocks of %d: row %d: line %d %q, want line %d %q", data, size, i, rows.line, got, want[i].line, want[i].fields)
			}
			i++
		}
	}
	if bad || i != len(want) {
		t.Fatalf("%q in blocks of %d: %d rows, want %d, encoding/csv faulty: %v", data, size, i, len(want), bad)
	}
}

type referenceRow struct {
	line   int64
	fields []string
}

func reference(data []byte) (rows []referenceRow, bad bool) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, bom)))
	r.FieldsPerRecord = -1
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, false
		}
		if err != nil {
			return rows, true
		}
		line, _ := r.FieldPos(0)
		rows = append(rows, referenceRow{int64(line), fields})
	}
}

// FuzzNumber compares the number parsers with strconv: they take what it takes,
// but for hexadecimal, underscores and infinities, and read the same value.
func FuzzNumber(f *testing.F) {
	for _, seed := range []string{"0", "-0.0", "1.5", ".5", "5.", "+7", "1e22", "123456789012345678.9", "9007199254740993", "0.1", "1E-5", "-", ".", "", "1_0", "0x1p4", "NaN", "Infinity", "1.0E10", "922337203685477580.7e1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		bits, reason := parseFloat([]byte(text))
		trimmed := strings.Trim(text, " \t")
		want, err := strconv.ParseFloat(trimmed, 64)
		plain := !strings.ContainsAny(trimmed, "xX_pPiI")
		switch {
		case trimmed == "":
			if bits != nullFloat {
				t.Fatalf("%q is not null", text)
			}
		case err == nil && plain && reason != "":
			t.Fatalf("%q: %s, strconv reads %v", text, reason, want)
		case reason == "":
			got := math.Float64frombits(bits)
			if err != nil || got != want && !(math.IsNaN(got) && math.IsNaN(want)) || got == 0 && math.Signbit(got) {
				t.Fatalf("%q reads %v, strconv %v %v", text, got, want, err)
			}
		}
		n, reason := parseInteger([]byte(text))
		if i, err := strconv.ParseInt(trimmed, 10, 64); err == nil && i > math.MinInt64+1 {
			if reason != "" || int64(n) != i {
				t.Fatalf("%q reads %d (%s), strconv %d", text, int64(n), reason, i)
			}
		} else if reason == "" && n != nullInteger && n != nanInteger && float64(int64(n)) != want {
			t.Fatalf("%q reads %d, strconv %v", text, int64(n), want)
		}
	})
}

// FuzzTimestamp compares the timestamp parser with package time.
func FuzzTimestamp(f *testing.F) {
	for _, seed := range []string{"2024-02-29", "2023-02-29", "2024-01-01 00:00:00", "2024-01-01 24:00:00", "0000-01-01", "9999-12-31 23:59:59", "2024-1-1", "2024-01-01T10:00Z"} {
		f.Add(seed)
	}
	layouts := map[timeFormat]string{timeDate: "2006-01-02", timeFull: "2006-01-02 15:04:05"}
	f.Fuzz(func(t *testing.T, text string) {
		trimmed := strings.Trim(text, " ")
		for format, layout := range layouts {
			p := timeParser{format: format}
			want, err := time.Parse(layout, trimmed)
			for range 2 { // the second comes from memory
				got, reason := p.parse([]byte(text))
				good := err == nil && len(trimmed) == len(layout) && want.Year() > 0
				if good != (reason == "") || good && got != want.Unix() {
					t.Fatalf("%q by %s reads %d (%s), package time %v %v", text, format, got, reason, want, err)
				}
			}
		}
		p := timeParser{format: timeAny}
		if got, reason := p.parse([]byte(text)); reason == "" && (got < -62135596800 || got > 253402300799) {
			t.Fatalf("%q reads %d", text, got)
		}
	})
}
