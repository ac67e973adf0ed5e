package appctl

import (
	"io"
	"strconv"
	"strings"
)

// ParseCoverageRates reads the reply of coverage/show: by how many a second OVS's
// event counters went up over the last minute, by name. Counters that never counted
// are left out. A minute that the process has not lived yet counts as it were at rest.
//
// Printed by coverage_read of lib/coverage.c, the same from OVS 2.17 to 4.0: the
// averages are over the last few seconds, minute and hour.
func ParseCoverageRates(r io.Reader) (map[string]float64, error) {
	rates := map[string]float64{}
	err := eachLine(r, "coverage/show", func(line string) bool {
		if strings.HasPrefix(line, "Event coverage, avg rate over last: ") || strings.HasSuffix(line, " events never hit") {
			return true
		}
		left, _, ok := strings.Cut(line, " total: ")
		words := strings.Fields(left)
		if !ok || len(words) != 4 {
			return false
		}
		text, ok := strings.CutSuffix(words[2], "/sec")
		rate, err := strconv.ParseFloat(text, 64)
		if !ok || err != nil || !(rate >= 0) {
			return false
		}
		rates[words[0]] = rate
		return true
	})
	if err != nil {
		return nil, err
	}
	return rates, nil
}
