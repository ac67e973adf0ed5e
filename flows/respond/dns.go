package respond

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// dnsTTL is how long a guest may keep an answer, in seconds: a record that changes is
// soon known.
const dnsTTL = 30

// maxRecords is how many records an answer holds: what fits 512 bytes, the least that
// everybody takes (RFC 1035, section 2.3.4).
const maxRecords = 8

// dns answers a query to a router's address from the records of the switch that it came
// from. What the switch does not know it refuses, so that the guest asks its next server.
func dns(at ingress, f frame) ([]byte, error) {
	if f.dport != 53 {
		return nil, errNotHere
	}
	var p dnsmessage.Parser
	head, err := p.Start(f.data)
	if err != nil {
		return nil, errors.New("it is no DNS message")
	}
	if head.Response || head.OpCode != 0 {
		return nil, errors.New("it is no DNS query")
	}
	asked, err := p.Question()
	if err != nil {
		return nil, errors.New("it is a DNS query for nothing")
	}
	reply := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: head.ID, Response: true, RecursionDesired: head.RecursionDesired},
		Questions: []dnsmessage.Question{asked},
	}
	known, records := lookup(at.sw, asked)
	if known {
		reply.Authoritative, reply.Answers = true, records
	} else {
		reply.RCode = dnsmessage.RCodeRefused
	}
	if extended(&p) {
		var h dnsmessage.ResourceHeader
		if err := h.SetEDNS0(1232, reply.RCode, false); err == nil {
			reply.Additionals = []dnsmessage.Resource{{Header: h, Body: &dnsmessage.OPTResource{}}}
		}
	}
	data, err := reply.Pack()
	if err != nil {
		return nil, errors.New("the name of a DNS query cannot be written")
	}
	return at.answers(f).udp(f.dport, f.sport, data), nil
}

// extended says whether the query has an OPT record: its answer has one, too (RFC 6891,
// section 6.1.1).
func extended(p *dnsmessage.Parser) bool {
	if p.SkipAllQuestions() != nil || p.SkipAllAnswers() != nil || p.SkipAllAuthorities() != nil {
		return false
	}
	for {
		h, err := p.AdditionalHeader()
		if err != nil {
			return false
		}
		if h.Type == dnsmessage.TypeOPT {
			return true
		}
		if p.SkipAdditional() != nil {
			return false
		}
	}
}

// lookup finds what a switch knows of a name: known says whether it knows the name at
// all.
func lookup(sw *logical.Switch, q dnsmessage.Question) (known bool, all []dnsmessage.Resource) {
	if q.Class != dnsmessage.ClassINET {
		return false, nil
	}
	add := func(body dnsmessage.ResourceBody) {
		if len(all) < maxRecords {
			all = append(all, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: dnsTTL}, Body: body})
		}
	}
	name := strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))
	if a, ok := reversed(name); ok {
		for _, r := range sw.DNS {
			for _, b := range r.Addresses {
				target, err := dnsmessage.NewName(strings.TrimSuffix(r.Name, ".") + ".")
				if a == b && err == nil {
					known = true
					if q.Type == dnsmessage.TypePTR || q.Type == dnsmessage.TypeALL {
						add(&dnsmessage.PTRResource{PTR: target})
					}
				}
			}
		}
		return known, all
	}
	short, inDomain := strings.CutSuffix(name, "."+strings.ToLower(strings.Trim(sw.DHCP.Domain, ".")))
	for _, r := range sw.DNS {
		is := strings.TrimSuffix(r.Name, ".")
		if inDomain && strings.EqualFold(is, short) {
			is = name
		}
		if !strings.EqualFold(is, name) {
			continue
		}
		known = true
		for _, a := range r.Addresses {
			switch {
			case a.Is4() && (q.Type == dnsmessage.TypeA || q.Type == dnsmessage.TypeALL):
				add(&dnsmessage.AResource{A: a.As4()})
			case a.Is6() && (q.Type == dnsmessage.TypeAAAA || q.Type == dnsmessage.TypeALL):
				add(&dnsmessage.AAAAResource{AAAA: a.As16()})
			}
		}
	}
	return known, all
}

// reversed is the address that a name of in-addr.arpa or ip6.arpa is for (RFC 1035
// section 3.5, RFC 3596 section 2.5).
func reversed(name string) (netip.Addr, bool) {
	if digits, ok := strings.CutSuffix(name, ".in-addr.arpa"); ok {
		parts := strings.Split(digits, ".")
		var b [4]byte
		for i, part := range parts {
			n, err := strconv.ParseUint(part, 10, 8)
			if err != nil || len(parts) != 4 {
				return netip.Addr{}, false
			}
			b[3-i] = byte(n)
		}
		return netip.AddrFrom4(b), true
	}
	if digits, ok := strings.CutSuffix(name, ".ip6.arpa"); ok {
		parts := strings.Split(digits, ".")
		var b [16]byte
		for i, part := range parts {
			n, err := strconv.ParseUint(part, 16, 4)
			if err != nil || len(parts) != 32 {
				return netip.Addr{}, false
			}
			b[15-i/2] |= byte(n) << (i % 2 * 4)
		}
		return netip.AddrFrom16(b), true
	}
	return netip.Addr{}, false
}
