package appctl

import (
	"io"
	"net/netip"
	"strings"
)

// Route is an entry of the route table that OVS uses for its own tunnels: a copy
// of the kernel's, and what ovs/route/add put there.
type Route struct {
	Prefix  netip.Prefix
	User    bool   // from ovs/route/add
	Local   bool   // an address of this host
	Mark    uint32 // packets must carry; 0 = any
	Dev     string
	Gateway netip.Addr // the zero Addr = on link
	Source  netip.Addr // of tunnel packets
	// Table is the number of a table other than the standard ones (OVS 3.7 on);
	// 0 = local, main or default.
	Table uint32
}

// ParseRoutes reads the reply of ovs/route/show. The order has no meaning.
//
// Printed by ovs_router_show of lib/ovs-router.c (ovs_router_show_text since OVS
// 3.6). 3.7 added tables: with their number in a heading, or at the line's end
// where all tables are shown.
func ParseRoutes(r io.Reader) ([]Route, error) {
	var routes []Route
	var table uint32
	err := eachLine(r, "ovs/route/show", func(line string) bool {
		if line == "Route Table:" {
			table = 0
			return true
		}
		if text, ok := between(line, "Route Table #", ":"); ok {
			return number(&table, text, 32)
		}
		route := Route{Table: table}
		routes = append(routes, route)
		return routes[len(routes)-1].parse(line)
	})
	if err != nil {
		return nil, err
	}
	return routes, nil
}

// parse reads "User: 10.50.0.0/16 MARK 5 dev br-phy GW 10.9.0.254 SRC 10.9.0.1".
func (r *Route) parse(line string) bool {
	words := strings.Split(line, " ")
	if len(words) < 2 || words[0] != "User:" && words[0] != "Cached:" {
		return false
	}
	r.User = words[0] == "User:"
	var err error
	if r.Prefix, err = netip.ParsePrefix(words[1]); err != nil {
		return false
	}
	for words = words[2:]; len(words) > 0; words = words[2:] {
		if words[0] == "local" {
			r.Local = true
			words = append([]string{""}, words...) // a word without a value
			continue
		}
		if len(words) < 2 || !r.set(words[0], words[1]) {
			return false
		}
	}
	return r.Dev != "" && r.Source.IsValid()
}

func (r *Route) set(key, value string) bool {
	switch key {
	case "MARK":
		return number(&r.Mark, value, 32)
	case "dev":
		r.Dev = value
		return true
	case "GW":
		return address(&r.Gateway, value)
	case "SRC":
		return address(&r.Source, value)
	case "table":
		return number(&r.Table, value, 32)
	}
	return false
}

func address(slot *netip.Addr, text string) bool {
	addr, err := netip.ParseAddr(text)
	*slot = addr
	return err == nil
}

// RouteLookup is how OVS would send a tunnel packet.
type RouteLookup struct {
	Source  netip.Addr
	Gateway netip.Addr // the zero Addr = on link
	Dev     string
}

// ParseRouteLookup reads the reply of ovs/route/lookup. Where there is no route
// the command fails with "Not found".
//
// Printed by ovs_router_lookup_cmd of lib/ovs-router.c, the same from OVS 2.17
// to 4.0.
func ParseRouteLookup(r io.Reader) (RouteLookup, error) {
	var found RouteLookup
	err := eachLine(r, "ovs/route/lookup", func(line string) bool {
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "src":
			return address(&found.Source, value)
		case "gateway":
			ok := address(&found.Gateway, value)
			if found.Gateway.IsUnspecified() {
				found.Gateway = netip.Addr{}
			}
			return ok
		case "dev":
			found.Dev = value
			return value != ""
		}
		return false
	})
	if err != nil {
		return RouteLookup{}, err
	}
	return found, nil
}
