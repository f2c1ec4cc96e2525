package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store/internal/dbsqlc"
)

// Find implements resource.Reader.
func (r *reader) Find(ctx context.Context, q resource.Query) ([]resource.Row, error) {
	p, ok := planFind(q)
	if !ok {
		return nil, nil
	}
	if p.Limit > 0 {
		ctx = r.db.patient(ctx)
	}
	rows, err := r.find(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", q.Kind, err)
	}
	return rows, nil
}

// findPlan is a query with its filters sorted by what can be done about them.
type findPlan struct {
	resource.Query
	statuses  []string // nil: any
	all       []string // states that the kind has
	parent    *string  // the one parent asked for
	parentNot []string
	rest      []restFilter // on columns that no index orders
}

// restFilter is what is asked of one column.
type restFilter struct {
	column string
	is     *string // the one value asked for
	not    []string
}

// planFind reports false when nothing can match.
func planFind(q resource.Query) (*findPlan, bool) {
	p := &findPlan{Query: q}
	for _, s := range resource.States(q.Kind) {
		p.all = append(p.all, string(s))
	}
	states := slices.Clone(p.all)
	for _, f := range q.Filters {
		switch {
		case f.Column == resource.ColumnStatus:
			states = slices.DeleteFunc(states, func(s string) bool { return (s == f.Value) == f.Not })
		case f.Column == resource.ColumnParent && f.Not:
			p.parentNot = append(p.parentNot, f.Value)
		case f.Column == resource.ColumnParent:
			if p.parent != nil && *p.parent != f.Value {
				return nil, false
			}
			p.parent = &f.Value
		default:
			if !p.addRest(f) {
				return nil, false
			}
		}
	}
	if len(states) == 0 {
		return nil, false
	}
	if len(states) < len(p.all) {
		p.statuses = states
	}
	if p.parent != nil {
		if slices.Contains(p.parentNot, *p.parent) {
			return nil, false
		}
		p.parentNot = nil // every other parent is excluded already
	}
	slices.Sort(p.parentNot)
	p.parentNot = slices.Compact(p.parentNot)
	return p, true
}

// addRest reports false when nothing can match.
func (p *findPlan) addRest(f resource.Filter) bool {
	column, value := "arn", f.Value
	switch f.Column {
	case resource.ColumnGroup:
		column = "parent_group"
	case resource.ColumnScope:
		column = "scope"
	case resource.ColumnName:
		column, value = "name_key", nameKey(f.Value)
	case resource.ColumnARN, resource.ColumnStatus, resource.ColumnParent:
	}
	i := slices.IndexFunc(p.rest, func(r restFilter) bool { return r.column == column })
	if i < 0 {
		i, p.rest = len(p.rest), append(p.rest, restFilter{column: column})
	}
	r := &p.rest[i]
	if f.Not {
		r.not = append(r.not, value)
		return true
	}
	ok := r.is == nil || *r.is == value
	r.is = &value
	return ok
}

// statement is SQL text that grows with its arguments.
type statement struct {
	text strings.Builder
	args []any
	id   string // the column by which rows are read once their keys are found
}

// newStatement returns an empty statement. What an index of SQLite holds of a
// row is its number, so that a row is found by that in one step; by its ARN it
// takes a second index, in which the rows of a page lie far apart.
func (r *reader) newStatement() *statement {
	if r.db.engine == SQLite {
		return &statement{id: "rowid"}
	}
	return &statement{id: "arn"}
}

// add appends text in which each ? stands for the next argument; arguments are
// numbered in the order in which they appear, which every driver understands.
func (s *statement) add(text string, args ...any) *statement {
	for i := range args {
		before, after, _ := strings.Cut(text, "?")
		s.args = append(s.args, args[i])
		_, _ = s.text.WriteString(before + "$" + strconv.Itoa(len(s.args)))
		text = after
	}
	_, _ = s.text.WriteString(text)
	return s
}

