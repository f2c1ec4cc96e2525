package store

import (
	"cmp"
	"context"
	"fmt"
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
	parent    *string  // the one parent asked for
	parentNot []string
	rest      []resource.Filter // columns that no index orders
}

// planFind reports false when nothing can match.
func planFind(q resource.Query) (*findPlan, bool) {
	p := &findPlan{Query: q}
	possible := resource.States(q.Kind)
	if q.Kind == "" {
		possible = resource.AllStates()
	}
	var states []string
	for _, s := range possible {
		states = append(states, string(s))
	}
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
			p.rest = append(p.rest, f)
		}
	}
	if len(states) == 0 {
		return nil, false
	}
	if len(states) < len(possible) {
		p.statuses = states
	}
	if p.parent != nil {
		if slices.Contains(p.parentNot, *p.parent) {
			return nil, false
		}
		p.parentNot = nil // every other parent is excluded already
	}
	return p, true
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
func (s *statement) addList(values []string) *statement {
	for i, v := range values {
		s.add([]string{", ?", "(?"}[b2i(i == 0)], v)
	}
	return s.add(")")
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

const resourceColumns = `r.arn, r.kind, r.account, r.region, r.scope, r.name, r.name_key, r.parent, r.parent_group,
 r.status, r.message, r.created, r.modified, r.remaining_minutes, r.spec, r.result`

// findLimits are where find changes its ways.
type findLimits struct {
	// scan is how many entries of an index are looked through before the ranges
	// that may hold matches are sought one by one.
	scan int
	// skip is how many entries of excluded parents are read and skipped; when
	// there are more, the other parents are visited one by one.
	skip int
}

var usualLimits = findLimits{scan: 500, skip: 4000}

// find finds the keys in an index first and then reads the rows, so that the
// wide columns are read for the rows of the page alone.
func (r *reader) find(ctx context.Context, p *findPlan) ([]resource.Row, error) {
	// One range of one index holds nothing but matches, in order?
	if p.Limit == 0 || len(p.statuses) < 2 && len(p.parentNot) == 0 {
		s := r.newStatement()
		s.addPage(func() { s.addRange(p) })
		return r.query(ctx, s)
	}
	// If matches are frequent, a page is soon full.
	s := r.newStatement()
	s.addPage(func() { s.addScan(p, r.db.find.scan) })
	rows, err := r.query(ctx, s)
	if err != nil || len(rows) == p.Limit {
		return rows, err
	}
	// They are rare here, or behind many others.
	if len(p.parentNot) == 0 {
		return r.query(ctx, r.merge(p, false))
	}
	light, heavy, err := r.weigh(ctx, p)
	if err != nil {
		return nil, err
	}
	if light != nil {
		if rows, err = r.query(ctx, r.merge(light, false)); err != nil {
			return nil, err
		}
	} else {
		rows = nil
	}
	if heavy == nil {
		return rows, nil
	}
	more, err := r.query(ctx, r.merge(heavy, true))
	if err != nil {
		return nil, err
	}
	return mergePages(rows, more, p.Limit), nil
}

// mergePages merges two pages in the order of Find.
func mergePages(a, b []resource.Row, limit int) []resource.Row {
	rows := slices.Concat(a, b)
	slices.SortFunc(rows, func(a, b resource.Row) int {
		return cmp.Or(b.Created.Compare(a.Created), strings.Compare(b.ARN, a.ARN))
	})
	return rows[:min(limit, len(rows))]
}

// weigh divides a query that excludes parents by state: light are the states in
// which the excluded parents have so few rows that one may step over them.
func (r *reader) weigh(ctx context.Context, p *findPlan) (light, heavy *findPlan, err error) {
	states := p.statuses
	if len(states) == 0 {
		states = []string{""}
	}
	var lights, heavies []string
	for _, state := range states {
		s := r.newStatement()
		s.add("SELECT count(*) FROM (SELECT 1 FROM resource AS r WHERE ")
		s.addSpace(p)
		if state != "" {
			s.add(" AND r.status = ?", state)
		}
		s.add(" AND r.parent IN ").addList(p.parentNot)
		s.addAfter(p)
		s.add(" LIMIT " + strconv.Itoa(r.db.find.skip) + ") AS s")
		var n int
		if err := r.tx.QueryRowContext(ctx, s.text.String(), s.args...).Scan(&n); err != nil {
			return nil, nil, err
		}
		if n < r.db.find.skip {
			lights = append(lights, state)
		} else {
			heavies = append(heavies, state)
		}
	}
	part := func(states []string) *findPlan {
		if len(states) == 0 {
			return nil
		}
		q := *p
		if states[0] != "" {
			q.statuses = states
		}
		return &q
	}
	return part(lights), part(heavies), nil
}

// addPage appends a query for the rows of the keys that another one finds.
func (s *statement) addPage(keys func()) {
	s.add("SELECT " + resourceColumns + " FROM (")
	keys()
	s.add(") AS k JOIN resource AS r ON r." + s.id + " = k.id ORDER BY k.created DESC, k.arn DESC")
}

// addRange appends a query for keys with all conditions in one place.
func (s *statement) addRange(p *findPlan) {
	s.add("SELECT r." + s.id + " AS id, r.arn, r.created FROM resource AS r WHERE ")
	s.addSpace(p)
	if len(p.statuses) == 1 {
		s.add(" AND r.status = ?", p.statuses[0])
	}
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
		s.add(", r.parent_group, r.name_key")
	}
	s.add(" FROM resource AS r WHERE ")
	s.addSpace(p)
	if len(p.statuses) == 1 {
		s.add(" AND r.status = ?", p.statuses[0])
	}
	s.addAfter(p)
	s.addOrder(limit)
	s.add(") AS s WHERE 1 = 1")
	s.addFilters(p, "s")
	s.addRest(p, "s")
	s.add(" ORDER BY s.created DESC, s.arn DESC LIMIT " + strconv.Itoa(p.Limit))
}

