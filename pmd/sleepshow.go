package pmd

import (
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
)

// SleepShow is what dpif-netdev/pmd-sleep-show tells: how long an idle PMD may
// sleep at most.
type SleepShow struct {
	// Default is the value of PMDs that have none of their own.
	Default time.Duration
	// PMDs are the PMD threads in the order of their cores; OVS 3.2 names none.
	PMDs []PMDSleep
}

// PMDSleep is the value of one PMD.
type PMDSleep struct {
	Node, Core int // -1 = unknown
	Max        time.Duration
}

// ParseSleepShow reads the reply of dpif-netdev/pmd-sleep-show. A line it does
// not know is an error that matches ErrFormat.
//
// Printed by dpif_netdev_pmd_info and pmd_info_show_sleep of lib/dpif-netdev.c:
// since OVS 3.2, a value for each PMD since 3.3, the same to 4.0.
func ParseSleepShow(r io.Reader) (SleepShow, error) {
	var show SleepShow
	err := appctl.EachLine(r, "dpif-netdev/pmd-sleep-show", func(line string) bool {
		if line == "" {
			return true
		}
		if h, ok := parseHeading(line); ok {
			show.PMDs = append(show.PMDs, PMDSleep{Node: h.node, Core: h.core})
			return h.thread == PMDThread
		}
		limit, label := &show.Default, "Default max sleep:"
		if n := len(show.PMDs); n > 0 {
			limit, label = &show.PMDs[n-1].Max, "  max sleep:"
		}
		text, ok := strings.CutPrefix(line, label)
		if !ok {
			return false
		}
		text, ok = strings.CutSuffix(strings.TrimLeft(text, " "), " us")
		micros, err := strconv.ParseUint(text, 10, 32)
		*limit = time.Duration(micros) * time.Microsecond
		return ok && err == nil
	})
	if err != nil {
		return SleepShow{}, err
	}
	return show, nil
}
