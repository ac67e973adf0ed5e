package appctl

import (
	"io"
	"strings"
)

// ParseCoverage reads the reply of coverage/show: the totals of OVS's event
// counters by name, since the process started. Counters that never counted are
// left out. Threads add their share about once a second, so totals may lag.
//
// Printed by coverage_read of lib/coverage.c, the same from OVS 2.17 to 4.0.
func ParseCoverage(r io.Reader) (map[string]uint64, error) {
	totals := map[string]uint64{}
	err := eachLine(r, "coverage/show", func(line string) bool {
		if strings.HasPrefix(line, "Event coverage, avg rate over last: ") || strings.HasSuffix(line, " events never hit") {
			return true
		}
		rates, text, ok := strings.Cut(line, " total: ")
		words := strings.Fields(rates)
		if !ok || len(words) != 4 {
			return false
		}
		for _, rate := range words[1:] {
			if !strings.HasSuffix(rate, "/sec") {
				return false
			}
		}
		var total uint64
		if !number(&total, text, 64) {
			return false
		}
		totals[words[0]] = total
		return true
	})
	if err != nil {
		return nil, err
	}
	return totals, nil
}
