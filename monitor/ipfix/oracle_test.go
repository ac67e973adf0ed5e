package ipfix

import (
	"encoding/binary"
	"maps"
	"net/netip"
	"testing"
	"time"
)

// oracle reads a message the slow way: each record field by field, by whatever template
// stands before it in the same message or an earlier one; without lengths measured
// ahead, merged steps or anything kept. false where it does not know what to think.
type oracle struct{ templates map[templateKey][]Field }

// value is one field of a record.
type value struct {
	Field
	bytes string
}

func (o *oracle) read(m []byte) (records [][]value, ok bool) {
	domain := binary.BigEndian.Uint32(m[12:])
	for m = m[headerLength:]; len(m) > 0; {
		id, n := binary.BigEndian.Uint16(m), int(binary.BigEndian.Uint16(m[2:]))
		body := m[4:n]
		m = m[n:]
		switch id {
		case setTemplate, setOptions:
			o.define(domain, id, body)
		default:
			fields, known := o.templates[templateKey{domain, id}]
			if !known {
				return nil, false
			}
			for len(body) > 3 || len(body) > 0 && len(fields) < 3 { // OVS pads nothing
				var r []value
				for _, f := range fields {
					length := int(f.Length)
					if f.Length == variable {
						length = int(body[0])
						body = body[1:]
						if length == 255 {
							length = int(binary.BigEndian.Uint16(body))
							body = body[2:]
						}
					}
					r = append(r, value{f, string(body[:length])})
					body = body[length:]
				}
				records = append(records, r)
			}
		}
	}
	return records, true
}

func (o *oracle) define(domain uint32, id uint16, b []byte) {
	for len(b) > 0 {
		number, n := binary.BigEndian.Uint16(b), int(binary.BigEndian.Uint16(b[2:]))
		b = b[4:]
		if id == setOptions {
			b = b[2:]
		}
		var fields []Field
		for range n {
			f := Field{Element: binary.BigEndian.Uint16(b), Length: binary.BigEndian.Uint16(b[2:])}
			b = b[4:]
			if f.Element >= enterpriseBit {
				f.Element -= enterpriseBit
				f.Enterprise = binary.BigEndian.Uint32(b)
				b = b[4:]
			}
			fields = append(fields, f)
		}
		o.templates[templateKey{domain, number}] = fields
	}
}

// believes makes a record of values, by what RFC 5102 and OVS say of each.
func believes(values []value) Record {
	var r Record
	for _, v := range values {
		address, _ := netip.AddrFromSlice([]byte(v.bytes))
		var n uint64
		for i := range len(v.bytes) {
			if len(v.bytes) <= 8 {
				n = n*256 + uint64(v.bytes[i])
			}
		}
		if v.Enterprise == 6876 {
			v.Element += 30000
		}
		switch v.Element {
		case 1:
			r.Octets = n
		case 2:
			r.Packets = n
		case 4:
			r.Protocol = uint8(n)
		case 5:
			r.Class = uint8(n)
		case 7:
			r.SourcePort = uint16(n)
		case 8, 27:
			r.Source = address
		case 10:
			r.In.Index = uint32(n)
		case 11:
			r.DestinationPort = uint16(n)
		case 12, 28:
			r.Destination = address
		case 14:
			r.Out.Index = uint32(n)
		case 56:
			r.SourceMAC = MAC([]byte(v.bytes))
		case 58:
			r.VLAN = uint16(n)
		case 60:
			r.IPVersion = uint8(n)
		case 61:
			r.Direction = Direction(n)
		case 80:
			r.DestinationMAC = MAC([]byte(v.bytes))
		case 82: // the ingress interface's, then the egress interface's
			if r.In.Name == "" {
				r.In.Name = v.bytes
			} else {
				r.Out.Name = v.bytes
			}
		case 133:
			r.Dropped = n
		case 136:
			r.EndReason = uint8(n)
		case 138:
			r.Point = uint32(n)
		case 144:
			r.Process, r.Options = uint32(n), true
		case 158:
			r.Start = time.Duration(n) * time.Microsecond
		case 159:
			r.End = time.Duration(n) * time.Microsecond
		case 167:
			r.NotSent = n
		case 176, 178:
			r.ICMPType = uint8(n)
		case 177, 179:
			r.ICMPCode = uint8(n)
		case 256:
			r.EtherType = uint16(n)
		case 352:
			r.Layer2Octets = n
		case 30891:
			r.Tunnel.Type = uint8(n)
		case 30892:
			r.Tunnel.Key = n
		case 30893:
			r.Tunnel.Source = address
		case 30894:
			r.Tunnel.Destination = address
		case 30897:
			r.Tunnel.Port = uint16(n)
		case 30898:
			r.VirtualID = v.bytes
		}
	}
	return r
}

