package monitor

// actionCauses are the reasons for which ovs-vswitchd made a flow that drops
// (lib/odp-execute.c, dp_update_drop_action_counter; the reasons are of
// ofproto/ofproto-dpif-xlate.c). Each packet of such a flow counts in one.
func actionCauses() []DropCause {
	const trace = "ofproto/trace of such a packet shows the place; dpctl/dump-flows has the flows whose actions are drop."
	return []DropCause{
		{
			Scope: DropProcess, Cause: "of_pipeline", Counter: "drop_action_of_pipeline", Where: execute,
			Means: "The OpenFlow tables gave the packet nowhere to go: a flow that drops, a miss, an output to a port that does not exist, a port whose receiving is off, " +
				"a port that STP blocks, a tunnel without route or neighbour (to OVS 3.5), a packet that conntrack found invalid. Much of it is meant so: security rules. " +
				"Only packets with nothing at all to do are here: one that was measured, committed to conntrack or metered first, and then goes nowhere, is counted nowhere.",
			Look: trace + " On a network of ours: sluicectl trace tells the rule.",
			Do:   "Compare its rate with that of a quiet day. After a change, trace a packet that should have passed.",
		},
		{
			Scope: DropProcess, Cause: "bridge_not_found", Counter: "drop_action_bridge_not_found", Where: execute,
			Means:    "A packet went on after conntrack, a bond or a patch port, and its bridge was gone meanwhile.",
			Look:     "ovs-vsctl list-br; the log.",
			Do:       "Around a deleted bridge it passes by itself.",
			Unproved: "the bridge must go within the milliseconds between two passes of a packet.",
		},
		{
			Scope: DropProcess, Cause: "recursion_too_deep", Counter: "drop_action_recursion_too_deep", Where: execute,
			Means: "Resubmits nested more than 64 deep: a loop in the flows, or patch ports in a circle.",
			Look:  trace + " The log says \"over max translation depth\".",
			Do:    "Break the loop: a resubmit to its own or an earlier table, or two bridges that flood to each other.",
		},
		{
			Scope: DropProcess, Cause: "too_many_resubmit", Counter: "drop_action_too_many_resubmit", Where: execute,
			Means: "One packet needed more than 4096 resubmits.",
			Look:  trace + " The log says \"over 4096 resubmit actions\".",
			Do:    "Flows that resubmit several times at each of several tables multiply: use groups or fewer stages.",
		},
		{
			Scope: DropProcess, Cause: "stack_too_deep", Counter: "drop_action_stack_too_deep", Where: execute,
			Means: "The flows pushed more than 64 KiB onto the stack of one packet.",
			Look:  trace,
			Do:    "Find the push that is repeated: a loop.",
		},
		{
			Scope: DropProcess, Cause: "no_recirculation_context", Counter: "drop_action_no_recirculation_context", Where: execute,
			Means:    "A packet had to come back to the datapath (after conntrack, a bond, MPLS), and its place in the tables could not be kept, or was forgotten.",
			Look:     "the log; ovs_upcall_dump_duration_seconds.",
			Do:       "Around a change of bridges or bonds it passes by itself.",
			Unproved: "it needs every recirculation id to be in use; a packet whose id was forgotten is an upcall_error.",
		},
		{
			Scope: DropProcess, Cause: "recirculation_conflict", Counter: "drop_action_recirculation_conflict", Where: execute,
			Means:    "A packet came back to the datapath in a state that contradicts the place in the tables at which it left.",
			Look:     "the log.",
			Do:       "Report it to the makers of Open vSwitch, with the flows.",
			Unproved: "no flows are known that lead there.",
		},
		{
			Scope: DropProcess, Cause: "too_many_mpls_labels", Counter: "drop_action_too_many_mpls_labels", Where: execute,
			Means: "A flow pushed more MPLS labels than OVS can hold (three), or took off a label below those it can see.",
			Look:  trace,
			Do:    "Use fewer labels.",
		},
		{
			Scope: DropProcess, Cause: "invalid_tunnel_metadata", Counter: "drop_action_invalid_tunnel_metadata", Where: execute,
			Means:    "The Geneve options of a received packet contradict the bridge's table of options.",
			Look:     "ovs-ofctl dump-tlv-map BRIDGE; who sends such options.",
			Do:       "Make the tlv-map agree with the sender's.",
			Unproved: "it needs a tlv-map that changes between two passes of a packet.",
		},
		{
			Scope: DropProcess, Cause: "unsupported_packet_type", Counter: "drop_action_unsupported_packet_type", Where: execute,
			Means: "An encap() or decap() met a packet of a type it cannot do.",
			Look:  trace,
			Do:    "Match on packet_type before encap() and decap().",
		},
		{
			Scope: DropProcess, Cause: "congestion", Counter: "drop_action_congestion", Where: execute,
			Means: "A tunnelled packet was marked by a congested router (ECN) and its inner packet cannot carry the mark: RFC 6040 says drop.",
			Look:  "where on the underlay ECN marks are set.",
			Do:    "Relieve the congested link, or stop marking there.",
		},
		{
			Scope: DropProcess, Cause: "forwarding_disabled", Counter: "drop_action_forwarding_disabled", Where: execute,
			Means: "STP or RSTP lets the port learn and not forward yet. What a port receives that is blocked or listening counts in of_pipeline.",
			Look:  "ovs-appctl stp/show or rstp/show.",
			Do:    "Wait for the tree; else look for the loop that it found.",
		},
	}
}

// tunnelActionCauses are reasons of OVS 3.6 and later; before, these packets
// are in of_pipeline.
func tunnelActionCauses() []DropCause {
	const (
		newer = "it needs OVS 3.6 or later."
		older = "it needs OVS 3.6 or later; before, these packets count in of_pipeline, and a test shows that they do."
	)
	const where = execute + " (from 3.6)"
	return []DropCause{
		{
			Scope: DropProcess, Cause: "tunnel_routing_failed", Counter: "drop_action_tunnel_routing_failed", Where: where,
			Means: "There is no route to the tunnel's remote address in OVS's own table.",
			Look:  "ovs/route/lookup ADDRESS; sluicectl tunnel explain HOST.",
			Do:    "The local tunnel address must be on the internal port of the bridge that has the uplink; add the missing route to the host.", Unproved: older,
		},
		{
			Scope: DropProcess, Cause: "tunnel_neigh_cache_miss", Counter: "drop_action_tunnel_neigh_cache_miss", Where: where,
			Means: "The MAC of the tunnel's next hop is not known yet: the first packets to each peer are lost while ARP asks.",
			Look:  "tnl/neigh/show; whether ARP replies reach the bridge's internal port.",
			Do:    "A few at the start are normal. If it goes on, the next hop does not answer, or flows of the uplink's bridge keep ARP from LOCAL.", Unproved: older,
		},
		{
			Scope: DropProcess, Cause: "tunnel_output_no_ethernet", Counter: "drop_action_tunnel_output_no_ethernet", Where: where,
			Means: "A packet without Ethernet header was sent to a tunnel that carries Ethernet.",
			Look:  "the flows with decap() before the tunnel.",
			Do:    "encap(ethernet) first, or a layer-3 tunnel port.", Unproved: newer,
		},
		{
			Scope: DropProcess, Cause: "tunnel_header_build_failed", Counter: "drop_action_tunnel_header_build_failed", Where: where,
			Means: "The tunnel's header could not be made.",
			Look:  "the options of the tunnel interface; the log.",
			Do:    "Set the options right: addresses of one family, a valid key.", Unproved: newer,
		},
	}
}
