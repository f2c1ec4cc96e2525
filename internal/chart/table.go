package chart

import (
	"strings"
	"unicode/utf8"
)

// Table lays rows out in columns, the first one aligned left and the others
// right, with a line under the header.
func Table(header []string, rows [][]string) string {
	widths := make([]int, len(header))
	for _, row := range append([][]string{header}, rows...) {
		for c, cell := range row {
			widths[c] = max(widths[c], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	line := func(row []string) {
		var l strings.Builder
		for c, cell := range row {
			pad := strings.Repeat(" ", widths[c]-utf8.RuneCountInString(cell))
			if c > 0 {
				l.WriteString("  " + pad + cell)
			} else {
				l.WriteString(cell + pad)
			}
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

// Bar draws how much of a whole is done, in width characters.
func Bar(done float64, width int) string {
	full := int(min(max(done, 0), 1) * float64(width))
	return strings.Repeat("█", full) + strings.Repeat("░", width-full)
}
