package calendar

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func at(tb testing.TB, text string) int64 {
	tb.Helper()
	for _, layout := range []string{time.DateOnly, time.DateTime} {
		if v, err := time.Parse(layout, text); err == nil {
			return v.Unix()
		}
	}
	tb.Fatalf("bad time %q", text)
	return 0
}

func show(t int64) string { return time.Unix(t, 0).UTC().Format(time.DateTime) }

func TestParseFrequency(t *testing.T) {
	good := map[string]Frequency{
		"Y": {1, Year}, "1Y": {1, Year}, "M": {1, Month}, "11M": {11, Month}, "W": {1, Week}, "4W": {4, Week},
		"D": {1, Day}, "6D": {6, Day}, "H": {1, Hour}, "23H": {23, Hour}, "1min": {1, Minute}, "59min": {59, Minute},
	}
	for text, want := range good {
		got, err := ParseFrequency(text)
		if err != nil || got != want {
			t.Errorf("ParseFrequency(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "1", "min", "60min", "24H", "7D", "5W", "12M", "2Y", "0D", "01D", "-1D", "d", "m", "Min", "xMx", "D ", " D",
		"1.5H", "99999999999999999999D", "DD", "1 D", "S", "Q",
	} {
		if got, err := ParseFrequency(text); !errors.Is(err, ErrFrequency) {
			t.Errorf("ParseFrequency(%q) = %v, %v; want ErrFrequency", text, got, err)
		}
	}
}

func FuzzParseFrequency(f *testing.F) {
	for _, text := range []string{"D", "30min", "3M", "1Y", "", "60min", "M1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		freq, err := ParseFrequency(text)
		if err != nil {
			return
		}
		if !freq.Valid() || freq.Seconds() <= 0 {
			t.Fatalf("ParseFrequency(%q) = %v is not valid", text, freq)
		}
		if again, err := ParseFrequency(freq.String()); err != nil || again != freq {
			t.Fatalf("%q: String %q reads back as %v, %v", text, freq, again, err)
		}
	})
}

// every returns every valid frequency.
func every() []Frequency {
	var all []Frequency
	for u := Minute; u <= Year; u++ {
		for n := 1; n <= units[u].most; n++ {
			all = append(all, Frequency{n, u})
		}
	}
	return all
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"59min", "H", -1},
		{"23H", "D", -1},
		{"6D", "W", -1},
		{"4W", "M", -1},
		{"11M", "Y", -1},
		{"D", "1D", 0},
		{"2W", "D", 1},
		{"Y", "M", 1},
	} {
		a, _ := ParseFrequency(c.a)
		b, _ := ParseFrequency(c.b)
		if got := Compare(a, b); got != c.want {
			t.Errorf("Compare(%s, %s) = %d, want %d", a, b, got, c.want)
		}
	}
}

