package appctl

import (
	"io"
	"net/netip"
	"strings"
)

// Neighbour is an entry of the neighbour cache that OVS keeps for its own tunnels.
type Neighbour struct {
	Address netip.Addr
	MAC     string // "aa:55:aa:55:00:02"
	Bridge  string // whose local port has the tunnel address
	Stale   bool   // expired, and asked for anew by the next packet
}

// ParseNeighbours reads the reply of tnl/neigh/show (also called tnl/arp/show). The
// order has no meaning.
//
// Printed by tnl_neigh_cache_show of lib/tnl-neigh-cache.c, the same from OVS 2.17
// to 4.0.
func ParseNeighbours(r io.Reader) ([]Neighbour, error) {
	var all []Neighbour
	err := eachLine(r, "tnl/neigh/show", func(line string) bool {
		words := strings.Fields(line)
		if strings.HasPrefix(line, "====") && len(words) == 1 && strings.Trim(line, "=") == "" {
			return true
		}
		if len(words) == 3 && words[0] == "IP" && words[1] == "MAC" && words[2] == "Bridge" {
			return true
		}
		n := Neighbour{Stale: len(words) == 4 && words[3] == "STALE"}
		if len(words) != 3 && !n.Stale || !address(&n.Address, words[0]) || strings.Count(words[1], ":") != 5 {
			return false
		}
		n.MAC, n.Bridge = words[1], words[2]
		all = append(all, n)
		return true
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Listener is where OVS takes tunnel packets off the wire.
type Listener struct {
	Name string // of the datapath's port, "genev_sys_6081"
	Port uint32 // the number of the datapath's port
	// Address is the local tunnel address, and UDP the port that packets to it go to.
	// They are zero in the short form, and UDP also where the tunnel has none.
	Address netip.Addr
	UDP     uint16
}

// ParseListeners reads the reply of tnl/ports/show, with -v or without.
//
// Printed by tnl_port_show and tnl_port_show_v of lib/tnl-ports.c, the same from OVS
// 2.17 to 4.0: with -v the packets are a flow as odp_flow_format writes it.
func ParseListeners(r io.Reader) ([]Listener, error) {
	var all []Listener
	err := eachLine(r, "tnl/ports/show", func(line string) bool {
		if line == "Listening ports:" {
			return true
		}
		var l Listener
		name, rest, ok := strings.Cut(line, " (")
		digits, rest, ok2 := strings.Cut(rest, ")")
		if !ok || !ok2 || name == "" || !number(&l.Port, digits, 32) {
			return false
		}
		l.Name = name
		all = append(all, l)
		if count, ok := strings.CutPrefix(rest, " ref_cnt="); ok {
			var n uint32
			return number(&n, count, 32)
		}
		flow, ok := strings.CutPrefix(rest, " : ")
		return ok && all[len(all)-1].flow(flow)
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// flow reads "…,ipv4(dst=172.16.0.1,proto=17,frag=no),udp(dst=6081)".
func (l *Listener) flow(text string) bool {
	for _, part := range strings.SplitAfter(text, "),") {
		header, body, ok := strings.Cut(strings.TrimSuffix(part, ","), "(")
		body, closed := strings.CutSuffix(body, ")")
		if !ok || !closed {
			return false
		}
		for field := range strings.SplitSeq(body, ",") {
			value, ok := strings.CutPrefix(field, "dst=")
			if !ok {
				continue
			}
			switch header {
			case "ipv4", "ipv6":
				value, _, _ = strings.Cut(value, "/")
				if !address(&l.Address, value) {
					return false
				}
			case "udp":
				value, _, _ = strings.Cut(value, "/")
				if !number(&l.UDP, value, 16) {
					return false
				}
			}
		}
	}
	return true
}

// BFD is a session of one port.
type BFD struct {
	Port       string
	Forwarding bool
	State      string // "admin_down", "down", "init" or "up"
	Diagnostic string // why it is not up: "No Diagnostic", "Control Detection Time Expired", ...
	// RemoteState and RemoteDiagnostic are what the other end says.
	RemoteState, RemoteDiagnostic string
	// Details is every line by its key, "Detect Multiplier": "3".
	Details map[string]string
}

// ParseBFD reads the reply of bfd/show without a port. A port's name is not quoted
// there.
//
// Printed by bfd_unixctl_show and bfd_put_details of lib/bfd.c, the same from OVS
// 2.17 to 4.0.
func ParseBFD(r io.Reader) ([]BFD, error) {
	var all []BFD
	err := eachLine(r, "bfd/show", func(line string) bool {
		if name, ok := between(line, "---- ", " ----"); ok && name != "" {
			all = append(all, BFD{Port: name, Details: map[string]string{}})
			return true
		}
		text, indented := strings.CutPrefix(line, "  ")
		key, value, ok := strings.Cut(text, ": ")
		if !indented || !ok || len(all) == 0 {
			return false
		}
		all[len(all)-1].set(key, value)
		return true
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

func (b *BFD) set(key, value string) {
	b.Details[key] = value
	switch key {
	case "Forwarding":
		b.Forwarding = value == "true"
	case "Local Session State":
		b.State = value
	case "Local Diagnostic":
		b.Diagnostic = value
	case "Remote Session State":
		b.RemoteState = value
	case "Remote Diagnostic":
		b.RemoteDiagnostic = value
	}
}
