package tunnel

import (
	"fmt"
	"net/netip"
	"time"
)

// Limits of what is taken for well.
const (
	// live is how long after its last word a host is taken for alive.
	live = time.Minute
	// asked is how long after a packet the question for its next hop must have been
	// answered: the switch asks with each packet that waits.
	asked = time.Minute
)

// Explain is why the peer is not reached, what lies nearest to this host first; none
// where nothing is known to be wrong.
func Explain(f Facts) []Reason {
	var all []Reason
	for _, judge := range []func(Facts) (Reason, bool){
		port, option, laid, registered, address, route, link, neighbour, listens, bfd, mtu, heartbeat, generation, oneWay,
	} {
		if r, wrong := judge(f); wrong {
			all = append(all, r)
		}
	}
	return all
}

// Overhead is how many bytes of the underlay's MTU a tunnel packet to an address takes
// besides the guest's IP packet: IP, UDP and Geneve headers, an option of 4 bytes with
// its header of 4, and the guest's Ethernet header (RFC 8926).
func Overhead(to netip.Addr) int {
	const udp, geneve, option, ethernet = 8, 8, 8, 14
	ip := 20
	if to.Is6() {
		ip = 40
	}
	return ip + udp + geneve + option + ethernet
}

func because(what, fix string) (Reason, bool) { return Reason{What: what, Fix: fix}, true }

func well() (Reason, bool) { return Reason{}, false }

func port(f Facts) (Reason, bool) {
	switch {
	case f.Port.Error != "":
		return because(fmt.Sprintf("Open vSwitch refused the tunnel port %s: %s", f.Port.Name, f.Port.Error),
			"two tunnel ports of one switch may not be alike: ovs-vsctl show; ovs-vswitchd's log says more")
	case !f.Port.There:
		return because(fmt.Sprintf("bridge %s has no tunnel port %s", f.Bridge, f.Port.Name),
			"sluicectl host plan shows what is to be made, and sluicectl host status why it is not")
	}
	return well()
}

func option(f Facts) (Reason, bool) {
	switch {
	case !f.Known.Option || f.Option == f.Want:
		return well()
	case f.Option == Option{}:
		return because(fmt.Sprintf("bridge %s does not know the tunnel option (class %#x, type %#x): nothing can be laid or taken from a tunnel", f.Bridge, f.Want.Class, f.Want.Type),
			"the daemon adds it when it connects to the bridge: sluicectl host status; ovs-ofctl dump-tlv-map "+f.Bridge)
	}
	return because(fmt.Sprintf("tun_metadata0 of bridge %s is somebody else's tunnel option (class %#x, type %#x, %d bytes)", f.Bridge, f.Option.Class, f.Option.Type, f.Option.Length),
		"ovs-ofctl del-tlv-map "+f.Bridge+" frees it, once nothing uses it")
}

func laid(f Facts) (Reason, bool) {
	if f.Laid == "" {
		return well()
	}
	return because("this host's flows are not in: "+f.Laid, "sluicectl host status")
}

func registered(f Facts) (Reason, bool) {
	if f.Registered {
		return well()
	}
	return because(fmt.Sprintf("this host, %s, is not in the store: no other host sends to it", f.Self),
		"it registers once its flows are in; a host that has its name or tunnel address already keeps it: sluicectl ch list")
}

func address(f Facts) (Reason, bool) {
	switch {
	case !f.Peer.Address.IsValid():
		return because(fmt.Sprintf("host %s has no tunnel address of the family of %s, this host's", f.Peer.Name, f.Address),
			"give both hosts one of the same family: overlay.address in their profiles")
	case f.Peer.Holder != "":
		return because(fmt.Sprintf("address %s of host %s is host %s's as well, and that one gets what is sent there", f.Peer.Address, f.Peer.Name, f.Peer.Holder),
			"give one of them another overlay.address, or delete the one that is gone: sluicectl ch del HOST")
	}
	return well()
}

func route(f Facts) (Reason, bool) {
	switch {
	case !f.Known.Routes || !f.Peer.Address.IsValid():
		return well()
	case f.Route == nil:
		return because(fmt.Sprintf("Open vSwitch has no route to %s: what is sent there is dropped", f.Peer.Address),
			"ovs-appctl ovs/route/show lists what it has; give the bridge that carries the tunnels its address and routes (bridges in the profile), and set it up")
	case !f.Route.Bridge:
		return because(fmt.Sprintf("the route to %s leads over %s, which is no bridge of this switch: its own tunnels leave over a bridge only", f.Peer.Address, f.Route.Device),
			"move the tunnel address from "+f.Route.Device+" to a bridge with the NIC in it (bridges in the profile)")
	}
	return well()
}

