package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// value is one JSON value, kept as it came. Fifty thousand rows are read without
// reflection: rows are cut out of the message, and columns out of rows.
type value []byte

// next cuts the first value off b; rest begins behind it. It trusts nothing, but
// finds only the end of what is valid JSON.
func next(b []byte) (v value, rest []byte, err error) {
	b = afterSpace(b)
	if len(b) == 0 {
		return nil, nil, fmt.Errorf("the value ends too early")
	}
	switch b[0] {
	case '"':
		end := stringEnd(b)
		if end < 0 {
			return nil, nil, fmt.Errorf("a string without end")
		}
		return value(b[:end]), b[end:], nil
	case '{', '[':
		end := nestEnd(b)
		if end < 0 {
			return nil, nil, fmt.Errorf("brackets without end")
		}
		return value(b[:end]), b[end:], nil
	}
	end := 0
	for end < len(b) && !ends(b[end]) {
		end++
	}
	if end == 0 {
		return nil, nil, fmt.Errorf("no value at %.10q", b)
	}
	return value(b[:end]), b[end:], nil
}

// afterSpace leaves out the blanks that b begins with.
func afterSpace(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t' || b[0] == '\r' || b[0] == '\n') {
		b = b[1:]
	}
	return b
}

// ends says whether a character comes after a number or a word, and is in none.
func ends(c byte) bool {
	switch c {
	case ',', ']', '}', ':', ' ', '\t', '\r', '\n':
		return true
	}
	return false
}

// stringEnd is the place behind a string's closing quote.
func stringEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

func nestEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			n := stringEnd(b[i:])
			if n < 0 {
				return -1
			}
			i += n - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// punct cuts one character off, after spaces.
func punct(b []byte) (byte, []byte) {
	b = afterSpace(b)
	if len(b) == 0 {
		return 0, nil
	}
	return b[0], b[1:]
}

// object calls f with each member.
func (v value) object(f func(key string, member value) error) error {
	return v.members(func(k, member value) error {
		key, err := k.text()
		if err != nil {
			return err
		}
		return f(key, member)
	})
}

// members is object with the keys as they stand, in their quotes.
func (v value) members(f func(key, member value) error) error {
	if len(v) < 2 || v[0] != '{' {
		return fmt.Errorf("%.40s is no object", v)
	}
	if c, _ := punct(v[1:]); c == '}' {
		return nil
	}
	rest := []byte(v[1:])
	for {
		var k, member value
		var err error
		if k, rest, err = next(rest); err != nil {
			return err
		}
		c, after := punct(rest)
		if k[0] != '"' || c != ':' {
			return fmt.Errorf("%.40s has no value", k)
		}
		if member, rest, err = next(after); err != nil {
			return err
		}
		if err := f(k, member); err != nil {
			return err
		}
		if c, rest = punct(rest); c != ',' {
			return nil
		}
	}
}

// array returns the elements.
func (v value) array() ([]value, error) {
	if len(v) < 2 || v[0] != '[' {
		return nil, fmt.Errorf("%.40s is no array", v)
	}
	if c, _ := punct(v[1:]); c == ']' {
		return nil, nil
	}
	var all []value
	rest := []byte(v[1:])
	for {
		var e value
		var err error
		if e, rest, err = next(rest); err != nil {
			return nil, err
		}
		all = append(all, e)
		var c byte
		if c, rest = punct(rest); c != ',' {
			return all, nil
		}
	}
}

func (v value) text() (string, error) {
	if len(v) < 2 || v[0] != '"' {
		return "", fmt.Errorf("%.40s is no string", v)
	}
	if bytes.IndexByte(v, '\\') < 0 {
		return string(v[1 : len(v)-1]), nil
	}
	var s string
	err := json.Unmarshal(v, &s)
	return s, err
}

func (v value) integer(most uint64) (uint64, error) {
	n, err := strconv.ParseUint(string(v), 10, 64)
	if err != nil || n > most {
		return 0, fmt.Errorf("%.40s is no number of 0 to %d", v, most)
	}
	return n, nil
}

func (v value) boolean() (bool, error) {
	switch string(v) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("%.40s is no boolean", v)
}

// quotedUUID reads a string that is a UUID.
func (v value) quotedUUID() (logical.UUID, error) {
	if len(v) == 38 && bytes.IndexByte(v, '\\') < 0 {
		return logical.ParseUUID([]byte(v[1:37]))
	}
	s, err := v.text()
	if err != nil {
		return logical.UUID{}, err
	}
	return logical.ParseUUID(s)
}

// uuid reads ["uuid", TEXT].
func (v value) uuid() (logical.UUID, error) {
	const before, after = `["uuid","`, `"]`
	if len(v) == len(before)+36+len(after) && string(v[:len(before)]) == before { // as ovsdb-server writes it
		return v[len(before)-1 : len(v)-1].quotedUUID()
	}
	pair, err := v.array()
	if err != nil || len(pair) != 2 || string(pair[0]) != `"uuid"` {
		return logical.UUID{}, fmt.Errorf("%.60s is no reference", v)
	}
	return pair[1].quotedUUID()
}

// atoms returns the elements of a set: ["set", [ATOM...]], or one atom alone.
func (v value) atoms() ([]value, error) {
	if len(v) == 0 {
		return nil, nil
	}
	if v[0] != '[' {
		return []value{v}, nil
	}
	pair, err := v.array()
	if err != nil {
		return nil, err
	}
	if len(pair) == 2 && string(pair[0]) == `"set"` {
		return pair[1].array()
	}
	return []value{v}, nil
}

// pairs calls f with each pair of ["map", [[KEY, VALUE]...]].
func (v value) pairs(f func(key, val value) error) error {
	if len(v) == 0 {
		return nil
	}
	outer, err := v.array()
	if err != nil || len(outer) != 2 || string(outer[0]) != `"map"` {
		return fmt.Errorf("%.40s is no map", v)
	}
	all, err := outer[1].array()
	if err != nil {
		return err
	}
	for _, p := range all {
		pair, err := p.array()
		if err != nil || len(pair) != 2 {
			return fmt.Errorf("%.40s is no pair", p)
		}
		if err := f(pair[0], pair[1]); err != nil {
			return err
		}
	}
	return nil
}
