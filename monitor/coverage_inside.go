package monitor

import "sync"

// inside remembers between scrapes what drops cannot be told without, and which
// events the running release has.
type inside struct {
	mu      sync.Mutex
	ledger  DropLedger
	version string
	events  []string
}

// look takes in a snapshot.
func (i *inside) look(s Snapshot, version string) (events []string, unexplained map[string]uint64) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if version != i.version {
		i.version, i.events = version, KnownEvents(version)
	}
	return i.events, i.ledger.Look(s)
}

// emit sends drops and what ovs-vswitchd tells of its inside.
func (i *inside) emit(e emitter, s Snapshot) {
	version := ""
	if s.Switch != nil {
		version = s.Switch.OVSVersion
	}
	events, unexplained := i.look(s, version)
	e.internals(s.Internals, events)
	for _, d := range Drops(DropInput{OVSVersion: version, Interfaces: inOrder(s.Interfaces), Coverage: s.Internals.Coverage, Unexplained: unexplained}) {
		e.emit(drops, float64(d.Packets), string(d.Scope), d.Cause, d.Bridge, d.Interface, string(d.Direction))
	}
}
