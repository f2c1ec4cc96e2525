package simulate

import "math"

// The calendar has days since 1 January of a year of 365.25 days; months and
// weeks begin as they do, and feasts move as Easter does, or by a lunar year.
const (
	yearDays  = 365.25
	lunarDays = 354.37
)

// calendar adds to the path what the calendar does to a season: lengths of
// months, trading days, feasts that move, holidays, days of the month.
func (m *maker) calendar() {
	var days float64 // of a step
	switch m.prior.Season {
	case 12:
		m.months()
		days = yearDays / 12
	case 52:
		days = 7
	case 7:
		days = 1
	case 5:
		days = 7. / 5
	case 24, 48, 96:
		days = 1 / float64(m.prior.Season)
	default:
		return
	}
	p := &m.prior.ranges.Calendar
	if m.is(p.Feast) {
		m.feast(days)
	}
	if days <= 7 && m.is(p.Holidays) {
		m.holidays(days)
	}
	if days >= 1 && days < 7 && m.is(p.Payday) {
		m.payday(days)
	}
}

// months adds the lengths of months and the days of the week in them.
func (m *maker) months() {
	p := &m.prior.ranges.Calendar
	lengths := [12]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	perDay := m.normal() * p.PerDay * m.unit
	var weight [7]float64
	if m.is(p.Trading) {
		for i := range weight {
			weight[i] = m.normal() * p.PerDay * m.unit
		}
	}
	month, year, weekday := m.below(12), m.below(4), m.below(7)
	for t := range m.z {
		n := lengths[month]
		if month == 1 && year == 0 {
			n++
		}
		m.z[t] += perDay * (float64(n) - yearDays/12)
		for d := 28; d < n; d++ {
			m.z[t] += weight[(weekday+d)%7]
		}
		weekday = (weekday + n) % 7
		if month++; month == 12 {
			month, year = 0, (year+1)%4
		}
	}
}

// feast adds a feast that moves from year to year: some days before it, and
// some of its own, with effects of their own.
func (m *maker) feast(days float64) {
	p := &m.prior.ranges.Calendar
	before, after := m.in(p.Before), m.in(p.After)
	rising := m.normal() * p.Effect * m.unit
	closing := m.normal() * p.Effect * m.unit
	length := float64(len(m.z)) * days
	lunar := m.is(p.Lunar)
	start := m.uniform() * yearDays // where in the year the path begins
	first, year := m.uniform()*lunarDays, 1950+m.below(100)
	for k := 0; ; k++ {
		at := first + float64(k)*lunarDays
		if !lunar {
			at = float64(easter(year+k)) + float64(k)*yearDays - start
		}
		if at-before > length {
			return
		}
		m.span(at-before, at, days, rising)
		m.span(at, at+after, days, closing)
	}
}

// span adds by to the steps between two days, in part to those that are
// partly between, and at most as much as one day of long steps can do.
func (m *maker) span(from, to, days, by float64) {
	for t := max(0, int(math.Floor(from/days))); t < len(m.z) && float64(t)*days < to; t++ {
		part := min(to, float64(t+1)*days) - max(from, float64(t)*days)
		m.z[t] += by * min(1, part/min(days, 7))
	}
}

// easter returns the days from 1 January to Easter of a year of the Gregorian
// calendar (Oudin 1940).
func easter(year int) int {
	g, c := year%19, year/100
	h := (c - c/4 - (8*c+13)/25 + 19*g + 15) % 30
	i := h - h/28*(1-29/(h+1)*((21-g)/11))
	j := (year + year/4 + i + 2 - c + c/4) % 7
	return 58 + 28 + i - j // days before 1 March, and days after it
}

// holidays adds a time of the year of weeks with an effect of its own.
func (m *maker) holidays(days float64) {
	p := &m.prior.ranges.Calendar
	for range m.between(1, 3) {
		from, length := m.uniform()*yearDays, m.log(p.Length)
		by := m.normal() * p.Effect / 2 * m.unit
		for at := from; at < float64(len(m.z))*days; at += yearDays {
			m.span(at, at+length, days, by)
		}
	}
}

// payday adds days of the month, or the turn of the month, to daily paths.
func (m *maker) payday(days float64) {
	p := &m.prior.ranges.Calendar
	by, length := m.normal()*p.Effect/2*m.unit, m.in(p.Pays)
	for at := m.uniform() * yearDays / 12; at < float64(len(m.z))*days; at += yearDays / 12 {
		m.span(at, at+length, days, by)
	}
}
