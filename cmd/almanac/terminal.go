package main

import (
	"os"
	"strconv"

	"golang.org/x/term"
)

// isTerminal tells whether a person looks at what is written there.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// width returns the characters per line of a terminal, 80 where there is none
// and COLUMNS does not say otherwise.
func (c *console) width() int {
	if f, ok := c.stdout.(*os.File); ok {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			return w
		}
	}
	if text, ok := c.lookupEnv("COLUMNS"); ok {
		if w, err := strconv.Atoi(text); err == nil && w > 0 {
			return w
		}
	}
	return 80
}
