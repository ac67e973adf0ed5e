package logicaltest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// port adds a port to some switch: mostly a guest with an address of each family.
func (n *Network) port(r *rand.Rand) {
	sw := pick(r, n.switches)
	i, k := sw[1:], n.fresh()
	name := fmt.Sprintf("p%d", k)
	where := n.place(r)
	switch r.IntN(24) {
	case 0:
		n.add("port %s %s unknown%s key %d seq %d", name, sw, where, k, k)
		return
	case 4, 5:
		if network := n.localnet(r, sw); network != "" {
			n.add("port %s %s localnet %s key %d seq %d", name, sw, network, k, k)
			return
		}
	case 1:
		if len(n.find("switch", func(w []string) bool { return w[1] == sw && slices.Contains(w, "vlan") })) > 0 {
			break // it has its physical network
		}
		n.add("port %s %s outside %s:br%d key %d seq %d", name, sw, pick(r, n.hosts), k, k, k)
		return
	case 2, 3:
		if trunk := n.trunk(r, sw); trunk != "" {
			where = fmt.Sprintf(" tag %s:%d", trunk, k)
		}
	}
	v4, v6 := fmt.Sprintf(" 10.0.%s.%d", i, 2+k%250), fmt.Sprintf(" fd00:%s::%x", i, 2+k)
	switch r.IntN(8) {
	case 0:
		v6 = ""
	case 1:
		v4 = ""
	case 2:
		v4 += fmt.Sprintf(" 10.0.%s.%d", i, 2+(k+100)%250)
	}
	// Sometimes an address that another port may have too: the older keeps it.
	if r.IntN(12) == 0 {
		v4 = fmt.Sprintf(" 10.0.%s.77", i)
	}
	mac := fmt.Sprintf("02:00:00:00:%02x:%02x", k>>8, k&255)
	if r.IntN(14) == 0 {
		mac = "02:00:00:00:77:77"
	}
	more := some(r, 10, fmt.Sprintf("moremac 02:00:00:02:%02x:%02x", k>>8, k&255))
	n.add("port %s %s%s%s%s mac %s%s%s key %d seq %d", name, sw, v4, v6, where, mac, more, some(r, 5, "nosec"), k, k)
}

// place is where a port is: mostly on a host, sometimes on none, or on two that
// disagree.
func (n *Network) place(r *rand.Rand) string {
	switch r.IntN(14) {
	case 0:
		return ""
	case 1:
		a, b := pick(r, n.hosts), pick(r, n.hosts)
		if a != b {
			return " on " + a + " on " + b
		}
	}
	return " on " + pick(r, n.hosts)
}

// trunk is a guest's port that can carry others: one that is not carried itself, and half
// of the time one of the same switch.
func (n *Network) trunk(r *rand.Rand, sw string) string {
	same := r.IntN(2) == 0
	lines := n.find("port", func(w []string) bool {
		return (!same || w[2] == sw) && guest(w)
	})
	if len(lines) == 0 {
		return ""
	}
	return strings.Fields(n.Lines[lines[r.IntN(len(lines))]])[1]
}

// localnet is a physical network for a switch, perhaps one that it has, and "" where that
// would make two switches one: overlay switches have no tag to be told by.
func (n *Network) localnet(r *rand.Rand, sw string) string {
	if !n.physical {
		return ""
	}
	network := pick(r, networks)
	tagged := n.find("switch", func(w []string) bool { return w[1] == sw && slices.Contains(w, "vlan") })
	taken := n.find("port", func(w []string) bool {
		return w[2] != sw && slices.Contains(w, network) && len(n.find("switch", func(s []string) bool { return s[1] == w[2] && !slices.Contains(s, "vlan") })) > 0
	})
	if len(tagged) == 0 && len(taken) > 0 {
		return ""
	}
	return network
}

// placed says whether the words are those of a port that has an interface of its own.
func placed(w []string) bool {
	return !slices.Contains(w, "tag") && !slices.Contains(w, "outside") && !slices.Contains(w, "localnet")
}

// guest says whether they are those of one with addresses, too.
func guest(w []string) bool { return placed(w) && !slices.Contains(w, "unknown") }

// find returns the places of the lines of a kind that fit.
func (n *Network) find(kind string, fits func(words []string) bool) []int {
	var all []int
	for i, l := range n.Lines {
		if w := strings.Fields(l); w[0] == kind && fits(w) {
			all = append(all, i)
		}
	}
	return all
}

func every([]string) bool { return true }

// oddRoute adds a route that leads somewhere it should not: a blackhole, a next hop
// that nobody has, a guest, or back.
func (n *Network) oddRoute(r *rand.Rand) {
	links := n.find("link", every)
	if len(links) == 0 {
		return
	}
	w := strings.Fields(n.Lines[links[r.IntN(len(links))]])
	i := r.IntN(len(n.switches))
	prefix := pick(r, []string{
		fmt.Sprintf("10.0.%d.0/24", i), fmt.Sprintf("10.0.%d.64/26", i), fmt.Sprintf("10.0.%d.0/25", i), fmt.Sprintf("10.0.%d.0/23", i&^1), fmt.Sprintf("10.0.%d.%d/32", i, 2+r.IntN(n.number)%250), "10.0.0.0/8", "203.0.113.0/24",
	})
	known := n.find("port", func(p []string) bool { return strings.HasPrefix(p[3], "10.") })
	if len(known) > 0 && r.IntN(4) == 0 {
		prefix = strings.Fields(n.Lines[known[r.IntN(len(known))]])[3] + "/32"
	}
	network, _, _ := strings.Cut(w[3], "/")
	switch r.IntN(3) {
	case 0:
		n.add("route %s w%d %s blackhole", w[1], n.fresh(), prefix)
	case 1:
		hop := network[:strings.LastIndexByte(network, '.')] + fmt.Sprintf(".%d", 2+r.IntN(n.number)%250)
		there := n.find("port", func(p []string) bool { return p[2] == w[2] && strings.HasPrefix(p[3], "10.") })
		if len(there) > 0 && r.IntN(2) == 0 {
			hop = strings.Fields(n.Lines[there[r.IntN(len(there))]])[3]
		}
		n.route(w[1], prefix, hop, w[2])
	case 2:
		if len(w) < 5 || !strings.Contains(w[4], ":") || !strings.Contains(w[4], "/") {
			return // IPv4 alone
		}
		v6 := pick(r, []string{fmt.Sprintf("fd00:%d::/64", i), fmt.Sprintf("fd00:%d::%x/128", i, 2+r.IntN(n.number)), "fd00::/16", "2001:db8::/32"})
		network6, _, _ := strings.Cut(w[4], "/")
		n.route(w[1], v6, network6[:strings.LastIndexByte(network6, ':')]+fmt.Sprintf(":%x", 2+r.IntN(n.number)), w[2])
	}
}
