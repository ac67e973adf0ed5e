package monitor

import (
	_ "embed" // for the table of events
	"strconv"
	"strings"
)

// coverageEvents are OVS's coverage counters, one a line: its name, the first
// and the last minor release that has it ("-" = from 2.17, to 4.0), and "?"
// where it depends on how OVS was built. From the COVERAGE_DEFINE lines of lib,
// ofproto and vswitchd in the first release of each branch from v2.17.0 to
// v3.7.0 and in branch-4.0. What only later patch releases have stands at the
// minor release that began with it.
//
//go:embed coverage_events.txt
var coverageEvents string

// release is the number of a minor release of OVS.
type release struct{ major, minor int }

// The releases whose sources were read.
var (
	oldestRelease = release{2, 17}
	newestRelease = release{4, 0}
)

// parseRelease reads "3.1.0-2+deb12u1", "4.0" or "3.1"; ok is false for what
// names no release.
func parseRelease(text string) (r release, ok bool) {
	major, rest, _ := strings.Cut(text, ".")
	minor := rest
	if end := strings.IndexFunc(rest, func(c rune) bool { return c < '0' || c > '9' }); end >= 0 {
		minor = rest[:end]
	}
	var err, err2 error
	r.major, err = strconv.Atoi(major)
	r.minor, err2 = strconv.Atoi(minor)
	return r, err == nil && err2 == nil
}

func (r release) before(o release) bool {
	return r.major < o.major || r.major == o.major && r.minor < o.minor
}

// KnownEvents returns the coverage counters that every build of an OVS release
// has, "3.1.0": one that such a switch does not tell never counted, and is 0.
// For a release whose sources were not read it is empty.
func KnownEvents(ovsVersion string) []string {
	r, ok := parseRelease(ovsVersion)
	if !ok || r.before(oldestRelease) || newestRelease.before(r) {
		return nil
	}
	var known []string
	for line := range strings.Lines(coverageEvents) {
		words := strings.Fields(line)
		if len(words) == 3 && within(r, words[1], words[2]) {
			known = append(known, words[0])
		}
	}
	return known
}

func within(r release, first, last string) bool {
	if f, ok := parseRelease(first); ok && r.before(f) {
		return false
	}
	l, ok := parseRelease(last)
	return !ok || !l.before(r)
}
