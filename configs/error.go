package configs

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Problem is one thing wrong with a file.
type Problem struct {
	File string
	Line int    // 0 = the file as a whole
	Path string // "bridges[0].ports[1].mtu"; empty where the place has no name
	Text string // what is wrong, why, and what would be valid
}

// String returns the problem as one line: file, line, place and text.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		b.WriteString(":" + strconv.Itoa(p.Line))
	}
	if p.Path != "" {
		b.WriteString(": " + p.Path)
	}
	return b.String() + ": " + p.Text
}

// maxShown bounds an error's text; a file of another kind altogether would
// otherwise fill the screen.
const maxShown = 50

// Error holds everything that is wrong with a file, in order of lines. First
// come problems of form (keys, types, ranges); the rules that need several
// values together are judged only when the form is right.
type Error struct {
	Problems []Problem
}

// Error returns one line for each problem.
func (e *Error) Error() string {
	var lines []string
	for i, p := range e.Problems {
		if i == maxShown {
			lines = append(lines, fmt.Sprintf("%s: and %d more", p.File, len(e.Problems)-maxShown))
			break
		}
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// errorOf returns the problems as an *Error, sorted, or nil when there are none.
func errorOf(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return &Error{Problems: problems}
}
