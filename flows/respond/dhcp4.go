package respond

import (
	"errors"
	"fmt"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// dhcp4 answers the DHCP message of a guest that all can hear. nil is no answer.
func dhcp4(s *logical.Snapshot, sw *logical.Switch, p *logical.SwitchPort, f frame) ([]byte, error) {
	m, err := parseDHCP4(f)
	if err != nil {
		return nil, err
	}
	if !sw.DHCP.Enabled {
		return nil, fmt.Errorf("switch %s does not serve DHCP", sw.Name)
	}
	if !p.HasMAC(m.mac) {
		return nil, fmt.Errorf("%s behind port %s asks for an address: the port has another MAC", m.mac, p.Name)
	}
	to, ok := serve(s, sw, p, true)
	if !ok {
		return nil, fmt.Errorf("port %s has no IPv4 address in a network of switch %s or its routers", p.Name, sw.Name)
	}
	return m.answer(sw, to)
}

// renew answers a guest that asks its router alone to go on with its address.
func renew(at ingress, f frame) ([]byte, error) {
	for rp := range at.snap.RouterPortsOf(at.router.ID) {
		link := at.snap.SwitchPortOf(rp)
		if link == nil || !networkOf(rp, f.from).IsValid() {
			continue
		}
		sw, p := at.snap.Switch(link.Switch), at.snap.PortByAddress(link.Switch, f.from)
		if sw != nil && p != nil && p.Kind == logical.PortGuest {
			return dhcp4(at.snap, sw, p, f)
		}
	}
	return nil, fmt.Errorf("%s asks a router to go on with an address that no guest has", f.from)
}

// answer decides what a guest is told (RFC 2131, section 4.3). What it is told does not
// depend on what it asks for: it is the network's.
func (m *dhcp4Message) answer(sw *logical.Switch, to served) ([]byte, error) {
	switch m.kind {
	case dhcpDiscover:
		return m.reply(sw, to, dhcpOffer), nil
	case dhcpRequest:
		if m.server.IsValid() && m.server != to.server {
			return nil, nil // it took another's offer
		}
		if m.wanted() != to.address {
			return m.reply(sw, to, dhcpNak), nil
		}
		return m.reply(sw, to, dhcpAck), nil
	case dhcpInform:
		return m.reply(sw, to, dhcpAck), nil
	case dhcpRelease:
		return nil, nil // it is the port's, now as then
	case dhcpDecline:
		return nil, fmt.Errorf("%s says that somebody else on switch %s has %s", m.mac, sw.Name, m.wanted())
	}
	return nil, errors.New("it is no message of a DHCP client")
}
