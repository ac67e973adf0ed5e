package api

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// TextOptions say how WriteText prints.
type TextOptions struct {
	// Color marks what is grave by ANSI colours; leave it false unless a
	// terminal reads.
	Color bool
	// Width is the line length to keep to where words allow; 0 = 120.
	Width int
}

// paint is an ANSI "select graphic rendition" parameter.
type paint string

const (
	plain  paint = ""
	bold   paint = "1"
	faint  paint = "2"
	red    paint = "31"
	green  paint = "32"
	yellow paint = "33"
)

// text prints lines and keeps the first error.
type text struct {
	w     io.Writer
	width int
	color bool
	err   error
}

func newText(w io.Writer, o TextOptions) *text {
	if o.Width <= 0 {
		o.Width = 120
	}
	return &text{w: w, width: o.Width, color: o.Color}
}

func (t *text) printf(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format, args...)
	}
}

// in returns s in a colour, padded to width columns; the padding counts what is seen.
func (t *text) in(p paint, width int, s string) string {
	pad := strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
	if t.color && p != plain && s != "" {
		return "\x1b[" + string(p) + "m" + s + "\x1b[0m" + pad
	}
	return s + pad
}

// wrapped prints s after a head that is indent columns wide, and further lines
// below the first word. Words are never cut: names and values can be copied.
func (t *text) wrapped(head string, indent int, s string) {
	words := strings.Split(Printable(s), " ")
	line, used := head, indent
	for i, word := range words {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case used+1+n > t.width:
			t.printf("%s\n", strings.TrimRight(line, " "))
			line, used = strings.Repeat(" ", indent+2), indent+2
		default:
			line, used = line+" ", used+1
		}
		line, used = line+word, used+n
	}
	t.printf("%s\n", strings.TrimRight(line, " "))
}

// Printable returns s fit for a terminal: control characters and what is not
// UTF-8 appear as Go writes them in a quoted string. Names in the database can
// be anything.
func Printable(s string) string {
	bad := func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) && r != ' ' }
	if !strings.ContainsFunc(s, bad) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if bad(r) {
			quoted := fmt.Sprintf("%+q", r)
			b.WriteString(quoted[1 : len(quoted)-1])
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
