package pmd

import (
	"math"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
)

// ErrFormat marks control output that has a line these parsers do not know: OVS
// changed its words, and what the text says cannot be trusted any more.
var ErrFormat = appctl.ErrFormat

// Thread says which of the datapath's threads counters belong to.
type Thread string

// The threads that forward packets.
const (
	// PMDThread is a poll mode driver thread, pinned to one core.
	PMDThread Thread = "pmd"
	// MainThread is ovs-vswitchd's main thread: it serves ports that are not
	// polled, such as taps, and packets that the controller or BFD sends.
	MainThread Thread = "main"
)

// heading is the line that names a thread.
type heading struct {
	thread     Thread
	node, core int // -1 = not printed
}

// parseHeading reads "pmd thread numa_id 0 core_id 1:" or "main thread:". Either
// number may be left out (format_pmd_thread of lib/dpif-netdev.c); where it is
// not, INT_MAX is OVS_NUMA_UNSPEC.
func parseHeading(line string) (heading, bool) {
	h := heading{thread: PMDThread, node: -1, core: -1}
	rest, ok := strings.CutPrefix(line, "pmd thread")
	if !ok {
		h.thread = MainThread
		if rest, ok = strings.CutPrefix(line, "main thread"); !ok {
			return h, false
		}
	}
	rest, ok = strings.CutSuffix(rest, ":")
	words := strings.Fields(rest)
	if !ok || len(words)%2 != 0 {
		return h, false
	}
	for i := 0; i < len(words); i += 2 {
		n, err := strconv.ParseInt(words[i+1], 10, 32)
		if err != nil || n < -1 {
			return h, false
		}
		if n == math.MaxInt32 {
			n = -1
		}
		switch words[i] {
		case "numa_id":
			h.node = int(n)
		case "core_id":
			h.core = int(n)
		default:
			return h, false
		}
	}
	return h, true
}
