package logicaltest

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// Network is a random logical network that changes. Its lines are what Parse reads.
type Network struct {
	Lines []string

	hosts    []string
	switches []string // without transit switches
	routers  []string
	physical bool     // hosts reach physical networks: most of them ext, few lab
	gone     []string // lines of hosts that went
	number   int      // given out so far: keys, host numbers in subnets
}

// The bounds of a random network.
const (
	MaxHosts    = 4
	maxSwitches = 5
	maxRouters  = 3
	maxPorts    = 5 // of a switch
)

// networks are the physical networks that there may be.
var networks = []string{"ext", "lab"}

// Random makes a network of up to four hosts: switches with ports here and there, and
// routers in a row with transit switches between them, sometimes two with one
// network. Host i has the name h<i> and the tunnel address 172.31.0.<i>, from 1. The
// same r makes the same network.
func Random(r *rand.Rand) *Network {
	n := &Network{physical: r.IntN(2) == 0}
	for i := range 1 + r.IntN(MaxHosts) {
		n.host(r, i+1)
	}
	for range r.IntN(maxRouters + 1) {
		n.router(r)
	}
	for range 1 + r.IntN(maxSwitches) {
		n.aSwitch(r)
	}
	n.chain(r)
	for range len(n.switches) * (1 + r.IntN(maxPorts)) {
		n.port(r)
	}
	for range r.IntN(4) {
		n.oddRoute(r)
	}
	return n
}

// String is the text of the network.
func (n *Network) String() string { return strings.Join(n.Lines, "\n") + "\n" }

// Snapshot is the network itself.
func (n *Network) Snapshot() *logical.Snapshot { return Snapshot(n.String()) }

// Entities are all entities of the network.
func (n *Network) Entities() []logical.Entity {
	all, err := Parse(n.String())
	if err != nil {
		panic(err)
	}
	return all
}

func (n *Network) add(format string, args ...any) {
	n.Lines = append(n.Lines, fmt.Sprintf(format, args...))
}

// fresh gives out a number that nobody has.
func (n *Network) fresh() int {
	n.number++
	return n.number
}

// some is a word in one of so many cases, else nothing.
func some(r *rand.Rand, of int, word string) string {
	if r.IntN(of) == 0 {
		return " " + word
	}
	return ""
}

func pick(r *rand.Rand, words []string) string { return words[r.IntN(len(words))] }

func (n *Network) host(r *rand.Rand, i int) {
	name := fmt.Sprintf("h%d", i)
	n.hosts = append(n.hosts, name)
	provider := ""
	if n.physical && r.IntN(4) > 0 {
		provider = " provider ext"
	}
	if n.physical {
		provider += some(r, 3, "provider lab")
	}
	n.add("host %s 172.31.0.%d index %d%s%s", name, i, i, some(r, 3, "edge"), provider)
}

func (n *Network) router(r *rand.Rand) {
	name := fmt.Sprintf("r%d", len(n.routers))
	n.routers = append(n.routers, name)
	n.add("router %s ttl %s%s key %d", name, pick(r, []string{"full", "full", "once", "none"}), some(r, 4, n.pinned(r)), n.fresh())
}

// pinned is one host where a router works, or two of which the first does.
func (n *Network) pinned(r *rand.Rand) string {
	a, b := pick(r, n.hosts), pick(r, n.hosts)
	if a == b || r.IntN(2) == 0 {
		return "on " + a
	}
	return "on " + a + " on " + b
}

