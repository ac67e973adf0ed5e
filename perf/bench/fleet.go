package bench

import (
	"crypto/sha256"
	"fmt"
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// fleet is a made-up logical network: switches of as many ports each, all behind
// one router, over hosts that have as many ports each. The first host is ours.
type fleet struct {
	switches, hosts int
	security        bool
	ttl             logical.TTLMode // of the router; empty means full
}

// fleetPorts are the guests' ports of each switch.
const fleetPorts = 50

// The fleets of the bars.
var (
	fleet5k  = fleet{switches: 100, hosts: 500, security: true}
	fleet50k = fleet{switches: 1000, hosts: 5000, security: true}
)

func (f fleet) ports() int         { return f.switches * fleetPorts }
func (f fleet) hostOf(i int) int   { return i % f.hosts }
func fleetHost(h int) string       { return fmt.Sprintf("host-%04d", h) }
func fleetSwitch(s int) string     { return fmt.Sprintf("ls%d", s) }
func fleetPort(i int) string       { return fmt.Sprintf("lsp-%06d", i) }
func fleetLink(s int) string       { return fmt.Sprintf("r1_to_ls%d", s) }
func fleetLinkBack(s int) string   { return fmt.Sprintf("ls%d_to_r1", s) }
func switchOf(i int) int           { return i / fleetPorts }
func gatewayOf(s int) netip.Addr   { return netip.AddrFrom4([4]byte{10, byte(s >> 8), byte(s), 1}) }
func networkOf(s int) netip.Prefix { return netip.PrefixFrom(gatewayOf(s), 24) }

// addressOf is a port's address.
func addressOf(i int) netip.Addr {
	s := switchOf(i)
	return netip.AddrFrom4([4]byte{10, byte(s >> 8), byte(s), byte(10 + i%fleetPorts)})
}

func macOf(a netip.Addr) logical.MAC { return logical.DefaultMAC(a) }

// tunnelOf is a host's tunnel address.
func tunnelOf(h int) netip.Addr {
	return netip.AddrFrom4([4]byte{172, 16, byte((h + 1) >> 8), byte(h + 1)})
}

const underlayBits = 16

// local are the ports on the first host, ascending.
func (f fleet) local() []int {
	var ports []int
	for i := 0; i < f.ports(); i += f.hosts {
		ports = append(ports, i)
	}
	return ports
}

// fleetID makes the UUID of a row, spread as real ones are: OVSDB hashes rows by
// their first bytes.
func fleetID(kind string, i int) logical.UUID {
	sum := sha256.Sum256(fmt.Append(nil, kind, i))
	return logical.UUID(sum[:16])
}
