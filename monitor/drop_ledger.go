package monitor

import "time"

// unexplainedCounter stands for what is left of tx_dropped.
const unexplainedCounter = "tx_dropped without ovs_tx_*_drops"

// DropLedger finds how much of a port's tx_dropped no cause explains, over the
// samples of the interface that it is shown. OVS counts there, and nowhere
// else, what it drops because a port cannot send: the guest has its queue
// disabled, the device is down (lib/netdev-dpdk.c, netdev_dpdk_vhost_send and
// netdev_dpdk_eth_send, OVS 2.17 to 4.0).
//
// The difference of two numbers read at two times is no counter: OVS reads the
// causes first and the total after (vswitchd/bridge.c, iface_refresh_stats), so
// what is dropped between is in the total alone, until the next sample. The
// ledger therefore sets the former total against the causes of now: that is
// never too much, never goes down, and exact once nothing was dropped for one
// interval of the statistics.
//
// OVS before 3.1 takes the total back to 0 when a vhost port that has a guest is
// set up, and leaves the causes (netdev_dpdk_update_flags__): what these were then
// is the base from which they explain the new total.
//
// Its zero value is ready. It is not safe for concurrent use.
type DropLedger struct {
	process int
	ports   map[string]ledgerEntry
}

// ledgerEntry is what was read of an interface, and when it was first seen so.
type ledgerEntry struct {
	total, causes, sent, received int64

	base  int64 // of causes, when the total alone began anew
	seen  time.Time
	floor uint64 // the most that is known to be unexplained
}

// statsInterval is how often OVS refreshes statistics where
// other_config:stats-update-interval does not say otherwise.
const statsInterval = 5 * time.Second

// Look takes the snapshot of a time and returns the packets that nothing
// explains, by interface. An interface is absent at first, while its total is
// not told, and where it is of a kind that has no such causes.
func (l *DropLedger) Look(s Snapshot) map[string]uint64 {
	if s.Internals.Process != l.process {
		*l = DropLedger{process: s.Internals.Process}
	}
	keeps := keepsCauses(s)
	patience := 2 * max(s.Internals.StatsInterval, statsInterval)
	unexplained := map[string]uint64{}
	ports := map[string]ledgerEntry{}
	for _, i := range s.Interfaces {
		now, ok := entryOf(i)
		if !ok {
			continue
		}
		now.seen = s.Taken
		if was, known := l.ports[i.Interface]; known {
			now.follow(was, patience, keeps)
			unexplained[i.Interface] = now.floor
		}
		ports[i.Interface] = now
	}
	l.ports = ports
	return unexplained
}

// keepsCauses tells whether the release may reset a total without its causes.
func keepsCauses(s Snapshot) bool {
	if s.Switch == nil {
		return false
	}
	r, ok := parseRelease(s.Switch.OVSVersion)
	return ok && r.before(release{3, 1})
}

// follow takes over what is known from the former entry. The same numbers are
// no news until OVS must have read them again.
func (e *ledgerEntry) follow(was ledgerEntry, patience time.Duration, keepsCauses bool) {
	if e.total < was.total || e.causes < was.causes || e.sent < was.sent || e.received < was.received {
		if keepsCauses && e.causes >= was.causes {
			e.base = was.causes
		}
		return // counted anew
	}
	e.floor, e.base = was.floor, was.base
	if e.total == was.total && e.causes == was.causes && e.sent == was.sent && e.received == was.received {
		age := e.seen.Sub(was.seen)
		e.seen = was.seen
		if age < patience {
			return
		}
	}
	if rest := was.total - (e.causes - e.base); rest > 0 {
		e.floor = max(e.floor, uint64(rest))
	}
}

func entryOf(i InterfaceSample) (ledgerEntry, bool) {
	if kind := deviceOf(i.Type); kind != nicDevice && kind != vhostDevice {
		return ledgerEntry{}, false
	}
	total, ok := i.Statistics["tx_dropped"]
	if !ok || total < 0 {
		return ledgerEntry{}, false
	}
	e := ledgerEntry{total: total, sent: i.Statistics["tx_packets"], received: i.Statistics["rx_packets"]}
	for _, part := range txDroppedParts() {
		e.causes += max(i.Statistics[part], 0)
	}
	return e, true
}

// txDroppedParts are the causes that tx_dropped of a DPDK port contains
// (lib/netdev-dpdk.c, netdev_dpdk_common_send and its callers).
func txDroppedParts() []string {
	return []string{"ovs_tx_failure_drops", "ovs_tx_mtu_exceeded_drops", "ovs_tx_qos_drops", "ovs_tx_invalid_hwol_drops"}
}
