package monitor

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

//go:generate go test -run TestDropPage -update .

const dropPageHead = `# Drops

<!-- Written by "go generate ./monitor" from the causes in package monitor. -->

` + "`ovs_drops_total{scope,cause,bridge,interface,direction}`" + ` counts the packets that ended in this host's switch, by cause.
Each packet is in one cause at most, so the causes may be added up:

    sum by (job, instance, scope, cause, bridge, interface, direction) (rate(ovs_drops_total[5m])) > 0

- ` + "`scope=\"port\"`" + `: counted at an interface; ` + "`direction`" + ` is OVS's view, rx comes into the switch (of a vhost port: from the guest).
- ` + "`scope=\"process\"`" + `: counted for the whole of ovs-vswitchd; OVS does not tell at which port.
- A copy of a packet (a flood, a mirror, the controller's) that is dropped counts as a packet.
- A cause that the running release, the port or its driver does not have is absent; one that never happened is 0.
- Causes of a port are as fresh as OVS writes them (5 s), those of the process lag about a second.

## What contains what

These hold packets that a cause counts too. They stay in metrics of their own and are not to be added to the causes.

| Counter | Contains | Where |
| --- | --- | --- |
`

const dropPageDevices = `
## Which port has which cause

| Interface type | Causes |
| --- | --- |
`

const dropPageKernel = `
Of the kernel's devices rx missed and rx errors are taken for apart, as the kernel's documentation has them
(Documentation/networking/statistics.rst). Some drivers (bnx2x) put missed packets into errors as well: there, add up rx errors alone.
`

const dropPageDrivers = `
DPDK drivers differ in what two of their counters mean. Of a driver that is not here neither is a cause;
the counters themselves are ` + "`ovs_interface_rx_mbuf_allocation_errors_total` and `ovs_interface_tx_errors_total`" + `.

| Driver | rx no_mbuf | tx errors | Source (DPDK 22.11) |
| --- | --- | --- | --- |
`

const dropPageTail = `
## What nobody counts

- Packets for a vhost port without a guest, from OVS 3.1 on: its statistics are told while a guest is connected, and start at 0 when one connects.
- Packets that a flow measures (check_pkt_larger), commits to conntrack (ct) or meters within the rate, and then sends nowhere: only a flow
  without any action has the action that counts (ofproto/ofproto-dpif-xlate.c, xlate_actions, 2.17 to 4.0). So of the logical network: what a
  stateless rule or an unknown MAC stops behind a router. The flows count them: ovs-ofctl dump-flows, sluicectl trace.
- What a system port received and OVS did not read in time, while the main thread was busy or ovs-vswitchd away: the kernel counts it at a socket
  that nobody asks (lib/netdev-linux.c, netdev_linux_rxq_recv_sock). It shows as less in ovs_interface_rx_packets_total than the neighbour sent.
- Packets that the kernel refuses from a system port (its device is down, its queue is full): the log says "error sending Ethernet packet".
- From OVS 3.3 on, with userspace-tso-enable: packets for a system port whose offload header could not be written; the log says "Prepend vnet hdr failed".
- Packets of flows that hw-offload has put into a NIC, and that drop: neither coverage nor the NIC's counters of errors have them; dpctl/dump-flows
  type=offloaded shows the flows with their packets.
- Copies that would have come after 64 KiB of actions (a flood to some 600 tunnels): OVS stops translating and sends what it has, by the slow path.
  ovs_coverage_events_total{event="xlate_actions_oversize"} grows (ofproto/ofproto-dpif-xlate.c, xlate_resubmit_resource_check).
- Packets for a controller above its controller_rate_limit (ofproto/pinsched.c).
- Fragments that waited in vain for the rest of their packet (conntrack).
- Packets for sFlow, IPFIX or the controller that a flow samples and does nothing else with: they end there as they should. The few that could
  not be handed over, around a deleted port, stand in one counter of OVS with all that could: no number of them can be told.
- What the NIC drops before its counters, and what a guest drops in its own driver.

## What OVS counts though nothing is lost

- Each sample of sFlow or IPFIX taken with a probability below 1, and each packet that only the controller gets (DHCP, DNS, ARP answered by the daemon):
  OVS calls them ` + "`datapath_drop_userspace_action_error`" + `. It is no cause here, and stays in ` + "`ovs_coverage_events_total`" + ` under that name.

## What OVS counts once more

- A packet that ran too deep (recursion_too_deep, too_many_resubmit) is traced for the log of ovs-vswitchd, once a second at most, and what the
  trace says is executed: that adds a drop, most often to of_pipeline (ofproto/ofproto-dpif-upcall.c, upcall_xlate, 2.17 to 4.0).

## What no test provokes

A test drops a known number of packets by each of the other causes, on a real OVS with DPDK, and finds exactly that number there and nowhere else.

| Cause | Why not |
| --- | --- |
`

// contained is a counter that holds packets of several causes.
type contained struct{ counter, contains, where string }

