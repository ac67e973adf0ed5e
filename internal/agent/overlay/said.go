package overlay

import (
	"slices"
	"strings"
)

// said remembers the errors that were logged since all was well: of several servers that
// do not answer each in turn comes first, and each in turn says something else.
type said map[string]bool

// saidMost is how many errors are remembered; what else comes is not logged.
const saidMost = 16

// anew tells whether an error is to be logged. The parts of joined errors may come in
// any order. The empty text says that all is well.
func (s said) anew(text string) bool {
	if text == "" {
		clear(s)
		return false
	}
	key := causes(text)
	if s[key] || len(s) >= saidMost {
		return false
	}
	s[key] = true
	return true
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// causes puts joined errors into one line and one order.
func causes(text string) string {
	lines := strings.Split(text, "\n")
	slices.Sort(lines[min(1, len(lines)-1):]) // the first says what they are causes of
	return strings.Join(slices.Compact(lines), "; ")
}