// aSwitch makes a switch with the networks 10.0.I.0/24 and fd00:I::/64, most with a
// router, and sometimes with two.
func (n *Network) aSwitch(r *rand.Rand) {
	i := len(n.switches)
	name := fmt.Sprintf("s%d", i)
	n.switches = append(n.switches, name)
	vlan := ""
	if n.physical {
		vlan = some(r, 4, fmt.Sprintf("vlan %s:%d", pick(r, networks), 100+i))
	}
	n.add("switch %s 10.0.%d.0/24 fd00:%d::/64%s%s%s%s key %d", name, i, i,
		some(r, 3, "flood"), some(r, 3, "dhcp"), some(r, 4, "dns www=10.0.0.2"), vlan, n.fresh())
	if len(n.routers) == 0 || r.IntN(6) == 0 {
		return
	}
	first := r.IntN(len(n.routers))
	addresses := fmt.Sprintf("10.0.%d.1/24 fd00:%d::1/64", i, i)
	if r.IntN(5) == 0 {
		addresses = fmt.Sprintf("10.0.%d.1/24", i)
	}
	n.link(r, n.routers[first], name, addresses)
	if len(n.routers) > 1 && r.IntN(6) == 0 {
		second := (first + 1) % len(n.routers)
		n.link(r, n.routers[second], name, fmt.Sprintf("10.0.%d.254/24 fd00:%d::fe/64", i, i))
	}
}

func (n *Network) link(r *rand.Rand, router, sw, addresses string) {
	k := n.fresh()
	n.add("link %s %s %s mac 02:00:00:01:%02x:%02x key %d%s", router, sw, addresses, k>>8, k&255, k, some(r, 6, "mtu 1400"))
}

// chain joins the routers to a row, and tells each the way to the networks of the
// others.
func (n *Network) chain(r *rand.Rand) {
	for i := 0; i+1 < len(n.routers); i++ {
		left, right := n.routers[i], n.routers[i+1]
		ways := 1 + r.IntN(4)/3
		same := r.IntN(2) == 0 // both ways have one network
		for w := range ways {
			transit := fmt.Sprintf("t%d%c", i, 'a'+w)
			net := fmt.Sprintf("100.64.%d", 10*i+w)
			net6 := fmt.Sprintf("fd64:%d", 10*i+w)
			// On a second way with the same network the left router takes another
			// address: its own must differ.
			mine, mine6 := 1, 1
			if same && w > 0 {
				net, net6, mine, mine6 = fmt.Sprintf("100.64.%d", 10*i), fmt.Sprintf("fd64:%d", 10*i), 3, 3
			}
			n.add("switch %s %s.0/24 key %d", transit, net, n.fresh())
			n.link(r, left, transit, fmt.Sprintf("%s.%d/24 %s::%d/64", net, mine, net6, mine6))
			n.link(r, right, transit, fmt.Sprintf("%s.%d/24 %s::%d/64", net, 2*mine, net6, 2*mine6))
			n.ways(r, left, transit, i+1, len(n.routers), fmt.Sprintf("%s.%d", net, 2*mine), fmt.Sprintf("%s::%d", net6, 2*mine6))
			n.ways(r, right, transit, 0, i+1, fmt.Sprintf("%s.%d", net, mine), fmt.Sprintf("%s::%d", net6, mine6))
		}
	}
}

// ways are the routes of a router to all switches of the routers from first to
// before end, through a transit switch; or one for everything.
func (n *Network) ways(r *rand.Rand, router, transit string, first, end int, via, via6 string) {
	if first > 0 && r.IntN(4) == 0 {
		n.route(router, "0.0.0.0/0", via, transit)
		n.route(router, "::/0", via6, transit)
		return
	}
	for _, l := range n.Lines {
		w := strings.Fields(l)
		if w[0] != "link" || !strings.HasPrefix(w[2], "s") {
			continue
		}
		for _, other := range n.routers[first:end] {
			if w[1] == other {
				i := w[2][1:]
				n.route(router, "10.0."+i+".0/24", via, transit)
				n.route(router, "fd00:"+i+"::/64", via6, transit)
			}
		}
	}
}

func (n *Network) route(router, prefix, via, sw string) {
	n.add("route %s w%d %s via %s dev %s", router, n.fresh(), prefix, via, sw)
}
