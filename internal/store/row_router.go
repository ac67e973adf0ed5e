package store

import (
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

func decodeRouter(id logical.UUID, r *reader) logical.Entity {
	return &logical.Router{
		ID: logical.ID[logical.Router](id), Name: r.text("name"), Datapath: ref[logical.Datapath](r, "datapath"), Hosts: r.list("hosts"),
		TTL: word[logical.TTLMode](r, "ttl"), ECMP: word[logical.ECMPMode](r, "ecmp"), Egress: word[logical.Egress](r, "egress"),
	}
}

func encodeRouter(r *logical.Router) row {
	return row{
		"name": r.Name, "datapath": refOf(r.Datapath), "hosts": strings.Join(r.Hosts, ","), "ttl": r.TTL, "ecmp": r.ECMP, "egress": r.Egress,
	}
}

func decodeRouterPort(id logical.UUID, r *reader) logical.Entity {
	return &logical.RouterPort{
		ID: logical.ID[logical.RouterPort](id), Router: ref[logical.Router](r, "router"), Name: r.text("name"),
		Key: number[logical.PortKey](r, "key"), Peer: r.text("peer"), MAC: r.mac("mac"), Networks: r.prefixes("networks"),
		MTU: number[uint16](r, "mtu"),
	}
}

func encodeRouterPort(p *logical.RouterPort) row {
	return row{
		"router": refOf(p.Router), "name": p.Name, "key": p.Key, "peer": p.Peer, "mac": macText(p.MAC), "networks": textSet(p.Networks),
		"mtu": p.MTU,
	}
}

func decodeRoute(id logical.UUID, r *reader) logical.Entity {
	return &logical.Route{
		ID: logical.ID[logical.Route](id), Router: ref[logical.Router](r, "router"), Name: r.text("name"), Prefix: r.prefix("prefix"),
		NextHop: r.addr("next_hop"), OutPort: ref[logical.RouterPort](r, "out_port"), Blackhole: r.flag("blackhole"),
		ECMP: word[logical.ECMPMode](r, "ecmp"),
	}
}

func encodeRoute(r *logical.Route) row {
	return row{
		"router": refOf(r.Router), "name": r.Name, "prefix": prefixText(r.Prefix), "next_hop": addrText(r.NextHop),
		"out_port": optional(r.OutPort), "blackhole": r.Blackhole, "ecmp": r.ECMP,
	}
}

func decodeNAT(id logical.UUID, r *reader) logical.Entity {
	return &logical.NAT{
		ID: logical.ID[logical.NAT](id), Router: ref[logical.Router](r, "router"), Name: r.text("name"), Kind: word[logical.NATKind](r, "kind"),
		External: r.addr("external"), ExternalPort: read(r, "external_ports", by(parsePorts)), Logical: r.prefix("logical"),
		LogicalPort: number[uint16](r, "logical_port"), Protocol: r.word("protocol"), Port: ref[logical.RouterPort](r, "port"),
	}
}

func encodeNAT(n *logical.NAT) row {
	return row{
		"router": refOf(n.Router), "name": n.Name, "kind": n.Kind, "external": addrText(n.External), "external_ports": formatPorts(n.ExternalPort),
		"logical": prefixText(n.Logical), "logical_port": n.LogicalPort, "protocol": n.Protocol, "port": optional(n.Port),
	}
}
