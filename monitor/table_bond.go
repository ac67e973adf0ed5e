package monitor

func bondRows() map[key]Metric {
	bond := []string{"bridge", "port"}
	member := []string{"bridge", "port", "interface"}
	const (
		show  = "bond/show"
		lacp  = "lacp/show"
		stats = "lacp/show-stats"
	)
	return map[key]Metric{
		bondInfo: {
			Name: "ovs_bond_info", Type: Gauge, Set: Base, Source: show, Labels: []string{"bridge", "port", "mode", "lacp"},
			Help: "Always 1; the labels tell how the bond balances, and how LACP stands: negotiated, configured (the other end does not answer) or off.",
		},
		bondMembers: {
			Name: "ovs_bond_members", Type: Gauge, Unit: Members, Set: Base, Source: show, Labels: bond,
			Help: "Interfaces of the bond.",
		},
		bondMembersEnabled: {
			Name: "ovs_bond_members_enabled", Type: Gauge, Unit: Members, Set: Base, Source: show, Labels: bond,
			Help: "Interfaces of the bond that carry packets.",
		},
		bondMemberEnabled: {
			Name: "ovs_bond_member_enabled", Type: Gauge, Set: Base, Source: show, Labels: member,
			Help: "1 when the interface carries packets of its bond.",
		},
		bondMemberActive: {
			Name: "ovs_bond_member_active", Type: Gauge, Set: Base, Source: show, Labels: member,
			Help: "1 on the one interface of the bond that sends what must not be balanced; in active-backup, everything.",
		},
		lacpNegotiated: {
			Name: "ovs_lacp_negotiated", Type: Gauge, Set: Base, Source: show, Labels: bond,
			Help: "1 when LACP has come to an agreement with the other end. Absent where LACP is off.",
		},
		lacpCurrent: {
			Name: "ovs_lacp_member_current", Type: Gauge, Set: Base, Source: lacp, Labels: member,
			Help: "1 while the other end's PDUs come in time; 0 when they stopped or never came.",
		},
		lacpAttached: {
			Name: "ovs_lacp_member_attached", Type: Gauge, Set: Base, Source: lacp, Labels: member,
			Help: "1 when the interface is part of the aggregate.",
		},
		lacpPDUs: {
			Name: "ovs_lacp_pdus_total", Type: Counter, Unit: PDUs, Set: Counters, Source: stats, Labels: []string{"bridge", "port", "interface", "kind"},
			Help: "LACP PDUs by kind: tx, rx, rx_bad (they make no sense) and rx_marker (requests, which OVS does not answer).",
		},
		lacpExpired: {
			Name: "ovs_lacp_link_expired_total", Type: Counter, Unit: Changes, Set: Errors, Source: stats, Labels: member,
			Help: "Times the other end fell silent.",
		},
		lacpDefaulted: {
			Name: "ovs_lacp_link_defaulted_total", Type: Counter, Unit: Changes, Set: Errors, Source: stats, Labels: member,
			Help: "Times the other end was given up.",
		},
		lacpCarrier: {
			Name: "ovs_lacp_carrier_changes_total", Type: Counter, Unit: Changes, Set: Errors, Source: stats, Labels: member,
			Help: "Changes of the interface's carrier as LACP saw them.",
		},
	}
}