func TestSeasons(t *testing.T) {
	want := map[string][]int{
		"Y": nil, "M": {12}, "2M": {6}, "3M": {4}, "4M": {3}, "6M": {2}, "5M": nil, "7M": nil,
		"W": {52}, "2W": {26}, "4W": {13}, "D": {7, 365}, "2D": {183}, "H": {24, 168}, "2H": {12, 84},
		"5H": nil, "30min": {48, 336}, "15min": {96, 672}, "10min": {144, 1008}, "5min": {288}, "1min": {1440},
	}
	for text, seasons := range want {
		f, err := ParseFrequency(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(seasons, Seasons(f)); diff != "" {
			t.Errorf("Seasons(%s): %s", text, diff)
		}
	}
	for _, f := range every() {
		last := 1
		for _, m := range Seasons(f) {
			if m <= last || m > maxSeason {
				t.Errorf("Seasons(%s) = %v: not ascending within 2 to %d", f, Seasons(f), maxSeason)
			}
			last = m
		}
	}
}

func TestAmazonSeason(t *testing.T) {
	for text, want := range map[string]int{
		"Y": 1, "M": 12, "W": 52, "D": 7, "H": 24, "30min": 2, "15min": 4, "10min": 6, "5min": 12, "1min": 60,
		"3M": 1, "2W": 1, "2H": 1, "20min": 1,
	} {
		f, _ := ParseFrequency(text)
		if got := AmazonSeason(f); got != want {
			t.Errorf("AmazonSeason(%s) = %d, want %d", text, got, want)
		}
	}
}

// TestRecordedAlignment holds what the service itself printed for hourly data
// from 2017-12-01 to 2019-01-31 (published sample notebooks): the first step of
// a forecast is the bin after the last one with data.
func TestRecordedAlignment(t *testing.T) {
	for _, c := range []struct {
		freq        string
		b           Boundary
		first, last string
		want        []string
	}{
		{
			"3D",
			Boundary{},
			"2017-12-01 00:00:00", "2019-01-31 23:00:00",
			[]string{"2019-02-03 00:00:00", "2019-02-06 00:00:00", "2019-02-09 00:00:00", "2019-02-12 00:00:00", "2019-02-15 00:00:00", "2019-02-18 00:00:00", "2019-02-21 00:00:00"},
		},
		{"3M", Boundary{}, "2017-12-01 00:00:00", "2019-01-31 23:00:00", []string{"2019-03-01 00:00:00"}},
		{
			"W",
			Boundary{Weekday: Sunday},
			"2017-12-01 00:00:00", "2019-01-31 23:00:00",
			[]string{"2019-02-03 00:00:00", "2019-02-10 00:00:00", "2019-02-17 00:00:00"},
		},
		{
			"W",
			Boundary{Weekday: Friday},
			"2017-12-01 00:00:00", "2019-01-31 23:00:00",
			[]string{"2019-02-01 00:00:00", "2019-02-08 00:00:00", "2019-02-15 00:00:00"},
		},
		{"M", Boundary{}, "2010-01-01", "2019-09-01", []string{"2019-10-01 00:00:00"}},
		{"3M", Boundary{Day: 15}, "2018-01-20", "2018-06-30", []string{"2018-07-15 00:00:00", "2018-10-15 00:00:00"}},
		{"3M", Boundary{Day: 15}, "2018-01-10", "2018-06-30", []string{"2018-09-15 00:00:00"}},
		{"Y", Boundary{Month: 7}, "2018-01-20", "2018-06-30", []string{"2018-07-01 00:00:00", "2019-07-01 00:00:00"}},
		{"D", Boundary{Hour: 6}, "2018-01-20 05:59:59", "2018-01-20 05:59:59", []string{"2018-01-20 06:00:00"}},
		{"30min", Boundary{}, "2018-01-20 10:00:00", "2018-01-20 23:45:00", []string{"2018-01-21 00:00:00"}},
		{"2W", Boundary{}, "2024-01-10", "2024-01-22", []string{"2024-02-05 00:00:00"}},
	} {
		f, err := ParseFrequency(c.freq)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.b.Check(f); err != nil {
			t.Fatal(err)
		}
		g := Grid{f, c.b, at(t, c.first)}
		var got []string
		for i := range c.want {
			got = append(got, show(g.Time(g.Index(at(t, c.last))+1+i)))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s with %+v: %s", c.freq, c.b, diff)
		}
	}
}

func TestBoundaryCheck(t *testing.T) {
	for _, c := range []struct {
		freq string
		b    Boundary
		ok   bool
	}{
		{"D", Boundary{Hour: 23}, true},
		{"D", Boundary{Hour: 24}, false},
		{"H", Boundary{Hour: 1}, false},
		{"D", Boundary{Hour: -1}, false},
		{"D", Boundary{Weekday: Friday}, false},
		{"W", Boundary{Weekday: Sunday}, true},
		{"W", Boundary{Weekday: 7}, false},
		{"3M", Boundary{Day: 28}, true},
		{"M", Boundary{Day: 29}, false},
		{"Y", Boundary{Month: 12}, true},
		{"Y", Boundary{Month: 13}, false},
		{"Y", Boundary{Month: 2, Day: 2}, false},
		{"15min", Boundary{}, true},
	} {
		f, _ := ParseFrequency(c.freq)
		if err := c.b.Check(f); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrBoundary) {
			t.Errorf("%+v.Check(%s) = %v, want ok %v", c.b, c.freq, err, c.ok)
		}
	}
	for d := Monday; d <= Sunday; d++ {
		if got, err := ParseWeekday(d.String()); err != nil || got != d {
			t.Errorf("ParseWeekday(%s) = %v, %v", d, got, err)
		}
	}
	if _, err := ParseWeekday("friday"); !errors.Is(err, ErrBoundary) {
		t.Errorf("ParseWeekday(friday) = %v", err)
	}
}

