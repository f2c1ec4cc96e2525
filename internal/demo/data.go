package demo

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/forecast/calendar"
	"github.com/almanac-forecast/almanac/forecast/prep"
	"github.com/almanac-forecast/almanac/internal/sample"
)

// data is a target file as the demonstration needs it: the bytes to upload, the
// schema to declare, and the series to draw and to compare with.
type data struct {
	csv    []byte
	schema []attribute // in the order of the columns
	dims   []string    // the columns beyond the three required ones
	grid   calendar.Grid
	series []series // in the order of the file
}

type attribute struct {
	AttributeName string
	AttributeType string
}

// series is one series on the grid; values holds NaN where the file had no row.
type series struct {
	key    []string // the item, then the dimensions
	first  int      // grid index of values[0]
	values []float64
}

// generated makes the sample that ships with the program.
func generated() (*data, error) {
	var b bytes.Buffer
	if err := sample.WriteCSV(&b, sample.Make(sample.Config{})); err != nil {
		return nil, err
	}
	return readData(b.Bytes(), "D")
}

// Rows of a user's file that the demonstration accepts.
const maxRows = 5_000_000

// readData reads a CSV file with a header that names item_id, timestamp and
// target_value in any order, and any further columns, which become dimensions.
func readData(text []byte, frequency string) (*data, error) {
	freq, err := calendar.ParseFrequency(frequency)
	if err != nil {
		return nil, err
	}
	d := &data{csv: text}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("line 1: %w", err)
	}
	columns, err := d.readHeader(header)
	if err != nil {
		return nil, err
	}
	rows, order, err := readRows(r, columns)
	if err != nil {
		return nil, err
	}
	first := int64(math.MaxInt64)
	for _, s := range rows {
		first = min(first, slices.Min(s.times))
	}
	d.grid = calendar.Grid{Frequency: freq, Anchor: first}
	for _, key := range order {
		s := rows[key]
		from, to := d.grid.Index(slices.Min(s.times)), d.grid.Index(slices.Max(s.times))
		d.series = append(d.series, series{
			key:    s.key,
			first:  from,
			values: prep.Aggregate(s.times, s.values, d.grid, from, to-from+1, prep.Sum),
		})
	}
	return d, nil
}

// columns says where the required fields are.
type columns struct{ item, time, target int }

func (d *data) readHeader(header []string) (columns, error) {
	c := columns{-1, -1, -1}
	for i, name := range header {
		name = strings.Clone(strings.TrimSpace(name))
		kind := "string"
		switch name {
		case "item_id":
			c.item = i
		case "timestamp":
			c.time, kind = i, "timestamp"
		case "target_value":
			c.target, kind = i, "float"
		default:
			d.dims = append(d.dims, name)
		}
		d.schema = append(d.schema, attribute{name, kind})
	}
	if c.item < 0 || c.time < 0 || c.target < 0 {
		return c, fmt.Errorf("line 1: the header must name the columns item_id, timestamp and target_value, it has %s", strings.Join(header, ", "))
	}
	return c, nil
}

// rowsOf collects the rows of one series.
type rowsOf struct {
	key    []string
	times  []int64
	values []float64
}

func readRows(r *csv.Reader, c columns) (map[string]*rowsOf, []string, error) {
	rows, order := make(map[string]*rowsOf), []string(nil)
	for n := 0; ; n++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		line, _ := r.FieldPos(0)
		if n == maxRows {
			return nil, nil, fmt.Errorf("line %d: the demonstration takes up to %d rows; `almanac serve` takes any number", line, maxRows)
		}
		when, err := parseTime(record[c.time])
		if err != nil {
			return nil, nil, fmt.Errorf("line %d, timestamp: %w", line, err)
		}
		value := math.NaN()
		if text := strings.TrimSpace(record[c.target]); text != "" {
			if value, err = strconv.ParseFloat(text, 64); err != nil {
				return nil, nil, fmt.Errorf("line %d, target_value: %q is not a number", line, text)
			}
		}
		key := []string{record[c.item]}
		for i, field := range record {
			if i != c.item && i != c.time && i != c.target {
				key = append(key, field)
			}
		}
		joined := strings.ToLower(strings.Join(key, "\x00"))
		s := rows[joined]
		if s == nil {
			for i := range key {
				key[i] = strings.Clone(key[i])
			}
			s = &rowsOf{key: key}
			rows[joined], order = s, append(order, joined)
		}
		s.times, s.values = append(s.times, when), append(s.values, value)
	}
	if len(order) == 0 {
		return nil, nil, errors.New("line 2: there is no row below the header")
	}
	return rows, order, nil
}

// parseTime reads the service's two timestamp formats as local time.
func parseTime(text string) (int64, error) {
	for _, layout := range []string{time.DateOnly, time.DateTime} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Unix(), nil
		}
	}
	return 0, fmt.Errorf("%q is neither yyyy-MM-dd nor yyyy-MM-dd HH:mm:ss", text)
}

// timestampFormat returns the format of the file in the service's words.
func (d *data) timestampFormat() string {
	if d.grid.Frequency.Unit < calendar.Day {
		return "yyyy-MM-dd HH:mm:ss"
	}
	head := string(d.csv[:min(len(d.csv), 1<<16)])
	if i := strings.IndexByte(head, '\n'); i >= 0 && strings.Count(head[i+1:], ":") > 0 {
		return "yyyy-MM-dd HH:mm:ss"
	}
	return "yyyy-MM-dd"
}
