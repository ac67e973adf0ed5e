package pmd

import (
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
)

// RxqShow is what dpif-netdev/pmd-rxq-show tells: which PMD polls which queues
// and how much of it they use.
type RxqShow struct {
	// Window is the time over which usage was measured; 0 = not printed (before
	// OVS 3.1, where it is a minute, and where there are no PMDs).
	Window time.Duration
	// PMDs are the PMD threads in the order of their cores.
	PMDs []PMDQueues
}

// PMDQueues is one PMD thread with its queues. A queue that no PMD polls is in
// none of them: OVS does not print it.
type PMDQueues struct {
	Node, Core int // -1 = unknown
	// Isolated PMDs poll pinned queues only.
	Isolated bool
	Queues   []QueueUsage
	// Overhead is the share of cycles, in percent, that was spent on packets
	// but on none of the queues; nil = not yet measured, or no queues.
	Overhead *int
}

// QueueUsage is one receive queue.
type QueueUsage struct {
	Port    string
	Queue   int
	Enabled bool // false: the guest has not enabled it; it is not polled now
	// Usage is the share of the PMD's cycles, in percent, that the queue used;
	// nil = not yet measured since the PMD was last reloaded. Truncated to whole
	// percents before OVS 3.5, rounded since.
	Usage *int
}

// ParseRxqShow reads the reply of dpif-netdev/pmd-rxq-show. A line it does not
// know is an error that matches ErrFormat.
//
// Printed by pmd_info_show_rxq and dpif_netdev_pmd_info of lib/dpif-netdev.c:
// OVS 2.17 and 3.0 have no first line ("Displaying last …", since 3.1), all to
// 4.0 are the same else. Names longer than 16 characters are not cut.
func ParseRxqShow(r io.Reader) (RxqShow, error) {
	var show RxqShow
	err := appctl.EachLine(r, "dpif-netdev/pmd-rxq-show", func(line string) bool {
		if line == "" {
			return true
		}
		if h, ok := parseHeading(line); ok {
			show.PMDs = append(show.PMDs, PMDQueues{Node: h.node, Core: h.core})
			return h.thread == PMDThread
		}
		if len(show.PMDs) == 0 {
			return show.parseWindow(line)
		}
		return show.PMDs[len(show.PMDs)-1].parse(line)
	})
	if err != nil {
		return RxqShow{}, err
	}
	return show, nil
}

func (s *RxqShow) parseWindow(line string) bool {
	text, ok := strings.CutPrefix(line, "Displaying last ")
	if !ok {
		return false
	}
	text, ok = strings.CutSuffix(text, " seconds pmd usage %")
	if !ok {
		return false
	}
	seconds, err := strconv.ParseUint(text, 10, 16)
	s.Window = time.Duration(seconds) * time.Second
	return err == nil
}

func (p *PMDQueues) parse(line string) bool {
	key, value, _ := strings.Cut(line, ":")
	switch key {
	case "  isolated ":
		p.Isolated = value == " true"
		return p.Isolated || value == " false"
	case "  overhead":
		var ok bool
		p.Overhead, ok = parseUsage(value)
		return ok
	case "  port":
		q, ok := parseQueue(value)
		p.Queues = append(p.Queues, q)
		return ok
	}
	return false
}

// parseQueue reads " NAME  queue-id: N (enabled)   pmd usage: U". The name comes
// first and may hold anything but a slash, so the end is looked for from behind.
func parseQueue(text string) (QueueUsage, bool) {
	var q QueueUsage
	at := strings.LastIndex(text, "  queue-id: ")
	if at < 1 || text[0] != ' ' {
		return q, false
	}
	q.Port = strings.TrimRight(text[1:at], " ")
	state, usage, ok := strings.Cut(text[at+len("  queue-id: "):], "pmd usage: ")
	words := strings.Fields(state)
	if !ok || len(words) != 2 || q.Port == "" {
		return q, false
	}
	queue, err := strconv.ParseUint(words[0], 10, 16)
	if err != nil {
		return q, false
	}
	q.Queue = int(queue)
	q.Enabled = words[1] == "(enabled)"
	if !q.Enabled && words[1] != "(disabled)" {
		return q, false
	}
	q.Usage, ok = parseUsage(usage)
	return q, ok
}

// parseUsage reads "12 %" or "NOT AVAIL", which gives nil.
func parseUsage(text string) (*int, bool) {
	text = strings.TrimSpace(text)
	if text == "NOT AVAIL" {
		return nil, true
	}
	text, ok := strings.CutSuffix(text, " %")
	percent, err := strconv.ParseUint(text, 10, 31)
	if err != nil || !ok {
		return nil, false
	}
	usage := int(percent)
	return &usage, true
}
