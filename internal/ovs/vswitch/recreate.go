package vswitch

// recreated are the ports that are deleted in one step and made in the next,
// or only one of the two: a port that gives an interface away is remade with the
// port that gets it. The value tells whether something there is not ours.
type recreated map[ID]bool

// recreations finds the ports that vswitchd would not change in place, and
// those that must go with them because an interface moves between them.
func recreations(o Observed, d Desired) recreated {
	ports := recreated{}
	moves := map[ID][]ID{}
	foreign := func(id ID) bool {
		r, exists := o.Row(id)
		return exists && r.Mark.Owner == ""
	}
	for _, r := range d.Rows {
		was, exists := o.Row(r.ID)
		if !exists || !mustRecreate(was, d.asFound(r, was)) {
			continue
		}
		to := portOf(r)
		ports[to] = ports[to] || foreign(to)
		if from := was.Parent; r.Table == IfaceTable && from != to {
			ports[from] = ports[from] || foreign(from)
			moves[from], moves[to] = append(moves[from], to), append(moves[to], from)
		}
	}
	// What hangs together by moves waits for the same word.
	for changed := true; changed; {
		changed = false
		for a, bs := range moves {
			for _, b := range bs {
				if ports[a] && !ports[b] {
					ports[b], changed = true, true
				}
			}
		}
	}
	return ports
}

// mustRecreate tells whether vswitchd would not follow a change of the row in
// place: it matches ports by name and type (vswitchd/bridge.c,
// bridge_delete_or_reconfigure_ports) and reads a vhost path once
// (lib/netdev-dpdk.c, netdev_dpdk_vhost_client_set_config).
func mustRecreate(was ObservedRow, want Row) bool {
	if want.ID == Root || want.Table == BridgeTable || want.Table == QoSTable || want.Table == CollectorSetTable || want.Table == IPFIXTable {
		return false
	}
	if was.Parent != want.Parent && was.Parent != (ID{}) {
		return true
	}
	if want.Table != IfaceTable {
		return false
	}
	const path = "options:vhost-server-path"
	return was.Settings["type"] != want.Settings["type"] ||
		was.Settings[path] != "" && want.Settings[path] != "" && was.Settings[path] != want.Settings[path]
}

// portOf returns the port that a port, interface or QoS row belongs to; zero
// for others.
func portOf(r Row) ID {
	switch r.Table {
	case PortTable:
		return r.ID
	case IfaceTable, QoSTable:
		return r.Parent
	case OpenvSwitch, BridgeTable, CollectorSetTable, IPFIXTable:
	}
	return ID{}
}
