// Package appctl owns the grammar of control output that no domain package
// does: coverage, memory, datapaths, bridges, upcalls, routes, tunnels, BFD,
// traces, QoS, and the memory of DPDK. The output of dpif-netdev/pmd-* is package pmd's.
//
// Each parser takes the text of one reply and names the commands and sources of
// Open vSwitch that print it. What was recorded from 2.17 to 4.0 is parsed in
// the tests. A line that a parser does not know is an error that matches
// ErrFormat: OVS changed its words, and the rest of the text cannot be trusted.
package appctl

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// ErrFormat marks control output that has a line these parsers do not know.
var ErrFormat = errors.New("unknown format")

// maxLine bounds one line of control output in bytes.
const maxLine = 1 << 20

// eachLine hands the lines of a reply to known until it does not know one.
// Empty lines, which OVS strews about, are not handed on.
func eachLine(r io.Reader, command string, known func(line string) bool) error {
	return EachLine(r, command, func(line string) bool { return line == "" || known(line) })
}

// EachLine hands all lines of a command's reply to known, which says whether it knows
// them. The first that it does not know ends it with an error that matches ErrFormat and
// says where; so does a line of more than 1 MiB. It is for packages that own a grammar.
func EachLine(r io.Reader, command string, known func(line string) bool) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	number := 0
	for lines.Scan() {
		number++
		if !known(lines.Text()) {
			return fmt.Errorf("%s: line %d: %.100q: %w", command, number, lines.Text(), ErrFormat)
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("%s: line %d: longer than %d bytes: %w", command, number+1, maxLine, ErrFormat)
	}
	if lines.Err() != nil {
		return fmt.Errorf("%s: %w", command, lines.Err())
	}
	return nil
}

// number reads a decimal number of at most bits into slot.
func number[T uint16 | uint32 | uint64](slot *T, text string, bits int) bool {
	n, err := strconv.ParseUint(text, 10, bits)
	*slot = T(n)
	return err == nil
}

// between returns what stands between a prefix and a suffix.
func between(text, prefix, suffix string) (string, bool) {
	text, ok := strings.CutPrefix(text, prefix)
	text, ok2 := strings.CutSuffix(text, suffix)
	return text, ok && ok2
}

// options reads "key=value, key=value" as netdev_get_config's users print it. A
// value may hold a comma and a blank: what has no key belongs to the value
// before it.
func options(text string) (map[string]string, bool) {
	values := map[string]string{}
	last := ""
	for part := range strings.SplitSeq(text, ", ") {
		key, value, ok := strings.Cut(part, "=")
		switch {
		case ok && key != "":
			last = key
			values[key] = value
		case last == "":
			return nil, false
		default:
			values[last] += ", " + part
		}
	}
	return values, true
}

// cutLast is strings.Cut at the last separator that is not at the beginning.
func cutLast(text, separator string) (before, after string, found bool) {
	if at := strings.LastIndex(text, separator); at > 0 {
		return text[:at], text[at+len(separator):], true
	}
	return text, "", false
}
