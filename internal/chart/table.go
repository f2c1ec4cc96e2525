package chart

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Table lays rows out in columns with a line under the header. Columns of
// figures are aligned right, others left.
func Table(header []string, rows [][]string) string {
	widths := make([]int, len(header))
	for _, row := range append([][]string{header}, rows...) {
		for c, cell := range row {
			widths[c] = max(widths[c], utf8.RuneCountInString(cell))
		}
	}
	right := make([]bool, len(header))
	for c := range right {
		right[c] = c > 0 && !slices.ContainsFunc(rows, func(row []string) bool { return !figure(row[c]) })
	}
	var b strings.Builder
	line := func(row []string) {
		var l strings.Builder
		for c, cell := range row {
			pad := strings.Repeat(" ", widths[c]-utf8.RuneCountInString(cell))
			if c > 0 {
				l.WriteString("  ")
			}
			if right[c] {
				cell = pad + cell
			} else {
				cell += pad
			}
			l.WriteString(cell)
		}
		b.WriteString(strings.TrimRight(l.String(), " ") + "\n")
	}
	line(header)
	rule := make([]string, len(header))
	for c, w := range widths {
		rule[c] = strings.Repeat("─", w)
	}
	line(rule)
	for _, row := range rows {
		line(row)
	}
	return b.String()
}

// figure tells whether a cell begins like a number, or is empty.
func figure(cell string) bool {
	return cell == "" || strings.HasPrefix(cell, "–") || strings.IndexByte("+-.0123456789", cell[0]) >= 0
}

// Bar draws how much of a whole is done, in width characters.
func Bar(done float64, width int) string {
	full := int(min(max(done, 0), 1) * float64(width))
	return strings.Repeat("█", full) + strings.Repeat("░", width-full)
}
