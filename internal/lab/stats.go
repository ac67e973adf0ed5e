package lab

import (
	"fmt"
	"regexp"
	"strconv"
)

// parseStats reads the answer to "show port stats 0" (DPDK, app/test-pmd/config.c,
// nic_stats_display: "  RX-packets: %-10lu RX-missed: %-10lu RX-bytes:  %-lu" and
// so on, the same in 20.11 to 25.11).
func parseStats(text string) (Stats, error) {
	var s Stats
	fields := map[string]*uint64{
		"RX-packets": &s.RxPackets, "RX-bytes": &s.RxBytes, "RX-errors": &s.RxErrors, "RX-missed": &s.RxMissed,
		"RX-nombuf": &s.RxNoMbuf, "TX-packets": &s.TxPackets, "TX-bytes": &s.TxBytes, "TX-errors": &s.TxErrors,
	}
	seen := map[string]bool{}
	for _, m := range statsField.FindAllStringSubmatch(text, -1) {
		to, known := fields[m[1]]
		if !known {
			continue
		}
		n, err := strconv.ParseUint(m[2], 10, 64)
		if err != nil {
			return Stats{}, fmt.Errorf("%s: %w", m[1], err)
		}
		*to, seen[m[1]] = n, true
	}
	for name := range fields {
		if !seen[name] {
			return Stats{}, fmt.Errorf("no %s in %q", name, text)
		}
	}
	return s, nil
}

// statsField compiles the pattern of one counter. It is read only.
var statsField = regexp.MustCompile(`([RT]X-[a-z]+):\s+(\d+)`)
