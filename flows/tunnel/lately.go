package tunnel

import (
	"fmt"
	"strings"
	"time"
)

// unheard is how long nothing came from a peer that is sent to until that is odd.
const unheard = 10 * time.Second

// link judges the way out of the host: a bond with one link left carries.
func link(f Facts) (Reason, bool) {
	var names []string
	for _, n := range f.NICs {
		if n.Link {
			return well()
		}
		names = append(names, n.Name)
	}
	if f.Route == nil || len(names) == 0 {
		return well()
	}
	return because(fmt.Sprintf("no NIC of bridge %s has a link (%s): nothing leaves this host for %s", f.Route.Device, strings.Join(names, ", "), f.Peer.Name),
		"is the cable in, and the port of the physical switch up? sluicectl port explain "+names[0])
}

// Doubtful says that packets go and none came for a while: a second look tells
// whether that goes on.
func (f Facts) Doubtful() bool {
	return f.Known.Counters && f.Sent > 0 && f.Received > 0 && f.Idle < unheard && f.Heard >= unheard && f.Lately.Over == 0
}

// oneWay judges the last while, not all that was ever counted: a tunnel that worked
// once may have ceased to. Less than a packet each other second is chatter that
// nobody answers.
func oneWay(f Facts) (Reason, bool) {
	fix := fmt.Sprintf("unless nobody answers there: is the cable of both hosts in, and UDP %d let through on the way and back? sluicectl tunnel explain %s on %s", f.UDPPort, f.Self, f.Peer.Name)
	l := f.Lately
	switch {
	case !f.Known.Counters || f.Sent == 0 || f.Neighbour == "":
		return well()
	case f.Received == 0:
		return because(fmt.Sprintf("%d packets were sent to host %s and none came from it", f.Sent, f.Peer.Name), fix)
	case l.Over == 0 || l.Received > 0 || f.Heard < unheard || l.Sent < max(3, uint64(l.Over/(2*time.Second))):
		return well()
	}
	return because(fmt.Sprintf("%d packets were sent to host %s in the last %s and none came from it; the last one came %s ago", l.Sent, f.Peer.Name, l.Over.Round(time.Second), f.Heard.Round(time.Second)), fix)
}