// addList appends a list in brackets.
func (s *statement) addList(values []string) {
	for i, v := range values {
		s.add([]string{", ?", "(?"}[b2i(i == 0)], v)
	}
	s.add(")")
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// The columns of a row that are not known beforehand; those of a summary, and
// the others.
const (
	briefColumns = `r.arn, r.name, r.parent_group, r.status, r.message, r.created, r.modified, r.spec`
	otherColumns = `, r.scope, r.parent, r.remaining_minutes, r.result`
)

// findLimits are the sizes that find works with.
type findLimits struct {
	// scan is how many entries of an index are looked through before the chunks
	// are walked.
	scan int
	// chunk is the size of a chunk of the list in rows, on average.
	chunk uint32
}

// A page of matches that are frequent is found within two lengths of the longest
// page; a list of a million rows has about as many chunks as a chunk has rows.
// Migration 3 knows their size too.
var usualLimits = findLimits{scan: 250, chunk: 1024}

// find finds the keys in an index first and then reads the rows, so that the
// wide columns are read for the rows of the page alone.
func (r *reader) find(ctx context.Context, p *findPlan) ([]resource.Row, error) {
	// One range of one index holds nothing but matches, in order?
	if p.Limit == 0 || len(p.parentNot) == 0 && (len(p.statuses) == 0 || len(p.statuses) == 1 && p.parent == nil) {
		s := r.newStatement()
		s.addPage(p, func() { s.addRange(p) })
		return r.query(ctx, p, s)
	}
	// If matches are frequent, a page is soon full.
	s := r.newStatement()
	s.addPage(p, func() { s.addScan(p, r.db.find.scan) })
	rows, err := r.query(ctx, p, s)
	if err != nil || len(rows) == p.Limit {
		return rows, err
	}
	// They are rare here, or behind many others, or there are no more.
	start, more, err := r.beyond(ctx, p)
	if err != nil || !more {
		return rows, err
	}
	return r.query(ctx, p, r.walk(p, start))
}

// sorted puts rows in the order of Find.
func sorted(rows []resource.Row) []resource.Row {
	slices.SortFunc(rows, func(a, b resource.Row) int {
		return cmp.Or(b.Created.Compare(a.Created), strings.Compare(b.ARN, a.ARN))
	})
	return rows
}

// addPage appends a query for the rows of the keys that another one finds. They
// come in any order: to sort whole rows takes the database a third of the time.
func (s *statement) addPage(p *findPlan, keys func()) {
	s.add("SELECT " + briefColumns)
	if !p.Brief {
		s.add(otherColumns)
	}
	s.add(" FROM (")
	keys()
	s.add(") AS k JOIN resource AS r ON r." + s.id + " = k.id")
}

// addRange appends a query for keys with all conditions in one place.
func (s *statement) addRange(p *findPlan) {
	s.add("SELECT r." + s.id + " AS id, r.arn, r.created FROM resource AS r WHERE ")
	s.addSpace(p)
	s.addFilters(p, "r")
	s.addAfter(p)
	s.addRest(p, "r")
	s.addOrder(p.Limit)
}

// addScan appends a query for the keys that match among the first few of the
// index that comes closest.
func (s *statement) addScan(p *findPlan, limit int) {
	s.add("SELECT s.id, s.arn, s.created FROM (SELECT r." + s.id + " AS id, r.arn, r.created, r.parent, r.status")
	if len(p.rest) > 0 {
		s.add(", r.parent_group, r.scope, r.name_key")
	}
	s.add(" FROM resource AS r WHERE ")
	s.addClosest(p)
	s.addOrder(limit)
	s.add(") AS s WHERE s.created IS NOT NULL")
	s.addFilters(p, "s")
	s.addRest(p, "s")
	s.add(" ORDER BY s.created DESC, s.arn DESC LIMIT " + strconv.Itoa(p.Limit))
}

// addClosest appends the conditions of the range that addScan looks through.
func (s *statement) addClosest(p *findPlan) {
	s.addSpace(p)
	if len(p.statuses) == 1 && p.parent == nil {
		s.add(" AND r.status = ?", p.statuses[0])
	}
	s.addAfter(p)
}

// beyond reports whether there is anything behind what addScan looks through,
// and the chunk in which the page starts.
func (r *reader) beyond(ctx context.Context, p *findPlan) (chunk int64, more bool, err error) {
	for _, offset := range []int{r.db.find.scan, 0} {
		s := r.newStatement().add("SELECT r.chunk FROM resource AS r WHERE ")
		s.addClosest(p)
		s.addOrder(1)
		s.add(" OFFSET " + strconv.Itoa(offset))
		err := r.tx.QueryRowContext(ctx, s.text.String(), s.args...).Scan(&chunk)
		if errors.Is(err, sql.ErrNoRows) {
			return 0, false, nil
		}
		if err != nil {
			return 0, false, err
		}
	}
	return chunk, true, nil
}

// walk returns a query that goes through the chunks of the list, newest first
// and each wanted state by itself, until a page of matches is found. Within a
// chunk and a state an index is ordered by parent, so that excluded parents are
// stepped over however many rows they have: a chunk in which nothing matches
// costs a look on either side of each of them.
func (r *reader) walk(p *findPlan, start int64) *statement {
	s := r.newStatement()
	s.add("WITH RECURSIVE ")
	s.addStates(p)
	s.addGaps(p)
	chunk := func(of string) { // the next one that has the state
		s.add("(SELECT r.chunk FROM resource AS r WHERE ")
		s.addSpace(p)
		s.add(" AND r.status = " + of + ".status AND r.chunk ")
		if of == "t" {
			s.add("< t.chunk")
		} else {
			s.add("<= ?", start)
		}
		s.add(" ORDER BY r.chunk DESC LIMIT 1)")
	}
	matches := func(chunk string) {
		s.addSpace(p)
		s.add(" AND r.status = t.status AND r.chunk = " + chunk)
		if len(p.parentNot) > 0 {
			s.add(" AND r.parent >= g.first AND r.parent < g.before")
		}
		if p.After != nil { // 0 is added to keep this out of the choice of an index
			s.add(" AND (r.created + 0, r.arn) < (?, ?)", p.After.CreatedMicros, p.After.ARN)
		}
		s.addRest(p, "r")
	}
	tables := "resource AS r WHERE "
	if len(p.parentNot) > 0 {
		tables = "gap AS g CROSS JOIN " + tables
	}
	// Each step looks at a chunk, which it calls the last one, and says how many
	// matches are here, were found before, and where to go on.
	s.add("step(status, chunk, last, here, found) AS (SELECT s.status, ")
	chunk("s")
	s.add(", CAST(NULL AS BIGINT), CAST(0 AS BIGINT), CAST(0 AS BIGINT) FROM state AS s UNION ALL SELECT t.status, ")
	chunk("t")
	s.add(", t.chunk, (SELECT count(*) FROM " + tables)
	matches("t.chunk")
	s.add("), t.found + t.here FROM step AS t WHERE t.chunk IS NOT NULL AND t.found + t.here < " + strconv.Itoa(p.Limit) + ") ")
	s.addPage(p, func() {
		s.add("SELECT r." + s.id + " AS id, r.arn, r.created FROM step AS t CROSS JOIN " + tables + "t.here > 0 AND ")
		matches("t.last")
		s.addOrder(p.Limit)
	})
	return s
}

// addStates appends the table of the states that may match.
func (s *statement) addStates(p *findPlan) {
	s.add("state(status) AS (")
	states := p.statuses
	if states == nil {
		states = p.all
	}
	for i, v := range states {
		s.add([]string{" UNION ALL SELECT ", "SELECT "}[b2i(i == 0)]).add("CAST(? AS TEXT)", v)
	}
	s.add("), ")
}

// addGaps appends the table of what lies between excluded parents, which are in
// order. Parents are printable ASCII or nothing at all.
func (s *statement) addGaps(p *findPlan) {
	if len(p.parentNot) == 0 {
		return
	}
	s.add("gap(first, before) AS (VALUES ") // SQLite takes no more than 500 SELECTs in one
	first := ""
	for i, v := range slices.Concat(p.parentNot, []string{"\U0010FFFF"}) {
		s.add([]string{", ", ""}[b2i(i == 0)]).add("(CAST(? AS TEXT), CAST(? AS TEXT))", first, v)
		first = v + "\x01"
	}
	s.add("), ")
}

// addSpace appends what every query asks of a row r.
func (s *statement) addSpace(p *findPlan) {
	s.add("r.account = ?", p.Account).add(" AND r.region = ?", p.Region).add(" AND r.kind = ?", string(p.Kind))
	if p.parent != nil {
		s.add(" AND r.parent = ?", *p.parent)
	}
}

// addAfter appends that row r comes after the cursor.
func (s *statement) addAfter(p *findPlan) {
	if p.After != nil {
		s.add(" AND (r.created, r.arn) < (?, ?)", p.After.CreatedMicros, p.After.ARN)
	}
}

// addOrder appends the order of rows r and a limit if there is one. It is part
// of the text because PostgreSQL plans for a page only if it sees its length.
func (s *statement) addOrder(limit int) {
	if limit > 0 {
		s.add(" ORDER BY r.created DESC, r.arn DESC LIMIT " + strconv.Itoa(limit))
	}
}

// addFilters appends the conditions on states and excluded parents.
func (s *statement) addFilters(p *findPlan, of string) {
	if len(p.parentNot) > 0 {
		s.add(" AND " + of + ".parent NOT IN ").addList(p.parentNot)
	}
	switch len(p.statuses) {
	case 0:
	case 1:
		s.add(" AND "+of+".status = ?", p.statuses[0])
	default:
		s.add(" AND " + of + ".status IN ").addList(p.statuses)
	}
}

// addRest appends the conditions on columns that no index orders.
func (s *statement) addRest(p *findPlan, of string) {
	for _, f := range p.rest {
		if f.is != nil {
			s.add(" AND "+of+"."+f.column+" = ?", *f.is)
		}
		if len(f.not) > 0 {
			s.add(" AND " + of + "." + f.column + " NOT IN ").addList(f.not)
		}
	}
}

// chunkOf returns the chunk of a row that is about to be inserted. Chunks divide
// the list of an account, region and kind: they never go down from an older row
// to a newer one. A row goes where the one before it is; which rows begin a new
// chunk is drawn by their ARNs, so that nothing need be counted, but only the
// newest of all may do so.
func (r *reader) chunkOf(ctx context.Context, row resource.Row) (chunk int64, err error) {
	p := &findPlan{Query: resource.Query{
		Account: row.Account, Region: row.Region, Kind: row.Kind,
		After: &resource.Cursor{CreatedMicros: micros(row.Created), ARN: row.ARN},
	}}
	s := r.newStatement().add("SELECT r.chunk FROM resource AS r WHERE ")
	s.addSpace(p)
	s.addAfter(p)
	s.addOrder(1)
	err = r.tx.QueryRowContext(ctx, s.text.String(), s.args...).Scan(&chunk)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil || crc32.ChecksumIEEE([]byte(row.ARN))%r.db.find.chunk != 0 {
		return chunk, err
	}
	s = r.newStatement().add("SELECT count(*) FROM (SELECT 1 FROM resource AS r WHERE ")
	s.addSpace(p)
	s.add(" AND (r.created, r.arn) > (?, ?) LIMIT 1) AS s", p.After.CreatedMicros, p.After.ARN)
	var newer int64
	err = r.tx.QueryRowContext(ctx, s.text.String(), s.args...).Scan(&newer)
	return chunk + 1 - newer, err
}

func (r *reader) query(ctx context.Context, p *findPlan, s *statement) (out []resource.Row, err error) {
	rows, err := r.tx.QueryContext(ctx, s.text.String(), s.args...)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := rows.Close(); err == nil {
			err = e
		}
	}()
	i := dbsqlc.Resource{Account: p.Account, Region: p.Region, Kind: string(p.Kind)}
	into := []any{&i.Arn, &i.Name, &i.ParentGroup, &i.Status, &i.Message, &i.Created, &i.Modified, &i.Spec}
	if !p.Brief {
		into = append(into, &i.Scope, &i.Parent, &i.RemainingMinutes, &i.Result)
	}
	out = make([]resource.Row, 0, p.Limit)
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		out = append(out, rowFrom(&i))
	}
	return sorted(out), rows.Err()
}
