package logicaltest

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
)

// removeRouter deletes a router with its ports and routes, or leaves those over.
func (n *Network) removeRouter(r *rand.Rand) string {
	if len(n.routers) == 0 {
		return ""
	}
	i := r.IntN(len(n.routers))
	name := n.routers[i]
	n.routers = slices.Delete(n.routers, i, i+1)
	all := r.IntN(3) > 0
	n.Lines = slices.DeleteFunc(n.Lines, func(l string) bool {
		w := strings.Fields(l)
		return w[0] == "router" && w[1] == name || all && (w[0] == "link" || w[0] == "route") && w[1] == name
	})
	return fmt.Sprintf("remove router %s, all of it: %t", name, all)
}

// addLink connects a router to a switch that it has no port on. There may be a new one.
func (n *Network) addLink(r *rand.Rand) string {
	if len(n.routers) == 0 || r.IntN(4) == 0 {
		name := fmt.Sprintf("r%d", 100+n.fresh())
		n.routers = append(n.routers, name)
		n.add("router %s ttl %s%s key %d", name, pick(r, []string{"full", "once", "none"}), some(r, 4, n.pinned(r)), n.fresh())
	}
	router, sw := pick(r, n.routers), pick(r, n.switches)
	if len(n.find("link", func(w []string) bool { return w[1] == router && w[2] == sw })) > 0 {
		return ""
	}
	i := sw[1:]
	n.link(r, router, sw, fmt.Sprintf("10.0.%s.%d/24 fd00:%s::%x/64", i, 253-n.number%4, i, 253-n.number%4))
	return "add " + n.Lines[len(n.Lines)-1]
}

// comeAndGo takes a host away, or brings one back.
func (n *Network) comeAndGo(r *rand.Rand) string {
	if len(n.gone) > 0 {
		was := n.gone[0]
		n.gone = n.gone[1:]
		n.add("%s", was)
		return "add " + was
	}
	all := n.find("host", every)
	if len(all) < 2 {
		return ""
	}
	i := all[r.IntN(len(all))]
	was := n.Lines[i]
	n.gone = append(n.gone, was)
	n.Lines = slices.Delete(n.Lines, i, i+1)
	return "remove " + was
}

var keyOf = regexp.MustCompile(` key \d+`)

// swapKeys gives each of two objects the key of the other: two ports, or two datapaths.
func (n *Network) swapKeys(r *rand.Rand) string {
	all := n.find("port", func(w []string) bool { return slices.Contains(w, "key") })
	if r.IntN(2) == 0 {
		all = append(n.find("switch", every), n.find("router", every)...)
	}
	if len(all) < 2 {
		return ""
	}
	a, b := all[r.IntN(len(all))], all[r.IntN(len(all))]
	if a == b {
		return ""
	}
	ka, kb := keyOf.FindString(n.Lines[a]), keyOf.FindString(n.Lines[b])
	n.Lines[a], n.Lines[b] = keyOf.ReplaceAllLiteralString(n.Lines[a], kb), keyOf.ReplaceAllLiteralString(n.Lines[b], ka)
	return "set " + n.Lines[a] + " and " + n.Lines[b]
}

// reincarnate deletes a port and gives its key, MAC and addresses to a new one, which
// may be elsewhere.
func (n *Network) reincarnate(r *rand.Rand) string {
	all := n.find("port", func(w []string) bool { return !strings.Contains(n.String(), "tag "+w[1]+":") })
	if len(all) == 0 {
		return ""
	}
	i := all[r.IntN(len(all))]
	w := strings.Fields(n.Lines[i])
	name := fmt.Sprintf("p%d", n.fresh())
	was := w[1]
	w[1] = name
	if at := slices.Index(w, "on"); at >= 0 {
		w[at+1] = pick(r, n.hosts)
	}
	n.Lines[i] = strings.Join(w, " ")
	return "instead of " + was + ": " + n.Lines[i]
}

// readdress gives a port another IPv4 address or another MAC, sometimes one that
// somebody has.
func (n *Network) readdress(r *rand.Rand) string {
	all := n.find("port", func(w []string) bool { return slices.Contains(w, "mac") && strings.HasPrefix(w[3], "10.") })
	if len(all) == 0 {
		return ""
	}
	i := all[r.IntN(len(all))]
	w, k := strings.Fields(n.Lines[i]), n.fresh()
	other := strings.Fields(n.Lines[all[r.IntN(len(all))]])
	mac := slices.Index(w, "mac") + 1
	switch r.IntN(5) {
	case 4: // the next hop that a route may wait for
		for _, l := range n.Lines {
			if route := strings.Fields(l); route[0] == "route" && slices.Contains(route, w[2]) && strings.HasPrefix(route[5], "10.0.") {
				w[3] = route[5]
			}
		}
	case 0:
		w[3] = fmt.Sprintf("10.0.%s.%d", w[2][1:], 2+k%250)
	case 1:
		if other[2] == w[2] {
			w[3] = other[3]
		}
	case 2:
		w[mac] = fmt.Sprintf("02:00:00:00:%02x:%02x", k>>8, k&255)
	case 3:
		w[mac] = other[slices.Index(other, "mac")+1]
	}
	if len(w) > 4 && w[3] == w[4] {
		return ""
	}
	n.Lines[i] = strings.Join(w, " ")
	return "set " + n.Lines[i]
}

// disguise makes a guest one behind whose port anybody may be, or the other way round.
func (n *Network) disguise(r *rand.Rand) string {
	all := n.find("port", placed)
	if len(all) == 0 {
		return ""
	}
	i := all[r.IntN(len(all))]
	w, k := strings.Fields(n.Lines[i]), n.fresh()
	if at := slices.Index(w, "unknown"); at >= 0 {
		w[at] = fmt.Sprintf("10.0.%s.%d", w[2][1:], 2+k%250)
		n.Lines[i] = strings.Join(w, " ") + fmt.Sprintf(" mac 02:00:00:00:%02x:%02x", k>>8, k&255)
		return "set " + n.Lines[i]
	}
	keep := []string{w[0], w[1], w[2], "unknown"}
	for at := 3; at+1 < len(w); at++ {
		if w[at] == "on" || w[at] == "key" || w[at] == "seq" {
			keep = append(keep, w[at], w[at+1])
		}
	}
	n.Lines[i] = strings.Join(keep, " ")
	return "set " + n.Lines[i]
}

// retag gives a tagged port another tag, or an interface of its own.
func (n *Network) retag(r *rand.Rand) string {
	all := n.find("port", func(w []string) bool { return slices.Contains(w, "tag") })
	if len(all) == 0 {
		return ""
	}
	i := all[r.IntN(len(all))]
	w := strings.Fields(n.Lines[i])
	at := slices.Index(w, "tag")
	if trunk, _, _ := strings.Cut(w[at+1], ":"); r.IntN(2) == 0 {
		w[at+1] = fmt.Sprintf("%s:%d", trunk, n.fresh())
	} else {
		w[at], w[at+1] = "on", pick(r, n.hosts)
	}
	n.Lines[i] = strings.Join(w, " ")
	return "set " + n.Lines[i]
}
