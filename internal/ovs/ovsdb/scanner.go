package ovsdb

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// scanner walks through JSON once. After the first error everything does nothing.
type scanner struct {
	b     []byte
	i     int
	err   error
	names map[string]string
}

func (s *scanner) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf("%w: byte %d: "+format, append([]any{errReadings, s.i}, args...)...)
	}
}

// peek returns the next byte that is no white space; 0 at the end or after an error.
func (s *scanner) peek() byte {
	for ; s.err == nil && s.i < len(s.b); s.i++ {
		switch c := s.b[s.i]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// take takes this byte, if it is the next.
func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.i++
	return true
}

func (s *scanner) want(c byte) {
	if !s.take(c) {
		s.fail("no %q", c)
	}
}

// list reads what stands between two brackets.
func (s *scanner) list(first, last byte, each func()) {
	s.want(first)
	if s.err != nil || s.take(last) {
		return
	}
	for {
		each()
		if s.err != nil || s.take(last) {
			return
		}
		s.want(',')
	}
}

func (s *scanner) array(each func()) { s.list('[', ']', each) }

// object calls each with every key; it must read the value.
func (s *scanner) object(each func(key string)) {
	s.list('{', '}', func() {
		key := s.name()
		s.want(':')
		if s.err == nil {
			each(key)
		}
	})
}

// pairs reads ["map",[[key,value],...]]; each must read the value.
func (s *scanner) pairs(each func(key string)) {
	s.want('[')
	if kind := s.name(); s.err == nil && kind != "map" {
		s.fail("a %q where a map should be", kind)
	}
	s.want(',')
	s.array(func() {
		s.want('[')
		key := s.name()
		s.want(',')
		if s.err == nil {
			each(key)
		}
		s.want(']')
	})
	s.want(']')
}

// set skips ["set",[...]] and tells whether there was one.
func (s *scanner) set() bool {
	if s.peek() != '[' {
		return false
	}
	s.skip()
	return true
}

func (s *scanner) optionalInteger() *int64 {
	if s.set() {
		return nil
	}
	n, ok := s.integer()
	if !ok {
		return nil
	}
	return &n
}

func (s *scanner) optionalTruth() *bool {
	if s.set() {
		return nil
	}
	is := s.peek() == 't'
	if word := s.word(); word != "true" && word != "false" {
		s.fail("%.20q is neither true nor false", word)
		return nil
	}
	return &is
}

// word reads a number, true, false or null.
func (s *scanner) word() string {
	s.peek()
	start := s.i
	for ; s.err == nil && s.i < len(s.b); s.i++ {
		switch c := s.b[s.i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c == '-', c == '+', c == '.', c == 'E':
			continue
		}
		break
	}
	return string(s.b[start:s.i])
}

// integer reads a number. One that no int64 holds, or that is none, is not known.
func (s *scanner) integer() (int64, bool) {
	s.peek()
	start := s.i
	var n int64
	for s.err == nil && s.i < len(s.b) && s.i-start < 18 && s.b[s.i] >= '0' && s.b[s.i] <= '9' {
		n = 10*n + int64(s.b[s.i]-'0')
		s.i++
	}
	if s.i > start && s.i < len(s.b) && (s.b[s.i] == ']' || s.b[s.i] == ',' || s.b[s.i] == '}') {
		return n, true
	}
	s.i = start
	word := s.word()
	if word == "" {
		s.fail("no number")
		return 0, false
	}
	n, err := strconv.ParseInt(word, 10, 64)
	return n, err == nil
}

// raw reads a string with its quotes, and tells whether it has no backslash.
func (s *scanner) raw() ([]byte, bool) {
	s.want('"')
	start, plain := s.i-1, true
	for ; s.err == nil && s.i < len(s.b); s.i++ {
		switch s.b[s.i] {
		case '\\':
			plain = false
			s.i++
		case '"':
			s.i++
			return s.b[start:s.i], plain
		}
	}
	s.fail("no end of a string")
	return nil, false
}

// name reads a string that comes often.
func (s *scanner) name() string {
	b, plain := s.raw()
	if !plain {
		return s.unquote(b)
	}
	b = b[1 : len(b)-1]
	if known, ok := s.names[string(b)]; ok {
		return known
	}
	name := string(b)
	s.names[name] = name
	return name
}

func (s *scanner) text() string {
	b, plain := s.raw()
	if !plain {
		return s.unquote(b)
	}
	return string(b[1 : len(b)-1])
}

func (s *scanner) unquote(b []byte) string {
	if s.err != nil {
		return ""
	}
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		s.fail("%.40q is no string", b)
	}
	return text
}

// skip passes over one value.
func (s *scanner) skip() {
	switch s.peek() {
	case '"':
		s.raw()
	case '[', '{':
		var f frame
		end := f.end(s.b[s.i:])
		if end < 0 {
			s.fail("no end of a value")
			return
		}
		s.i += end
	default:
		if s.word() == "" {
			s.fail("no value")
		}
	}
}
