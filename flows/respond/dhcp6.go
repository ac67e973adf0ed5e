package respond

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// dhcp6 answers the DHCPv6 message of a guest. nil is no answer.
func dhcp6(s *logical.Snapshot, sw *logical.Switch, p *logical.SwitchPort, f frame) ([]byte, error) {
	if f.sport != 546 || f.dport != 547 {
		return nil, errNotHere
	}
	m, err := parseDHCP6(f.data)
	if err != nil {
		return nil, err
	}
	if !sw.DHCP.Enabled {
		return nil, fmt.Errorf("switch %s does not serve DHCP", sw.Name)
	}
	to, ok := serve(s, sw, p, false)
	if !ok {
		to = served{server: nobody, mac: logical.DefaultMAC(nobody)}
		for rp := range s.RouterPortsOn(sw.ID) {
			to.port, to.mac = rp, rp.MAC
			break
		}
	}
	kind, err := m.answered(to)
	if kind == 0 || err != nil {
		return nil, err
	}
	h := header{src: to.mac, dst: f.src, from: linkLocal(to.mac), to: f.from, ttl: 64}
	return h.udp(547, 546, m.reply(sw, to, kind)), nil
}

// answered is the kind of answer that a message gets, 0 for none (RFC 8415, section 16).
func (m *dhcp6Message) answered(to served) (uint8, error) {
	named := m.server != nil
	switch m.kind {
	case dhcp6Solicit, dhcp6Confirm, dhcp6Rebind:
		if named || m.client == nil {
			return 0, errors.New("a DHCPv6 message to all names a server, or no client")
		}
	case dhcp6Request, dhcp6Renew, dhcp6Release, dhcp6Decline:
		if m.client == nil || !named {
			return 0, errors.New("a DHCPv6 message to one server names none, or no client")
		}
	case dhcp6Information:
	default:
		return 0, errors.New("it is no message of a DHCPv6 client")
	}
	switch {
	case named && !bytes.Equal(m.server, duid(to.mac)):
		return 0, nil // it is for another
	case m.kind == dhcp6Confirm && len(m.addresses()) == 0:
		return 0, nil // RFC 8415, section 18.3.3
	case m.kind == dhcp6Decline:
		return 0, fmt.Errorf("a guest says that somebody else has %s", to.address)
	case m.kind == dhcp6Solicit && !m.rapid:
		return dhcp6Advertise, nil
	}
	return dhcp6Reply, nil
}

// duid is the identifier of the server with a MAC (RFC 8415, section 11.4).
func duid(m logical.MAC) []byte { return append([]byte{0, 3, 0, 1}, m[:]...) }
