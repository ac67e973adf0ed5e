package difftest

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/simulate"
)

// set does a set action (lib/odp-util.c, format_odp_key_attr__): the name of a
// header and those of its fields that change. A field may have a mask, which must
// cover it whole. Headers and fields that the model does not have are an error, but
// for marks of the switch itself.
func set(a Action, p *simulate.Packet) error {
	for _, header := range a.Args {
		for _, f := range header.Args {
			key, value, ok := strings.Cut(f.Word, "=")
			if !ok {
				return fmt.Errorf("%s has no value", f)
			}
			value, err := unmasked(value)
			if err == nil {
				err = setField(p, header.Word+"."+key, value)
			}
			if err != nil {
				return fmt.Errorf("%s of %s: %w", key, header.Word, err)
			}
		}
	}
	return nil
}

// unmasked takes the mask off a value that it covers.
func unmasked(value string) (string, error) {
	v, mask, masked := strings.Cut(value, "/")
	bits := strings.NewReplacer(":", "", ".", "").Replace(strings.TrimPrefix(mask, "0x"))
	if masked && bits != "255255255255" && (bits == "" || strings.Trim(bits, "f") != "") {
		return "", fmt.Errorf("mask %s is not the whole field", mask)
	}
	return v, nil
}

func setField(p *simulate.Packet, field, v string) (err error) {
	switch field {
	case "eth.src":
		p.EthSrc, err = logical.ParseMAC(v)
	case "eth.dst":
		p.EthDst, err = logical.ParseMAC(v)
	case "ipv4.src", "ipv6.src", "arp.sip":
		p.Src, err = netip.ParseAddr(v)
	case "ipv4.dst", "ipv6.dst", "arp.tip":
		p.Dst, err = netip.ParseAddr(v)
	case "ipv4.ttl", "ipv6.hlimit":
		err = number(v, 8, &p.TTL)
	case "arp.op":
		err = number(v, 8, &p.Proto)
	case "arp.sha":
		p.ARPSrc, err = logical.ParseMAC(v)
	case "arp.tha":
		p.ARPDst, err = logical.ParseMAC(v)
	case "icmp.type", "icmpv6.type", "udp.src", "tcp.src", "sctp.src":
		err = number(v, 16, &p.SrcPort)
	case "icmp.code", "icmpv6.code", "udp.dst", "tcp.dst", "sctp.dst":
		err = number(v, 16, &p.DstPort)
	case "nd.target":
		p.Target, err = netip.ParseAddr(v)
	case "nd.sll":
		p.SourceLL, err = logical.ParseMAC(v)
	case "nd.tll":
		p.TargetLL, err = logical.ParseMAC(v)
	case "nd_ext.nd_reserved":
		err = number(v, 32, &p.NDFlags)
	case "nd_ext.nd_options_type":
		err = option(p, v)
	default:
		err = fmt.Errorf("a field that the tests do not know")
	}
	return err
}

// option makes the one option of a neighbour message the other one: 1 is the
// source's address, 2 the target's (RFC 4861, 4.6.1).
func option(p *simulate.Packet, v string) error {
	switch v {
	case "1":
		p.TargetLL = logical.MAC{}
	case "2":
		p.SourceLL = logical.MAC{}
	default:
		return fmt.Errorf("%s is no option of an address", v)
	}
	return nil
}

// number reads a number of so many bits.
func number[N ~uint8 | ~uint16 | ~uint32](text string, bits int, to *N) error {
	v, err := strconv.ParseUint(text, 0, bits)
	if err != nil {
		return err
	}
	*to = N(v)
	return nil
}
