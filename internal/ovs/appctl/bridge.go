package appctl

import (
	"io"
	"strings"
)

// Backer is a datapath with the bridges on it, from dpif/show.
type Backer struct {
	Datapath string  // "netdev@ovs-netdev"
	Lookups  Lookups // Lost is not printed here, and 0
	Bridges  []Bridge
}

// Bridge is one bridge of dpif/show.
type Bridge struct {
	Name  string
	Ports []BridgePort // in the order of their names
}

// BridgePort is a port as OpenFlow and the datapath number it.
type BridgePort struct {
	Name   string
	OFPort uint16 // 65534 is the bridge itself
	// Number is the datapath's; nil for patch ports, which have none. Tunnels of
	// one protocol share theirs.
	Number  *uint32
	Type    string
	Options map[string]string // as in DatapathPort
}

// ParseBridges reads the reply of dpif/show.
//
// Printed by dpif_show_backer (dpif_show_backer_text since OVS 3.4) of
// ofproto/ofproto-dpif.c, the same from 2.17 to 4.0.
func ParseBridges(r io.Reader) ([]Backer, error) {
	var backers []Backer
	err := eachLine(r, "dpif/show", func(line string) bool {
		if !strings.HasPrefix(line, " ") {
			name, counts, ok := cutLast(line, ": hit:")
			backers = append(backers, Backer{Datapath: name})
			return ok && backers[len(backers)-1].Lookups.parse("hit:"+counts)
		}
		if len(backers) == 0 {
			return false
		}
		bridges := &backers[len(backers)-1].Bridges
		if text, ok := strings.CutPrefix(line, "    "); ok {
			if len(*bridges) == 0 {
				return false
			}
			p, ok := parseBridgePort(text)
			bridge := &(*bridges)[len(*bridges)-1]
			bridge.Ports = append(bridge.Ports, p)
			return ok
		}
		name, ok := between(line, "  ", ":")
		*bridges = append(*bridges, Bridge{Name: name})
		return ok && name != ""
	})
	if err != nil {
		return nil, err
	}
	return backers, nil
}

// parseBridgePort reads "gnv0 3/4: (geneve: key=flow, remote_ip=10.9.0.2)".
func parseBridgePort(text string) (BridgePort, bool) {
	var p BridgePort
	head, device, ok := strings.Cut(text, ": (")
	device, ok2 := strings.CutSuffix(device, ")")
	name, numbers, ok3 := cutLast(head, " ")
	ofport, odp, ok4 := strings.Cut(numbers, "/")
	if !ok || !ok2 || !ok3 || !ok4 || !number(&p.OFPort, ofport, 16) {
		return p, false
	}
	p.Name = name
	if odp != "none" {
		p.Number = new(uint32)
		if !number(p.Number, odp, 32) {
			return p, false
		}
	}
	p.Type, p.Options, ok = parseDevice(device)
	return p, ok
}
