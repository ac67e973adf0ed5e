package configs

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// rawOverlay is this host's part in the logical network.
type rawOverlay struct {
	// How packets travel between hosts.
	Encapsulation string `yaml:"encapsulation" jsonschema:"enum=geneve"`
	// Bridge that carries the tunnel address; "" where the underlay is somebody else's and only the address is used.
	Bridge optionalName `yaml:"bridge"`
	// Bridge of the logical network's ports. It is made, with fail mode secure, where bridges does not list it.
	Integration kernelName `yaml:"integration"`
	// Tunnel endpoint. Default: the first address of bridge.
	Address *address `yaml:"address"`
	// edge hosts also carry gateways of logical routers.
	Role string `yaml:"role" jsonschema:"enum=node,enum=edge"`
	// full: flows for all that local ports can reach. on-demand: as packets ask for them; not carried out yet, it is full.
	Mode string `yaml:"mode" jsonschema:"enum=full,enum=on-demand"`
	// Send packets for destinations that are not known here by way of an edge host, instead of dropping them; not carried out yet, they are dropped.
	Redirect bool `yaml:"redirect"`
	// Physical networks that this host reaches, for VLAN switches and local egress.
	Provider []rawProvider `yaml:"provider"`
	// UDP port of the tunnels.
	UDPPort int `yaml:"udpPort" jsonschema:"minimum=1,maximum=65535" why:"it is a UDP port"`
	// Class of the Geneve option (RFC 8926), in the experimental range.
	OptionClass optionClass `yaml:"optionClass"`
	// Outer UDP checksum over IPv4. It costs cycles of the PMD.
	Csum bool `yaml:"csum"`
	// Supervision of tunnels.
	BFD rawBFD `yaml:"bfd"`
}

func (r *rawOverlay) setDefaults() {
	r.Encapsulation = "geneve"
	r.Bridge, r.Integration = "br-phy", "br-int"
	r.Role, r.Mode, r.Redirect = "node", "full", true
	r.UDPPort, r.OptionClass = 6081, 0xff01
}

func (r *rawOverlay) check(say func(key, format string, args ...any)) {
	if string(r.Bridge) == string(r.Integration) {
		say("bridge", "%s is the integration bridge too; tunnelled packets would go round in it: name two bridges", r.Bridge)
	}
	if r.Bridge == "" && r.Address == nil {
		say("address", "is missing; with bridge: \"\" there is no bridge to take it from: write the tunnel endpoint's address")
	}
	first := map[label]int{}
	for i, p := range r.Provider {
		if at, again := first[p.Network]; again {
			say(fmt.Sprintf("provider[%d].network", i), "%s is named by provider[%d] already; a physical network has one bridge", p.Network, at)
		}
		first[p.Network] = i
		if p.Bridge == r.Integration {
			say(fmt.Sprintf("provider[%d].bridge", i), "%s is the integration bridge; name the bridge that has the physical port", p.Bridge)
		}
	}
}

// rawProvider says which bridge reaches a physical network.
type rawProvider struct {
	// Name of the physical network.
	Network label `yaml:"network" jsonschema:"required" example:"physnet1"`
	// Bridge that reaches it.
	Bridge kernelName `yaml:"bridge" jsonschema:"required" example:"br-phy"`
}

func (r *rawProvider) check(say func(key, format string, args ...any)) {
	if r.Network == "" {
		say("network", "is empty; write the name of the physical network")
	}
}

// rawBFD is the supervision of tunnels.
type rawBFD struct {
	// Shortest time between packets received, 100ms to 60s.
	MinRx duration `yaml:"minRx"`
	// Shortest time between packets sent, 100ms to 60s.
	MinTx duration `yaml:"minTx"`
	// How many may be missing before the tunnel counts as down.
	Multiplier int `yaml:"multiplier" jsonschema:"minimum=1,maximum=255" why:"BFD holds it in 8 bits"`
}

func (r *rawBFD) setDefaults() {
	*r = rawBFD{MinRx: duration(time.Second), MinTx: duration(time.Second), Multiplier: 3}
}

func (r *rawBFD) check(say func(key, format string, args ...any)) {
	for _, k := range []struct {
		key string
		d   duration
	}{{"minRx", r.MinRx}, {"minTx", r.MinTx}} {
		if !k.d.within(100*time.Millisecond, time.Minute) {
			say(k.key, "is out of range: OVS sends BFD from a thread of its own that a busy host delays; valid: 100ms to 60s")
		}
	}
}

// optionalName is a device name or nothing.
type optionalName string

// UnmarshalText reads a device name or nothing.
func (n *optionalName) UnmarshalText(text []byte) error {
	*n = ""
	if len(text) == 0 {
		return nil
	}
	var name kernelName
	if err := name.UnmarshalText(text); err != nil {
		return err
	}
	*n = optionalName(name)
	return nil
}

// optionClass is a Geneve option class: 0xff01.
type optionClass uint16

// UnmarshalText reads an option class of the experimental range, hexadecimal
// with 0x or decimal.
func (c *optionClass) UnmarshalText(text []byte) error {
	t := strings.ToLower(string(text))
	base, digits := 10, t
	if rest, found := strings.CutPrefix(t, "0x"); found {
		base, digits = 16, rest
	}
	n, err := strconv.ParseUint(digits, base, 16)
	if err != nil {
		return fmt.Errorf("%q is no option class; write four hexadecimal digits: 0xff01", text)
	}
	if n < 0xff00 {
		return fmt.Errorf("%q is out of the experimental range; IANA gives classes below 0xff00 to others (0x0102 is OVN's): valid: 0xff00 to 0xffff", text)
	}
	*c = optionClass(n)
	return nil
}

// MarshalText writes the class in hexadecimal.
func (c optionClass) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%#04x", uint16(c)), nil }

// mustEndpoint is for defaults.
func mustEndpoint(s string) endpoint { return endpoint{netip.MustParseAddrPort(s)} }