// TestMonthsAgainstTime compares the month arithmetic with package time for
// every day of 1899 to 2101 and for far ones.
func TestMonthsAgainstTime(t *testing.T) {
	check := func(days int64) {
		u := time.Unix(days*day, 0).UTC()
		if got, want := monthOf(days), int64(u.Year())*12+int64(u.Month())-1; got != want {
			t.Fatalf("monthOf(%s) = %d, want %d", u, got, want)
		}
		if got, want := dayOf(monthOf(days)), days-int64(u.Day())+1; got != want {
			t.Fatalf("dayOf of %s = %d, want %d", u, got, want)
		}
	}
	for days := int64(-26000); days < 48000; days++ {
		check(days)
	}
	for days := int64(-800000); days < 2800000; days += 97 {
		check(days)
	}
}

// boundaries returns some boundaries of a frequency.
func boundaries(u Unit) []Boundary {
	switch u {
	case Day:
		return []Boundary{{}, {Hour: 1}, {Hour: 23}}
	case Week:
		return []Boundary{{}, {Weekday: Friday}, {Weekday: Sunday}}
	case Month:
		return []Boundary{{}, {Day: 15}, {Day: 28}}
	case Year:
		return []Boundary{{}, {Month: 2}, {Month: 12}}
	case Minute, Hour:
	}
	return []Boundary{{}}
}

// TestGridIdentities checks on every frequency what a grid must keep whatever
// the calendar does: bins follow each other without gap, a time lies in its
// bin, adding and counting are inverse.
func TestGridIdentities(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, f := range every() {
		for _, b := range boundaries(f.Unit) {
			g := Grid{f, b, rnd.Int64N(4e9) - 2e9}
			if i := g.Index(g.Anchor); i != 0 {
				t.Fatalf("%v: index of the anchor is %d", g, i)
			}
			for range 200 {
				checkGrid(t, g, rnd.Int64N(8e9)-4e9, rnd.IntN(2001)-1000)
			}
		}
	}
}

func checkGrid(t *testing.T, g Grid, when int64, n int) {
	t.Helper()
	start, i := g.Floor(when), g.Index(when)
	if start > when || when >= g.Time(i+1) || g.Time(i) != start {
		t.Fatalf("%v: %s lies not in its bin from %s to %s", g, show(when), show(start), show(g.Time(i+1)))
	}
	if g.Floor(start) != start || !g.On(start) || g.Index(start) != i {
		t.Fatalf("%v: the start %s of a bin is not in it", g, show(start))
	}
	if g.Time(i+1) > start && g.Index(g.Time(i+1)-1) != i {
		t.Fatalf("%v: the last second of bin %d is in bin %d", g, i, g.Index(g.Time(i+1)-1))
	}
	if got := g.Between(when, g.Add(when, n)); got != n {
		t.Fatalf("%v: %s plus %d bins is %d bins away", g, show(when), n, got)
	}
	if n >= 0 && g.Count(when, g.Add(when, n)) != n+1 {
		t.Fatalf("%v: Count over %d bins is %d", g, n, g.Count(when, g.Add(when, n)))
	}
}

func FuzzGrid(f *testing.F) {
	f.Add(int64(0), int64(1e9), 5, uint8(Month), uint8(3), uint8(15))
	f.Add(int64(-1), int64(-86401), -7, uint8(Week), uint8(2), uint8(4))
	f.Fuzz(func(t *testing.T, anchor, when int64, n int, unit, multiple, boundary uint8) {
		freq := Frequency{int(multiple), Unit(unit)}
		const far = 1 << 40 // years 32,000 before and after
		if !freq.Valid() || anchor < -far || anchor > far || when < -far || when > far || n < -10000 || n > 10000 {
			t.Skip("outside what a grid promises")
		}
		choice := boundaries(freq.Unit)
		checkGrid(t, Grid{freq, choice[int(boundary)%len(choice)], anchor}, when, n)
	})
}

func BenchmarkFloorMonth(b *testing.B) {
	g := Grid{Frequency: Frequency{1, Month}}
	for i := range b.N {
		g.Floor(int64(i) * 1000)
	}
}