// nextHop is whom the switch sends the packet to.
func (f Facts) nextHop() netip.Addr {
	if f.Route.Gateway.IsValid() {
		return f.Route.Gateway
	}
	return f.Peer.Address
}

// NotAsked says that the next hop is not known because no packet needed it lately:
// then there is nothing to judge.
func (f Facts) NotAsked() bool {
	return f.Route != nil && f.Neighbour == "" && (!f.Known.Counters || f.Sent == 0 || f.Idle > asked)
}

func neighbour(f Facts) (Reason, bool) {
	if !f.Known.Neighbours || f.Route == nil || f.Neighbour != "" || f.NotAsked() {
		return well()
	}
	question := "ARP"
	if f.nextHop().Is6() {
		question = "neighbour solicitation"
	}
	return because(fmt.Sprintf("nobody on %s answers the %s for %s, the next hop to %s: packets are dropped until somebody does", f.Route.Device, question, f.nextHop(), f.Peer.Name),
		fmt.Sprintf("is the cable in, the VLAN right, and %s up there? ovs-appctl tnl/neigh/show lists who answered; sluicectl port list shows the link", f.nextHop()))
}

func listens(f Facts) (Reason, bool) {
	if !f.Known.Listeners || f.Listens {
		return well()
	}
	return because(fmt.Sprintf("nothing on this host takes packets for %s, UDP %d, off the wire: what others send is not for a tunnel", f.Address, f.UDPPort),
		"the address must be on a bridge of this switch, and up: ovs-appctl tnl/ports/show -v lists what is taken")
}

func bfd(f Facts) (Reason, bool) {
	if f.BFD == nil || f.BFD.State == "up" {
		return well()
	}
	text := fmt.Sprintf("BFD on port %s is %s (%s)", f.Port.Name, f.BFD.State, f.BFD.Diagnostic)
	if f.BFD.RemoteState == "admin_down" {
		return because(text+": host "+f.Peer.Name+" has taken its end down", "look at the daemon there: sluicectl host status")
	}
	return because(fmt.Sprintf("%s; the last word of the other end is %s (%s)", text, f.BFD.RemoteState, f.BFD.RemoteDiagnostic),
		fmt.Sprintf("does the tunnel pass both ways (UDP %d)? does host %s watch this one: sluicectl tunnel explain %s there", f.UDPPort, f.Peer.Name, f.Self))
}

func mtu(f Facts) (Reason, bool) {
	if f.Route == nil || f.Route.MTU == 0 || f.GuestMTU == 0 || !f.Peer.Address.IsValid() {
		return well()
	}
	over := Overhead(f.Peer.Address)
	if f.GuestMTU+over <= f.Route.MTU {
		return well()
	}
	return because(fmt.Sprintf("MTU: guests here send up to %d bytes, with the tunnel's headers %d, and %s takes %d: what is longer than %d is dropped",
		f.GuestMTU, f.GuestMTU+over, f.Route.Device, f.Route.MTU, f.Route.MTU-over),
		fmt.Sprintf("an MTU of %d for %s, its NIC and the network behind, or of %d for the guests", f.GuestMTU+over, f.Route.Device, f.Route.MTU-over))
}

func heartbeat(f Facts) (Reason, bool) {
	fix := fmt.Sprintf("does sluiced run on %s and reach the store? sluicectl host status there; if the host is gone: sluicectl ch del %s", f.Peer.Name, f.Peer.Name)
	switch {
	case !f.Known.Heartbeats:
		return well()
	case !f.Peer.Told:
		return because(fmt.Sprintf("host %s never told the store that it lives", f.Peer.Name), fix)
	case f.Peer.Silence > live:
		return because(fmt.Sprintf("host %s told the store last %s ago that it lives; it may go on forwarding what it knows", f.Peer.Name, f.Peer.Silence.Round(time.Second)), fix)
	}
	return well()
}

// generation judges a host that lives: one that is silent cannot tell.
func generation(f Facts) (Reason, bool) {
	if !f.Known.Heartbeats || !f.Peer.Told || f.Peer.Silence > live || f.Peer.Generation >= f.Generation || f.Aged <= live {
		return well()
	}
	return because(fmt.Sprintf("host %s has flows of generation %d, and the store is at %d for %s: it does not know what is newer", f.Peer.Name, f.Peer.Generation, f.Generation, f.Aged.Round(time.Second)),
		"what keeps it: sluicectl host status on "+f.Peer.Name)
}
