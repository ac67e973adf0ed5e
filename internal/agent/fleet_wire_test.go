package agent

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/lab"
)

// networks are the physical networks that a host is on, each with a bridge of its own:
// br-NETWORK.
type networks []string

// fleetNetworks is who is on which: h1 on both, h2 and h3 on one each.
var fleetNetworks = []networks{{"net1", "net2"}, {"net1"}, {"net2"}}

// profile is the host's profile of them, to stand behind its overlay's address.
func (n networks) profile() string {
	var at, bridges []string
	for _, name := range n {
		at = append(at, fmt.Sprintf("{network: %s, bridge: br-%s}", name, name))
		bridges = append(bridges, fmt.Sprintf("{name: br-%s}", name))
	}
	return fmt.Sprintf(", provider: [%s]}\nbridges: [%s]\n#", strings.Join(at, ", "), strings.Join(bridges, ", "))
}

// join lays a cable of each physical network between h1 and the other host on it, and
// gives each host br-ex, which the daemon knows of from outside ports alone.
func (f *fleet) join() {
	f.t.Helper()
	for i, r := range f.hosts {
		r.vsctl("add-br", "br-ex", "--", "set", "Bridge", "br-ex", "datapath_type=netdev")
		if i == 0 {
			continue
		}
		for _, name := range fleetNetworks[i] {
			here, there, err := lab.Link(r.host, name+"-up", f.hosts[0].host, fmt.Sprintf("%s-h%d", name, i+1))
			if err != nil {
				f.t.Fatal(err)
			}
			r.vsctl("add-port", "br-"+name, here.Name)
			f.hosts[0].vsctl("add-port", "br-"+name, there.Name)
		}
	}
}

// onWires takes the lines of those on physical networks out of a network's text.
func onWires(text string) (rest string, wires []string) {
	lines := strings.Split(text, "\n")
	rest = strings.Join(slices.DeleteFunc(slices.Clone(lines), isWire), "\n")
	return rest, slices.DeleteFunc(lines, func(line string) bool { return !isWire(line) })
}

func isWire(line string) bool { return strings.HasPrefix(line, "wire ") }

// attach plugs somebody in on a physical network, as a line says.
func (p *play) attach(line string) {
	p.t.Helper()
	line, _, _ = strings.Cut(line, "#")
	words := strings.Fields(line)
	at := strings.Split(words[2], ":")
	g := &fleetGuest{name: words[1], bridge: at[1], sw: p.net.SwitchByName(words[3]).ID}
	for i, w := range words[4:] {
		if w == "mac" {
			g.mac, _ = logical.ParseMAC(words[4+i+1])
			break
		}
		g.addresses = append(g.addresses, netip.MustParseAddr(w))
	}
	if len(at) > 2 {
		g.tag = numeral[uint16](p, at[2])
	}
	p.plug(g, at[0])
}

// numeral reads one of a scenario.
func numeral[T byte | uint16 | int](p *play, word string) T {
	p.t.Helper()
	n, err := strconv.Atoi(word)
	if err != nil || n != int(T(n)) {
		p.t.Fatalf("%q is no such number", word)
	}
	return T(n)
}

// tagged is a frame in a VLAN.
func tagged(f frame, tag uint16) frame {
	return slices.Concat(f[:12], []byte{0x81, 0, byte(tag >> 8), byte(tag)}, f[12:])
}