// TestOracle: the decoder and a dumb reader see the same records in every capture, and
// in records of every built-in template filled with numbers of their own.
func TestOracle(t *testing.T) {
	compared := 0
	for _, version := range versions {
		d, o := NewDecoder(), oracle{map[templateKey][]Field{}}
		for number, guess := range builtIn() {
			for domain := range uint32(8) {
				o.templates[templateKey{domain, number}] = guess[0].fields
			}
		}
		for g := range capture(t, version) {
			compared += compare(t, d, o, g.from, g.payload)
		}
	}
	for _, virtual := range []bool{false, true} {
		d, o := NewDecoder(), oracle{map[templateKey][]Field{}}
		for i, s := range shapes() {
			fields := s.fields(virtual)
			o.templates[templateKey{7, s.number()}] = fields
			compared += compare(t, d, o, sender, msg(uint32(i), 7, part(s.number(), filled(s, fields)...)))
		}
		if s := d.Stats(); s.BuiltIn != 88 || s.Undecoded > 0 {
			t.Errorf("virtual %v: %+v", virtual, s)
		}
	}
	if compared < 2900 {
		t.Errorf("only %d records were compared", compared)
	}
}

func compare(t *testing.T, d *Decoder, o oracle, from netip.AddrPort, m []byte) int {
	t.Helper()
	var got []Record
	if err := d.Decode(from, m, time.Unix(0, 0), func(r *Record) { got = append(got, *r) }); err != nil {
		t.Fatal(err)
	}
	want, ok := o.read(m)
	if !ok || len(want) != len(got) {
		t.Fatalf("%d records, the oracle has %d, %v", len(got), len(want), ok)
	}
	for i, values := range want {
		w := believes(values)
		g := got[i]
		w.Exporter, w.Domain, w.Template, w.BuiltIn, w.Exported = g.Exporter, g.Domain, g.Template, g.BuiltIn, g.Exported
		if w != g {
			t.Fatalf("want %s\n got %s", line(&w), line(&g))
		}
	}
	return len(got)
}

// filled writes a record of a template, each byte another, with what has to agree.
func filled(s shape, fields []Field) []byte {
	var b []byte
	for i, f := range fields {
		length := int(f.Length)
		if f.Length == variable {
			length = 3
			b = append(b, 3)
		}
		v := make([]byte, length)
		for j := range v {
			v[j] = byte(i*7 + j + 1)
		}
		switch {
		case f.Enterprise != 0:
		case f.Element == elementDirection:
			v[0] = byte(bit(s.egress))
		case f.Element == elementIPVersion:
			v[0] = byte(2 + 2*s.l3)
		case f.Element == elementEndReason:
			v[0] = 4
		}
		b = append(b, v...)
	}
	return b
}

// FuzzDecode: whatever comes, alone and then once more after it has left its templates,
// nothing crashes, nothing is kept without bound and every message is counted.
func FuzzDecode(f *testing.F) {
	for _, version := range versions {
		n := 0
		for g := range capture(f, version) {
			if n++; n%40 < 3 {
				f.Add(g.payload)
			}
		}
	}
	f.Add(msg(0, 1, tmpl(300, name, packets), part(300, 2, 'p', '0', 0, 0, 0, 0, 0, 0, 0, 5), tmpl(300)))
	f.Fuzz(func(t *testing.T, data []byte) {
		d := NewDecoder()
		for range 2 {
			bytes := 0
			err := d.Decode(sender, data, time.Unix(0, 0), func(r *Record) {
				bytes++
				if len(r.In.Name) > maxText {
					t.Fatal("a name longer than a name")
				}
			})
			if bytes > len(data) {
				t.Fatalf("%d records in %d bytes", bytes, len(data))
			}
			if err == nil && len(data) < headerLength {
				t.Fatal("no error for no message")
			}
		}
		s := d.Stats()
		broken := uint64(0)
		for n := range maps.Values(s.Malformed) {
			broken += n
		}
		if s.Messages < 2 && broken < 2 {
			t.Fatalf("a message is not counted: %+v", s)
		}
	})
}
