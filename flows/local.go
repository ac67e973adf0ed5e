package flows

import (
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Local is what a host knows of its own switch. Port numbers are those of the
// integration bridge; 0 is none.
type Local struct {
	// Host is the name of the host's row.
	Host string
	// Ports are the interfaces with an iface-id, by it.
	Ports map[string]of.Port
	// Tunnel is the Geneve port with remote_ip=flow.
	Tunnel of.Port
	// Peers are the Geneve ports to one host each, which BFD watches, by the host's name.
	// One that is about to go is none: packets go by the one for all before it does.
	Peers map[string]of.Port
	// Networks are the patch ports to physical networks, by the network.
	Networks map[string]of.Port
	// Bridges are the patch ports to bridges that outside ports name, by the bridge.
	Bridges map[string]of.Port
	// Sampling is for IPFIX.
	Sampling Sampling
}