// merge returns a query that divides the rows into ranges of an index, one for
// each state that may match and, if so wanted, each parent, and merges them: the
// newest entry of each range says which ranges can have a part in the page.
func (r *reader) merge(p *findPlan, byParent bool) *statement {
	s := r.newStatement()
	if !byParent && len(p.statuses) < 2 {
		s.addPage(func() { s.addRange(p) })
		return s
	}
	s.add("WITH RECURSIVE ")
	where := s.addUnits(p, byParent)
	s.add("head AS MATERIALIZED (SELECT u.*, (SELECT r.created FROM resource AS r WHERE ")
	s.addUnit(p, where)
	s.addOrder(1)
	s.add(") AS created FROM unit AS u), ")
	// At least a page of rows is not older than this.
	s.add("bound AS MATERIALIZED (SELECT coalesce((SELECT created FROM head WHERE created IS NOT NULL" +
		" ORDER BY created DESC LIMIT 1 OFFSET " + strconv.Itoa(p.Limit-1) + "), 0) AS created) ")
	s.addPage(func() {
		if r.db.engine == PostgreSQL {
			s.add("SELECT l.arn AS id, l.arn, l.created FROM bound AS b JOIN head AS u ON u.created >= b.created" +
				" CROSS JOIN LATERAL (SELECT r.arn, r.created FROM resource AS r WHERE ")
			s.addUnit(p, where)
			s.add(" AND r.created >= b.created")
			s.addOrder(p.Limit)
			s.add(") AS l")
		} else { // SQLite has no LATERAL, but evaluates this in the same way
			s.add("SELECT l.rowid AS id, l.arn, l.created FROM bound AS b JOIN head AS u ON u.created >= b.created" +
				" CROSS JOIN resource AS l ON l.rowid IN (SELECT r.rowid FROM resource AS r WHERE ")
			s.addUnit(p, where)
			s.add(" AND r.created >= b.created")
			s.addOrder(p.Limit)
			s.add(")")
		}
		s.add(" ORDER BY 3 DESC, 2 DESC LIMIT " + strconv.Itoa(p.Limit))
	})
	return s
}

