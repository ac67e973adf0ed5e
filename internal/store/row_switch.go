package store

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

func decodeGlobal(id logical.UUID, r *reader) logical.Entity {
	return &logical.Global{ID: logical.ID[logical.Global](id), Seq: number[uint64](r, "seq")}
}

func decodeHost(id logical.UUID, r *reader) logical.Entity {
	return &logical.Host{
		ID: logical.ID[logical.Host](id), Name: r.text("name"), SystemID: r.text("system_id"), Index: number[logical.HostIndex](r, "index"),
		Addresses: r.addrs("addresses"), Role: word[logical.HostRole](r, "role"), Mode: word[logical.HostMode](r, "mode"),
		Provider: r.words("provider"), Drained: r.flag("drained"),
	}
}

func encodeHost(h *logical.Host) row {
	return row{
		"name": h.Name, "system_id": h.SystemID, "index": h.Index, "addresses": textSet(h.Addresses), "role": h.Role, "mode": h.Mode,
		"provider": wordSet(h.Provider), "drained": h.Drained,
	}
}

func decodeDatapath(id logical.UUID, r *reader) logical.Entity {
	return &logical.Datapath{
		ID: logical.ID[logical.Datapath](id), Key: number[logical.DatapathKey](r, "key"), Kind: word[logical.DatapathKind](r, "kind"),
		Zone: number[logical.Zone](r, "zone"),
	}
}

func decodeSwitch(id logical.UUID, r *reader) logical.Entity {
	s := &logical.Switch{
		ID: logical.ID[logical.Switch](id), Name: r.text("name"), Datapath: ref[logical.Datapath](r, "datapath"),
		Kind: word[logical.SwitchKind](r, "kind"), Network: r.text("network"), VLAN: number[uint16](r, "vlan"),
		Subnets: r.prefixes("subnets"), Flood: word[logical.FloodPolicy](r, "flood"),
	}
	s.DHCP.Enabled = r.flag("dhcp")
	r.pairs("dhcp_options", func(k, v string) error { return dhcpOption(&s.DHCP, k, v) })
	slices.SortFunc(s.DHCP.Other, func(a, b logical.DHCPOption) int { return cmp.Compare(a.Code, b.Code) })
	r.pairs("dns", func(name, v string) error {
		addresses, err := parseAddrs(v)
		s.DNS = append(s.DNS, logical.DNSRecord{Name: name, Addresses: addresses})
		return err
	})
	slices.SortFunc(s.DNS, func(a, b logical.DNSRecord) int { return cmp.Compare(a.Name, b.Name) })
	return s
}

func encodeSwitch(s *logical.Switch) row {
	dns := map[string]string{}
	for _, r := range s.DNS {
		dns[r.Name] = joinAddrs(r.Addresses)
	}
	return row{
		"name": s.Name, "datapath": refOf(s.Datapath), "kind": s.Kind, "network": s.Network, "vlan": s.VLAN, "subnets": textSet(s.Subnets),
		"flood": s.Flood, "dhcp": s.DHCP.Enabled, "dhcp_options": mapOf(dhcpOptions(s.DHCP)), "dns": mapOf(dns),
	}
}

// dhcpOption reads one of the column's keys: router, dns, domain, mtu, lease, or an
// option's number with its value in hexadecimal.
func dhcpOption(d *logical.DHCP, key, text string) (err error) {
	var n uint64
	switch key {
	case "router":
		d.Router, err = netip.ParseAddr(text)
	case "dns":
		d.DNS, err = parseAddrs(text)
	case "domain":
		d.Domain = text
	case "mtu":
		n, err = strconv.ParseUint(text, 10, 16)
		d.MTU = uint16(n)
	case "lease":
		n, err = strconv.ParseUint(text, 10, 32)
		d.Lease = uint32(n)
	default:
		if n, err = strconv.ParseUint(key, 10, 8); err != nil {
			return fmt.Errorf("DHCP option %.20q: neither a number nor one of router, dns, domain, mtu, lease", key)
		}
		d.Other = append(d.Other, logical.DHCPOption{Code: uint8(n), Value: text})
	}
	return err
}

func dhcpOptions(d logical.DHCP) map[string]string {
	m := map[string]string{}
	if d.Router.IsValid() {
		m["router"] = d.Router.String()
	}
	if len(d.DNS) > 0 {
		m["dns"] = joinAddrs(d.DNS)
	}
	if d.Domain != "" {
		m["domain"] = d.Domain
	}
	if d.MTU != 0 {
		m["mtu"] = strconv.Itoa(int(d.MTU))
	}
	if d.Lease != 0 {
		m["lease"] = strconv.FormatUint(uint64(d.Lease), 10)
	}
	for _, o := range d.Other {
		m[strconv.Itoa(int(o.Code))] = o.Value
	}
	return m
}

// parseAddrs reads addresses with spaces between them.
func parseAddrs(text string) ([]netip.Addr, error) {
	var all []netip.Addr
	for _, s := range strings.Fields(text) {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

func joinAddrs(all []netip.Addr) string {
	words := make([]string, len(all))
	for i, a := range all {
		words[i] = a.String()
	}
	return strings.Join(words, " ")
}

func decodePort(id logical.UUID, r *reader) logical.Entity {
	return &logical.SwitchPort{
		ID: logical.ID[logical.SwitchPort](id), Switch: ref[logical.Switch](r, "switch"), Name: r.text("name"),
		Key: number[logical.PortKey](r, "key"), Kind: word[logical.PortKind](r, "kind"), MAC: r.mac("mac"),
		MoreMACs:  set(r, "more_macs", by(logical.ParseMAC), func(a, b logical.MAC) int { return slices.Compare(a[:], b[:]) }),
		Addresses: r.addrs("addresses"), Peer: r.text("peer"), Host: r.word("host"), Bridge: r.word("bridge"), Network: r.word("network"),
		Security: r.flag("security"), Groups: refs[logical.SecurityGroup](r, "groups"), Trunk: ref[logical.SwitchPort](r, "trunk"),
		Tag:      number[uint16](r, "tag"),
		Rate:     logical.Rate{FromPort: number[uint32](r, "rate_from"), ToPort: number[uint32](r, "rate_to"), Burst: number[uint32](r, "burst")},
		Sampling: number[uint32](r, "sampling"), Seq: number[uint64](r, "seq"),
	}
}

func encodePort(p *logical.SwitchPort) row {
	return row{
		"switch": refOf(p.Switch), "name": p.Name, "key": p.Key, "kind": p.Kind, "mac": macText(p.MAC), "more_macs": textSet(p.MoreMACs),
		"addresses": textSet(p.Addresses), "peer": p.Peer, "host": p.Host, "bridge": p.Bridge, "network": p.Network, "security": p.Security,
		"groups": refSet(p.Groups), "trunk": optional(p.Trunk), "tag": p.Tag, "rate_from": p.Rate.FromPort, "rate_to": p.Rate.ToPort,
		"burst": p.Rate.Burst, "sampling": p.Sampling, "seq": p.Seq,
	}
}

func decodeBinding(id logical.UUID, r *reader) logical.Entity {
	return &logical.Binding{
		ID: logical.ID[logical.Binding](id), Port: ref[logical.SwitchPort](r, "port"), Host: r.word("host"), Seq: number[uint64](r, "seq"),
	}
}
