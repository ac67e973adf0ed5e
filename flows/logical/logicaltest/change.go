package logicaltest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Change makes one random change of the kinds that operators and hosts make, and
// says which in words.
func (n *Network) Change(r *rand.Rand) string {
	for {
		if what := n.change(r); what != "" {
			return what
		}
	}
}

func (n *Network) change(r *rand.Rand) string {
	before := len(n.Lines)
	switch r.IntN(21) {
	case 0, 1:
		n.port(r)
		return "add " + n.Lines[before]
	case 2, 3, 4:
		return n.move(r)
	case 5:
		return n.remove(r, "port", func(w []string) bool { return !strings.Contains(n.String(), "tag "+w[1]+":") })
	case 6:
		n.oddRoute(r)
		if len(n.Lines) > before {
			return "add " + n.Lines[before]
		}
	case 7:
		return n.remove(r, "route", every)
	case 8, 9:
		return n.retune(r)
	case 10, 11:
		return n.toggle(r)
	case 12:
		return n.removeRouter(r)
	case 13:
		return n.addLink(r)
	case 14:
		return n.remove(r, "link", every)
	case 15:
		return n.comeAndGo(r)
	case 16:
		return n.swapKeys(r)
	case 17:
		return n.reincarnate(r)
	case 18:
		return n.readdress(r)
	case 19:
		return n.retag(r)
	case 20:
		return n.disguise(r)
	}
	return ""
}

// remove deletes a line that fits.
func (n *Network) remove(r *rand.Rand, kind string, fits func([]string) bool) string {
	all := n.find(kind, fits)
	if len(all) == 0 {
		return ""
	}
	i := all[r.IntN(len(all))]
	was := n.Lines[i]
	n.Lines = slices.Delete(n.Lines, i, i+1)
	return "remove " + was
}

// move brings a port to another host, or to none.
func (n *Network) move(r *rand.Rand) string {
	all := n.find("port", placed)
	if len(all) == 0 {
		return ""
	}
	i := all[r.IntN(len(all))]
	w := strings.Fields(n.Lines[i])
	for at := slices.Index(w, "on"); at >= 0; at = slices.Index(w, "on") {
		w = slices.Delete(w, at, at+2)
	}
	n.Lines[i] = strings.Join(w, " ") + n.place(r)
	return "move: " + n.Lines[i]
}

// retune changes a router: its TTL mode, or where it works.
func (n *Network) retune(r *rand.Rand) string {
	all := n.find("router", every)
	if len(all) == 0 {
		return ""
	}
	i := all[r.IntN(len(all))]
	w := strings.Fields(n.Lines[i])
	n.Lines[i] = fmt.Sprintf("router %s ttl %s%s key %s", w[1], pick(r, []string{"full", "once", "none"}), some(r, 3, n.pinned(r)), w[len(w)-1])
	return "set " + n.Lines[i]
}

// toggle puts a flag on a line or takes it off.
func (n *Network) toggle(r *rand.Rand) string {
	of := [][2]string{{"switch", "flood"}, {"switch", "dhcp"}, {"port", "nosec"}, {"port", "nosec"}, {"host", "drained"}, {"link", "mtu 1400"}}
	if n.physical {
		of = append(of, [2]string{"host", "provider ext"}, [2]string{"host", "provider lab"})
	}
	one := of[r.IntN(len(of))]
	all := n.find(one[0], func(w []string) bool { return w[0] != "port" || guest(w) || slices.Contains(w, "tag") })
	if len(all) == 0 {
		return ""
	}
	i := all[r.IntN(len(all))]
	was := n.Lines[i]
	if n.Lines[i] = strings.Replace(was, " "+one[1], "", 1); n.Lines[i] == was {
		n.Lines[i] += " " + one[1]
	}
	return "set " + n.Lines[i]
}
