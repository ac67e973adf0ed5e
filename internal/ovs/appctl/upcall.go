package appctl

import (
	"io"
	"strings"
	"time"
)

// Upcalls is what upcall/show tells of one datapath: its megaflows and the
// threads that keep them true.
type Upcalls struct {
	Datapath string // "netdev@ovs-netdev"
	// Flows is the number of megaflows now, Average and Max those seen by the
	// revalidators. Limit is the number above which none are added: it shrinks
	// when a round of revalidation takes too long.
	Flows, Average, Max, Limit uint64
	// Offloaded is the number of megaflows in hardware; nil = none.
	Offloaded    *uint64
	DumpDuration time.Duration // of the last round of revalidation
	UFID         bool          // flows are named by a short id
	Revalidators []Revalidator
}

// Revalidator is one revalidator thread.
type Revalidator struct {
	ID   uint32 // of the thread, as in its name "revalidator7"
	Keys uint64 // megaflows it keeps
}

// ParseUpcalls reads the reply of upcall/show.
//
// Printed by upcall_unixctl_show of ofproto/ofproto-dpif-upcall.c, the same from
// OVS 2.17 to 4.0.
func ParseUpcalls(r io.Reader) ([]Upcalls, error) {
	var all []Upcalls
	err := eachLine(r, "upcall/show", func(line string) bool {
		if name, ok := strings.CutSuffix(line, ":"); ok && !strings.HasPrefix(line, " ") {
			all = append(all, Upcalls{Datapath: name})
			return true
		}
		return len(all) > 0 && all[len(all)-1].parse(line)
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

func (u *Upcalls) parse(line string) bool {
	line, indented := strings.CutPrefix(line, "  ")
	key, value, found := strings.Cut(line, ":")
	if !indented || !found {
		return false
	}
	value = strings.TrimLeft(value, " ")
	switch strings.TrimRight(key, " ") {
	case "flows":
		return u.parseFlows(value)
	case "offloaded flows":
		u.Offloaded = new(uint64)
		return number(u.Offloaded, value, 64)
	case "dump duration":
		var ms uint32
		text, ok := strings.CutSuffix(value, "ms")
		ok = ok && number(&ms, text, 32)
		u.DumpDuration = time.Duration(ms) * time.Millisecond
		return ok
	case "ufid enabled":
		u.UFID = value == "true"
		return u.UFID || value == "false"
	}
	var v Revalidator
	keys, ok := between(value, "(keys ", ")")
	if !ok || !number(&v.ID, key, 32) || !number(&v.Keys, keys, 64) {
		return false
	}
	u.Revalidators = append(u.Revalidators, v)
	return true
}

// parseFlows reads "(current 1) (avg 0) (max 2) (limit 10000)".
func (u *Upcalls) parseFlows(text string) bool {
	text, ok := between(text, "(", ")")
	for part := range strings.SplitSeq(text, ") (") {
		key, value, _ := strings.Cut(part, " ")
		var slot *uint64
		switch key {
		case "current":
			slot = &u.Flows
		case "avg":
			slot = &u.Average
		case "max":
			slot = &u.Max
		case "limit":
			slot = &u.Limit
		}
		if slot == nil || !number(slot, value, 64) {
			return false
		}
	}
	return ok
}
