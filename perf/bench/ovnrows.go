package bench

import (
	"fmt"
	"strings"
)

// northRows are the rows of OVN's northbound database for the same network: no
// ACLs, no NAT, no DHCP; port security where the fleet has it.
func (f fleet) northRows() dbRows {
	rows := dbRows{}
	rows.put("NB_Global", "nbglobal", 0, dbRow{"nb_cfg": 1})
	var routerPorts []any
	for s := range f.switches {
		gateway := gatewayOf(s)
		routerPorts = append(routerPorts, dbRef("lrp", s))
		rows.put("Logical_Router_Port", "lrp", s, dbRow{"name": fleetLink(s), "mac": macOf(gateway).String(), "networks": networkOf(s).String()})
		rows.put("Logical_Switch_Port", "lsplink", s, dbRow{
			"name": fleetLinkBack(s), "type": "router", "addresses": "router", "options": dbMap([2]any{"router-port", fleetLink(s)}),
		})
		ports := []any{dbRef("lsplink", s)}
		for i := s * fleetPorts; i < (s+1)*fleetPorts; i++ {
			ports = append(ports, dbRef("lsp", i))
			who := ovnAddress(i)
			row := dbRow{"name": fleetPort(i), "addresses": who}
			if f.security {
				row["port_security"] = who
			}
			rows.put("Logical_Switch_Port", "lsp", i, row)
		}
		rows.put("Logical_Switch", "ls", s, dbRow{"name": fleetSwitch(s), "ports": dbSet(ports...)})
	}
	rows.put("Logical_Router", "lr", 0, dbRow{"name": "r1", "ports": dbSet(routerPorts...)})
	return rows
}

// ovnAddress is a port's MAC and address as OVN writes them.
func ovnAddress(i int) string { return fmt.Sprintf("%s %s", macOf(addressOf(i)), addressOf(i)) }

// chassisOps write into the southbound database what the other hosts' controllers
// do: their rows, and which ports are on them.
func (f fleet) chassisOps() []dbOp {
	var ops []dbOp
	for h := 1; h < f.hosts; h++ {
		ops = append(ops, dbOp{
			"op": "insert", "table": "Encap", "uuid": fleetID("encap", h).String(),
			"row": dbRow{"type": "geneve", "ip": tunnelOf(h).String(), "chassis_name": fleetHost(h), "options": dbMap([2]any{"csum", "true"})},
		}, dbOp{
			"op": "insert", "table": "Chassis", "uuid": fleetID("chassis", h).String(),
			"row": dbRow{"name": fleetHost(h), "hostname": fleetHost(h), "encaps": dbSet(dbRef("encap", h))},
		})
	}
	for i := range f.ports() {
		if h := f.hostOf(i); h != 0 {
			ops = append(ops, placeOp(i, dbSet(dbRef("chassis", h))))
		}
	}
	return ops
}

// placeOp says on which chassis a port is and that it is up; an empty set is none.
func placeOp(i int, chassis any) dbOp {
	return dbOp{"op": "update", "table": "Port_Binding", "where": where("logical_port", fleetPort(i)), "row": dbRow{"chassis": chassis, "up": true}}
}

// ovnSettings are the external_ids by which ovn-controller knows its host
// (ovn-controller(8), OVN 23.03), for ovs-vsctl.
func ovnSettings(south, bridge string) []string {
	var set []string
	for _, kv := range []string{
		"system-id=" + fleetHost(0), "ovn-remote=unix:" + south, "ovn-encap-type=geneve", "ovn-encap-ip=" + tunnelOf(0).String(),
		"ovn-bridge=" + bridge, "ovn-bridge-datapath-type=netdev",
	} {
		key, value, _ := strings.Cut(kv, "=")
		set = append(set, fmt.Sprintf("external_ids:%s=%q", key, value))
	}
	return set
}
