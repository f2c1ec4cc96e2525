package store

import (
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
	rows, err := r.findKeys(ctx, p)
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
	strings.Builder
	args []any
}

// add appends text in which each ? stands for the next argument; arguments are
// numbered in the order in which they appear, which every driver understands.
func (s *statement) add(text string, args ...any) *statement {
	for i := range args {
		before, after, _ := strings.Cut(text, "?")
		s.args = append(s.args, args[i])
		s.WriteString(before)
		s.WriteString("$" + strconv.Itoa(len(s.args)))
		text = after
	}
	s.WriteString(text)
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

// findKeys finds the keys in an index first and then reads the rows, so that
// the wide columns are read for the rows of the page alone.
func (r *reader) findKeys(ctx context.Context, p *findPlan) ([]resource.Row, error) {
	s := &statement{}
	s.add("SELECT " + resourceColumns + " FROM (")
	if len(p.statuses) > 1 && p.Limit > 0 {
		// One range of the index per state, merged: IS_NOT costs no more than IS.
		for i, status := range p.statuses {
			if i > 0 {
				s.add(" UNION ALL ")
			}
			s.add("SELECT arn, created FROM (")
			s.addRange(p, status)
			s.add(") AS s" + strconv.Itoa(i))
		}
	} else {
		status := ""
		if len(p.statuses) == 1 {
			status = p.statuses[0]
		}
		s.addRange(p, status)
	}
	s.add(") AS k JOIN resource AS r ON r.arn = k.arn ORDER BY k.created DESC, k.arn DESC")
	if p.Limit > 0 {
		s.add(" LIMIT ?", p.Limit)
	}
	return r.query(ctx, s)
}

// addRange appends a query for the keys of one range of an index.
func (s *statement) addRange(p *findPlan, status string) {
	s.add("SELECT arn, created FROM resource WHERE ")
	s.addSpace(p)
	if p.parent != nil {
		s.add(" AND parent = ?", *p.parent)
	}
	if len(p.parentNot) > 0 {
		s.add(" AND parent NOT IN ").addList(p.parentNot)
	}
	switch {
	case status != "":
		s.add(" AND status = ?", status)
	case len(p.statuses) > 0:
		s.add(" AND status IN ").addList(p.statuses)
	}
	if p.After != nil {
		s.add(" AND (created, arn) < (?, ?)", p.After.CreatedMicros, p.After.ARN)
	}
	s.addRest(p.rest)
	if p.Limit > 0 {
		s.add(" ORDER BY created DESC, arn DESC LIMIT ?", p.Limit)
	}
}

// addSpace appends what every query asks; a zero value does not restrict.
func (s *statement) addSpace(p *findPlan) {
	s.add("1 = 1")
	if p.Account != "" {
		s.add(" AND account = ?", p.Account)
	}
	if p.Region != "" {
		s.add(" AND region = ?", p.Region)
	}
	if p.Kind != "" {
		s.add(" AND kind = ?", string(p.Kind))
	}
}

func (s *statement) addRest(filters []resource.Filter) {
	for _, f := range filters {
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
		s.add(" AND "+column+is, value)
	}
}

func (r *reader) query(ctx context.Context, s *statement) (out []resource.Row, err error) {
	rows, err := r.tx.QueryContext(ctx, s.String(), s.args...)
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
