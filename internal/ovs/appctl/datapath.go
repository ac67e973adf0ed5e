package appctl

import (
	"io"
	"strings"
)

// UserspaceDatapath is the one of all netdev bridges (lib/dpif-netdev.c, lib/dpif.c,
// dpif_port_open_type).
const UserspaceDatapath = "netdev@ovs-netdev"

// Datapath is one datapath of dpctl/show.
type Datapath struct {
	Name string // UserspaceDatapath
	// Lookups and Flows are nil when the datapath would not tell.
	Lookups *Lookups
	// Flows is the number of megaflows; the userspace datapath counts one that
	// several PMDs have several times.
	Flows *uint64
	Ports []DatapathPort // in the order of their numbers
}

// Lookups counts packets by the outcome of their lookup. dpif-netdev/pmd-stats-clear
// clears it.
type Lookups struct {
	Hit    uint64 // found in the datapath, by any tier
	Missed uint64 // needed an upcall
	Lost   uint64 // dropped because the upcall failed
}

// DatapathPort is a port of the datapath. Tunnels share one for each protocol.
type DatapathPort struct {
	Number uint32
	Name   string
	// Type is the interface type; "" is the kernel's own, "system".
	Type string
	// Options is the device's configuration. Up to OVS 3.2 it tells what is so
	// (configured_rx_queues, mtu) beside what was asked for (requested_…), since
	// 3.3 the options as configured (n_rxq).
	Options map[string]string
	// Err is what OVS says where it could not ask the device.
	Err string
}

// ParseDatapaths reads the reply of dpctl/show without -s.
//
// Printed by show_dpif of lib/dpctl.c, the same from OVS 2.17 to 4.0. The lines
// masks, cache and caches come from the kernel's datapath and are passed over.
func ParseDatapaths(r io.Reader) ([]Datapath, error) {
	var datapaths []Datapath
	err := eachLine(r, "dpctl/show", func(line string) bool {
		if name, ok := strings.CutSuffix(line, ":"); ok && !strings.HasPrefix(line, " ") {
			datapaths = append(datapaths, Datapath{Name: name})
			return true
		}
		return len(datapaths) > 0 && datapaths[len(datapaths)-1].parse(line)
	})
	if err != nil {
		return nil, err
	}
	return datapaths, nil
}

func (d *Datapath) parse(line string) bool {
	if text, ok := strings.CutPrefix(line, "  lookups: "); ok {
		d.Lookups = new(Lookups)
		return d.Lookups.parse(text)
	}
	if text, ok := strings.CutPrefix(line, "  flows: "); ok {
		d.Flows = new(uint64)
		return number(d.Flows, text, 64)
	}
	if text, ok := strings.CutPrefix(line, "  port "); ok {
		p, ok := parseDatapathPort(text)
		d.Ports = append(d.Ports, p)
		return ok
	}
	return strings.HasPrefix(line, "  masks: hit:") || strings.HasPrefix(line, "  cache: hit:") ||
		line == "  caches:" || strings.HasPrefix(line, "    ") && strings.Contains(line, ": size:")
}

// parse reads "hit:11 missed:9 lost:0"; dpif/show ends before lost.
func (l *Lookups) parse(text string) bool {
	for part := range strings.SplitSeq(text, " ") {
		key, value, _ := strings.Cut(part, ":")
		var slot *uint64
		switch key {
		case "hit":
			slot = &l.Hit
		case "missed":
			slot = &l.Missed
		case "lost":
			slot = &l.Lost
		}
		if slot == nil || !number(slot, value, 64) {
			return false
		}
	}
	return true
}

// parseDatapathPort reads "4: vhu0 (dpdkvhostuserclient: n_rxq=1)".
func parseDatapathPort(text string) (DatapathPort, bool) {
	var p DatapathPort
	digits, text, ok := strings.Cut(text, ": ")
	if !ok || !number(&p.Number, digits, 32) {
		return p, false
	}
	name, device, typed := strings.Cut(text, " (")
	p.Name = name
	if !typed {
		return p, name != ""
	}
	device, ok = strings.CutSuffix(device, ")")
	if !ok || name == "" {
		return p, false
	}
	if kind, trouble, ok := strings.Cut(device, ", could not retrieve configuration ("); ok {
		p.Type, p.Err = kind, strings.TrimSuffix(trouble, ")")
		return p, true
	}
	if kind, trouble, ok := strings.Cut(device, ": open failed ("); ok {
		p.Type, p.Err = kind, strings.TrimSuffix(trouble, ")")
		return p, true
	}
	p.Type, p.Options, ok = parseDevice(device)
	return p, ok
}

// parseDevice reads "dpdk: n_rxq=1, n_txq=2" or a type alone.
func parseDevice(text string) (kind string, opts map[string]string, ok bool) {
	kind, list, configured := strings.Cut(text, ": ")
	if kind == "" || strings.ContainsAny(kind, "=, ") {
		return "", nil, false
	}
	if configured {
		opts, ok = options(list)
		return kind, opts, ok
	}
	return kind, nil, true
}
