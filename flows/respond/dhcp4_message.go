package respond

import (
	"errors"
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// Messages of DHCP (RFC 2132, section 9.6).
const (
	dhcpDiscover, dhcpOffer, dhcpRequest, dhcpDecline = 1, 2, 3, 4
	dhcpAck, dhcpNak, dhcpRelease, dhcpInform         = 5, 6, 7, 8
)

// Options of DHCP (RFC 2132, but where another is named).
const (
	optPad, optEnd                             = 0, 255
	optMask, optRouter, optDNS, optDomain      = 1, 3, 6, 15
	optMTU, optRequested, optLease, optKind    = 26, 50, 51, 53
	optServer, optMessage, optRenew, optRebind = 54, 56, 58, 59
	optClient                                  = 61
)

// dhcp4Message is what a client sent.
type dhcp4Message struct {
	kind      uint8
	xid       [4]byte
	mac       logical.MAC
	broadcast bool
	current   netip.Addr // that it has: ciaddr
	requested netip.Addr // not valid where it names none
	server    netip.Addr
	client    []byte // its identifier
}

// wanted is the address that the client speaks of.
func (m *dhcp4Message) wanted() netip.Addr {
	if m.requested.IsValid() {
		return m.requested
	}
	return m.current
}

const (
	bootpFixed = 236 // RFC 2131, section 2
	bootpLeast = 300 // RFC 1542, section 2.1
)

var magic = [4]byte{99, 130, 83, 99}

// parseDHCP4 reads a client's message.
func parseDHCP4(f frame) (*dhcp4Message, error) {
	b := f.data
	if f.sport != 68 || f.dport != 67 || len(b) < bootpFixed+4 || [4]byte(b[bootpFixed:]) != magic {
		return nil, errors.New("it is no DHCP message")
	}
	if b[0] != 1 || b[1] != 1 || b[2] != 6 {
		return nil, errors.New("it is no DHCP message of an Ethernet client")
	}
	if [4]byte(b[24:]) != [4]byte{} {
		return nil, errors.New("a DHCP relay sent it: guests ask for themselves here")
	}
	m := &dhcp4Message{xid: [4]byte(b[4:]), mac: logical.MAC(b[28:34]), broadcast: b[10]&0x80 != 0, current: netip.AddrFrom4([4]byte(b[12:]))}
	for o := b[bootpFixed+4:]; len(o) > 0 && o[0] != optEnd; {
		if o[0] == optPad {
			o = o[1:]
			continue
		}
		if len(o) < 2 || len(o) < 2+int(o[1]) {
			return nil, errors.New("an option of a DHCP message is cut short")
		}
		m.option(o[0], o[2:2+int(o[1])])
		o = o[2+int(o[1]):]
	}
	return m, nil
}

func (m *dhcp4Message) option(code uint8, v []byte) {
	switch {
	case code == optKind && len(v) == 1:
		m.kind = v[0]
	case code == optRequested && len(v) == 4:
		m.requested = netip.AddrFrom4([4]byte(v))
	case code == optServer && len(v) == 4:
		m.server = netip.AddrFrom4([4]byte(v))
	case code == optClient:
		m.client = v
	}
}