// addUnits appends the table of the parents and states that may match, and
// returns the condition that a row r belongs to a unit u of it.
func (s *statement) addUnits(p *findPlan, byParent bool) (where string) {
	var columns, tables []string
	if byParent {
		// Each parent is found from the one before, with one look into the index.
		s.add("every(parent) AS (SELECT (SELECT min(r.parent) FROM resource AS r WHERE ")
		s.addSpace(p)
		s.add(") UNION ALL SELECT (SELECT min(r.parent) FROM resource AS r WHERE ")
		s.addSpace(p)
		s.add(" AND r.parent > e.parent) FROM every AS e WHERE e.parent IS NOT NULL), ")
		s.add("parents(parent) AS (SELECT e.parent FROM every AS e WHERE e.parent IS NOT NULL AND e.parent NOT IN ")
		s.addList(p.parentNot).add("), ")
		columns, tables = append(columns, "p.parent"), append(tables, "parents AS p")
		where += " AND r.parent = u.parent"
	}
	if len(p.statuses) > 0 {
		s.add("states(status) AS (")
		for i, v := range p.statuses {
			s.add([]string{" UNION ALL SELECT ", "SELECT "}[b2i(i == 0)]).add("CAST(? AS TEXT)", v)
		}
		s.add("), ")
		columns, tables = append(columns, "t.status"), append(tables, "states AS t")
		if byParent { // for a state that nothing is in, all parents would be visited
			s.add("present(status) AS MATERIALIZED (SELECT t.status FROM states AS t WHERE (SELECT r.status FROM resource AS r WHERE ")
			s.addSpace(p)
			s.add(" AND r.status = t.status LIMIT 1) IS NOT NULL), ")
			tables[len(tables)-1] = "present AS t"
		}
		where += " AND r.status = u.status"
	}
	s.add("unit AS MATERIALIZED (SELECT " + strings.Join(columns, ", ") + " FROM " + strings.Join(tables, " CROSS JOIN ") + "), ")
	return where
}

// addUnit appends the conditions of the range of unit u.
func (s *statement) addUnit(p *findPlan, where string) {
	s.addSpace(p)
	s.add(where)
	if !strings.Contains(where, "u.parent") {
		s.addParentNot(p, "r")
	}
	s.addAfter(p)
	s.addRest(p, "r")
}

// addSpace appends what every query asks of a row r; a zero value does not
// restrict.
func (s *statement) addSpace(p *findPlan) {
	s.add("1 = 1")
	if p.Account != "" {
		s.add(" AND r.account = ?", p.Account)
	}
	if p.Region != "" {
		s.add(" AND r.region = ?", p.Region)
	}
	if p.Kind != "" {
		s.add(" AND r.kind = ?", string(p.Kind))
	}
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

// addFilters appends the conditions that no single range satisfies.
func (s *statement) addFilters(p *findPlan, of string) {
	s.addParentNot(p, of)
	if len(p.statuses) > 1 {
		s.add(" AND " + of + ".status IN ").addList(p.statuses)
	}
}

func (s *statement) addParentNot(p *findPlan, of string) {
	if len(p.parentNot) > 0 {
		s.add(" AND " + of + ".parent NOT IN ").addList(p.parentNot)
	}
}

// addRest appends the conditions on columns that no index orders.
func (s *statement) addRest(p *findPlan, of string) {
	for _, f := range p.rest {
		column, value := "arn", f.Value
		switch f.Column {
		case resource.ColumnGroup:
			column = "parent_group"
		case resource.ColumnName:
			column, value = "name_key", nameKey(f.Value)
		case resource.ColumnARN, resource.ColumnStatus, resource.ColumnParent:
		}
		is := " = ?"
		if f.Not {
			is = " <> ?"
		}
		s.add(" AND "+of+"."+column+is, value)
	}
}

func (r *reader) query(ctx context.Context, s *statement) (out []resource.Row, err error) {
	rows, err := r.tx.QueryContext(ctx, s.text.String(), s.args...)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := rows.Close(); err == nil {
			err = e
		}
	}()
	for rows.Next() {
		var i dbsqlc.Resource
		err := rows.Scan(&i.Arn, &i.Kind, &i.Account, &i.Region, &i.Scope, &i.Name, &i.NameKey, &i.Parent, &i.ParentGroup,
			&i.Status, &i.Message, &i.Created, &i.Modified, &i.RemainingMinutes, &i.Spec, &i.Result)
		if err != nil {
			return nil, err
		}
		out = append(out, rowFrom(&i))
	}
	return out, rows.Err()
}