func containers() []contained {
	return []contained{
		{"Interface.statistics tx_dropped (dpdk, vhost)", "tx failure, mtu_exceeded, qos, invalid_hwol, not_ready", "lib/netdev-dpdk.c, netdev_dpdk_vhost_send and netdev_dpdk_eth_send (2.17 to 4.0)"},
		{"Interface.statistics rx_dropped (dpdk)", "rx missed, no_mbuf, qos", "lib/netdev-dpdk.c, netdev_dpdk_get_stats (2.17 to 4.0)"},
		{"Interface.statistics rx_dropped (vhost)", "rx qos", "lib/netdev-dpdk.c, netdev_dpdk_vhost_rxq_recv (2.17 to 4.0)"},
		{"Interface.statistics rx_errors (vhost)", "rx_invalid_packet", "lib/netdev-dpdk.c, netdev_dpdk_vhost_update_rx_counters (2.17)"},
		{"Interface.statistics of the driver, *_errors and *_dropped, rx_qN_errors", "rx missed, rx errors, by the driver's own names", "lib/netdev-dpdk.c, netdev_dpdk_configure_xstats (2.17 to 4.0)"},
		{"lost upcalls: pmd-perf-show, dpctl/show lost", "upcall_error, lock_error, and packets that were forwarded though their flow could not be installed", "lib/dpif-netdev.c, fast_path_processing (2.17 to 4.0)"},
		{"meter bands: OpenFlow meter-stats", "meter", "lib/dpif-netdev.c, dp_netdev_run_meter (2.17 to 4.0)"},
		{"coverage datapath_drop_userspace_action_error", "packets whose last action handed them to a controller, to sFlow or to IPFIX: those that arrived, which are no drops, packet_in, packet_in_connection, " +
			"and those that could not be handed over", "lib/dpif-netdev.c, dp_execute_userspace_action; ofproto/ofproto-dpif-upcall.c, process_upcall, which ends them all with EAGAIN (2.17 to 4.0)"},
		{"coverage conntrack_full, conntrack_zone_full, conntrack_*_err", "of_pipeline, where the flows drop what conntrack found invalid", "lib/conntrack.c (2.17 to 4.0)"},
		{"coverage datapath_drop_hw_post_process_consumed", "nothing: the packet was taken over by the offload provider", "lib/dpif-netdev.c, dp_netdev_hw_flow (from 3.7)"},
	}
}

// WriteDropPage writes the help page of ovs_drops_total.
func WriteDropPage(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString(dropPageHead)
	for _, c := range containers() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", cell(c.counter), cell(c.contains), cell(c.where))
	}
	b.WriteString(dropPageDevices)
	for _, kind := range []string{"dpdk", "dpdkvhostuserclient, dpdkvhostuser", "internal, tap, system, afxdp", "geneve, vxlan, gre, patch"} {
		one, _, _ := strings.Cut(kind, ",")
		fmt.Fprintf(&b, "| %s | %s |\n", kind, cell(causesOf(one)))
	}
	b.WriteString(dropPageKernel)
	b.WriteString(dropPageDrivers)
	for _, d := range Drivers() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", d.Name, yes(d.NoMbuf), yes(d.TxErrors), cell(d.Where))
	}
	b.WriteString("\n## Causes of a port\n")
	scope := DropPort
	for _, c := range DropCauses() {
		if c.Scope != scope {
			scope = c.Scope
			b.WriteString("\n## Causes of the process\n")
		}
		c.write(&b)
	}
	b.WriteString(dropPageTail)
	for _, c := range DropCauses() {
		if c.Unproved != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", cell(c.title()), cell(c.Unproved))
		}
	}
	_, err := b.WriteTo(w)
	return err
}

func (c DropCause) title() string {
	return strings.TrimSpace(string(c.Direction) + " " + c.Cause)
}

func (c DropCause) write(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n### %s\n\n%s\n\n- Look at: %s\n- Do: %s\n- Counted as `%s`", c.title(), c.Means, c.Look, c.Do, c.Counter)
	if since := sinceOf(c); since != "" {
		fmt.Fprintf(b, " (%s)", since)
	}
	fmt.Fprintf(b, ", %s.\n", c.Where)
}

// causesOf are the causes that a port of a type can have.
func causesOf(interfaceType string) string {
	var titles []string
	for _, c := range portCauses() {
		fits := leafOf(&InterfaceSample{Type: interfaceType}, &c)
		for _, d := range Drivers() {
			fits = fits || leafOf(&InterfaceSample{Type: interfaceType, Driver: d.Name}, &c)
		}
		if fits {
			titles = append(titles, c.title())
		}
	}
	if titles == nil {
		return "none of its own"
	}
	return strings.Join(titles, ", ")
}

// sinceOf tells which releases have a process cause's counter, where not all do.
func sinceOf(c DropCause) string {
	for line := range strings.Lines(coverageEvents) {
		words := strings.Fields(line)
		if words[0] != c.Counter {
			continue
		}
		first, last := words[1], words[2]
		switch {
		case first == "-" && last == "-":
			return ""
		case first == "-":
			return "OVS to " + last
		case last == "-":
			return "from OVS " + first
		case first == last:
			return "OVS " + first
		}
		return "OVS " + first + " to " + last
	}
	return ""
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
