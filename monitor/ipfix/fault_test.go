package ipfix

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var sender = netip.MustParseAddrPort("127.0.0.1:40000")

// msg writes a message with these sets.
func msg(sequence, domain uint32, sets ...[]byte) []byte {
	b := make([]byte, headerLength)
	for _, s := range sets {
		b = append(b, s...)
	}
	binary.BigEndian.PutUint16(b, version)
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	binary.BigEndian.PutUint32(b[4:], 1_700_000_000)
	binary.BigEndian.PutUint32(b[8:], sequence)
	binary.BigEndian.PutUint32(b[12:], domain)
	return b
}

// part writes a set.
func part(id uint16, body ...byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, id)
	return append(binary.BigEndian.AppendUint16(b, uint16(setHeader+len(body))), body...)
}

// tmpl writes a set of one template.
func tmpl(id uint16, fields ...Field) []byte {
	b := binary.BigEndian.AppendUint16(nil, id)
	b = binary.BigEndian.AppendUint16(b, uint16(len(fields)))
	for _, f := range fields {
		if f.Enterprise != 0 {
			f.Element |= enterpriseBit
		}
		b = binary.BigEndian.AppendUint16(b, f.Element)
		b = binary.BigEndian.AppendUint16(b, f.Length)
		if f.Enterprise != 0 {
			b = binary.BigEndian.AppendUint32(b, f.Enterprise)
		}
	}
	return part(setTemplate, b...)
}

var (
	packets = Field{Element: elementPackets, Length: 8}
	name    = Field{Element: elementInterfaceName, Length: variable}
)

// TestMessages: what a decoder makes of messages, one after the other, of one sender.
func TestMessages(t *testing.T) {
	count := []byte{0, 0, 0, 0, 0, 0, 0, 5}
	long := append([]byte{255, 1, 0}, make([]byte, 256)...)
	type got struct {
		Packets []uint64
		Names   []string
		Reasons []Reason
	}
	for _, c := range []struct {
		name     string
		messages [][]byte
		want     got
		stats    Stats
	}{
		{
			name:     "a template and its record in one message",
			messages: [][]byte{msg(0, 1, tmpl(300, packets), part(300, count...))},
			want:     got{Packets: []uint64{5}}, stats: Stats{Flows: 1, Received: 1},
		},
		{
			name:     "several records, and padding of zeros",
			messages: [][]byte{msg(0, 1, tmpl(300, packets)), msg(0, 1, part(300, append(append(count, count...), 0, 0, 0)...))},
			want:     got{Packets: []uint64{5, 5}}, stats: Stats{Flows: 2, Received: 1},
		},
		{
			name:     "a rest that is no padding: nothing of the set is believed",
			messages: [][]byte{msg(0, 1, tmpl(300, packets)), msg(0, 1, part(300, append(append(count, count...), 7)...))},
			want:     got{Reasons: []Reason{ReasonRecord}}, stats: Stats{Received: 1},
		},
		{
			name:     "fewer bytes than the type has",
			messages: [][]byte{msg(0, 1, tmpl(300, Field{Element: elementPackets, Length: 2}), part(300, 1, 2))},
			want:     got{Packets: []uint64{258}}, stats: Stats{Flows: 1, Received: 1},
		},
		{
			name:     "a number of nine bytes is none",
			messages: [][]byte{msg(0, 1, tmpl(300, Field{Element: elementPackets, Length: 9}), part(300, append(count, 1)...))},
			want:     got{Packets: []uint64{0}}, stats: Stats{Flows: 1, Received: 1},
		},
		{
			name: "unknown elements and enterprises are skipped",
			messages: [][]byte{msg(0, 1, tmpl(300, Field{Element: 9999, Length: variable}, Field{Element: elementPackets, Length: 8, Enterprise: 77}, packets),
				part(300, append(append([]byte{2, 8, 8}, 9, 9, 9, 9, 9, 9, 9, 9), count...)...))},
			want: got{Packets: []uint64{5}}, stats: Stats{Flows: 1, Received: 1},
		},
		{
			name:     "a variable length in three bytes, of a text that OVS cannot have written",
			messages: [][]byte{msg(0, 1, tmpl(300, name, packets), part(300, append(long, count...)...))},
			want:     got{Packets: []uint64{5}}, stats: Stats{Flows: 1, Received: 1},
		},
		{
			name:     "a variable length that leaves the set",
			messages: [][]byte{msg(0, 1, tmpl(300, name, packets), part(300, append([]byte{200}, count...)...))},
			want:     got{Reasons: []Reason{ReasonRecord}}, stats: Stats{Received: 1},
		},
		{
			name: "a text", messages: [][]byte{msg(0, 1, tmpl(300, name, packets), part(300, append([]byte{2, 'p', '0'}, count...)...))},
			want: got{Packets: []uint64{5}, Names: []string{"p0"}}, stats: Stats{Flows: 1, Received: 1},
		},
		{
			name:     "a template of another domain does not count",
			messages: [][]byte{msg(0, 1, tmpl(400, packets)), msg(0, 2, part(400, count...))},
			stats:    Stats{Undecoded: 1, Received: 1},
		},
		{
			name:     "a template is redefined: what follows reads anew",
			messages: [][]byte{msg(0, 1, tmpl(300, packets), part(300, count...), tmpl(300, Field{Element: elementPackets, Length: 4}), part(300, 0, 0, 0, 9))},
			want:     got{Packets: []uint64{5, 9}}, stats: Stats{Flows: 2, Changes: 1, Received: 1},
		},
		{
			name:     "a template is withdrawn",
			messages: [][]byte{msg(0, 1, tmpl(400, packets), tmpl(400), part(400, count...))},
			stats:    Stats{Withdrawn: 1, Undecoded: 1},
		},
		{
			name:     "all templates of the domain are withdrawn",
			messages: [][]byte{msg(0, 1, tmpl(400, packets), tmpl(401, packets), tmpl(setTemplate), part(400, count...))},
			stats:    Stats{Withdrawn: 2, Undecoded: 1},
		},
		{
			name:     "a built-in number whose record fits no template of OVS",
			messages: [][]byte{msg(0, 1, part(280, count...))}, stats: Stats{Undecoded: 1},
		},
		{
			name: "a template of nothing", messages: [][]byte{msg(0, 1, tmpl(300, Field{Element: elementPackets}))},
			want: got{Reasons: []Reason{ReasonTemplate}},
		},
		{
			name:     "a template that says more fields than there are",
			messages: [][]byte{msg(0, 1, part(setTemplate, 1, 44, 0, 9, 0, 2, 0, 8))},
			want:     got{Reasons: []Reason{ReasonTemplate}},
		},
		{
			name:     "a scope of more fields than there are",
			messages: [][]byte{msg(0, 0, part(setOptions, 1, 206, 0, 1, 0, 2, 0, 144, 0, 4))},
			want:     got{Reasons: []Reason{ReasonTemplate}},
		},
		{
			name: "a set that says it is longer", messages: [][]byte{msg(0, 1, []byte{1, 44, 0, 99, 0, 0})},
			want: got{Reasons: []Reason{ReasonSet}},
		},
		{
			name: "a set that says it has no length", messages: [][]byte{msg(0, 1, []byte{1, 44, 0, 0})},
			want: got{Reasons: []Reason{ReasonSet}},
		},
		{
			name: "a set of a reserved number", messages: [][]byte{msg(0, 1, part(7, 1))}, want: got{Reasons: []Reason{ReasonSet}},
		},
		{
			name: "short", messages: [][]byte{{0, 10, 0, 4}}, want: got{Reasons: []Reason{ReasonShort}},
		},
		{
			name: "NetFlow 9", messages: [][]byte{append([]byte{0, 9}, make([]byte, 30)...)}, want: got{Reasons: []Reason{ReasonVersion}},
		},
		{
			name: "cut off", messages: [][]byte{msg(0, 1, part(300, count...))[:20]}, want: got{Reasons: []Reason{ReasonLength}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := NewDecoder()
			var g got
			for _, m := range c.messages {
				err := d.Decode(sender, m, time.Unix(0, 0), func(r *Record) {
					g.Packets = append(g.Packets, r.Packets)
					if r.In.Name != "" {
						g.Names = append(g.Names, r.In.Name)
					}
				})
				if bad, ok := errors.AsType[*MalformedError](err); ok {
					g.Reasons = append(g.Reasons, bad.Reason)
				}
			}
			s := d.Stats()
			for _, reason := range g.Reasons {
				if s.Malformed[reason]--; s.Malformed[reason] == 0 {
					delete(s.Malformed, reason)
				}
			}
			if len(s.Malformed) > 0 {
				t.Errorf("counted and not told: %v", s.Malformed)
			}
			s.Malformed, s.Messages, s.Exporters, s.Lost, s.Late = nil, 0, 0, 0, 0
			if diff := cmp.Diff(c.want, g); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(c.stats, s); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestSequence: what is lost is counted once, and an exporter that counts anew has lost
// nothing. OVS numbers over all domains, from 1.
func TestSequence(t *testing.T) {
	data := part(300, 0, 0, 0, 1)
	type send struct {
		sequence, domain uint32
		templates        bool
	}
	for _, c := range []struct {
		name                 string
		sends                []send
		lost, late, restarts uint64
	}{
		{name: "in order, over two domains", sends: []send{{1, 7, true}, {1, 7, false}, {2, 8, true}, {2, 8, false}, {3, 7, false}}},
		{name: "joined late", sends: []send{{500, 7, true}, {500, 7, false}, {501, 7, false}}},
		{name: "two lost", sends: []send{{1, 7, false}, {2, 7, false}, {5, 7, false}}, lost: 2},
		{name: "a template tells of a loss, once", sends: []send{{1, 7, false}, {4, 7, true}, {4, 7, false}}, lost: 2},
		{name: "doubled", sends: []send{{1, 7, false}, {2, 7, false}, {2, 7, false}, {3, 7, false}}, late: 1},
		{name: "from 1 again", sends: []send{{1, 7, false}, {2, 7, false}, {3, 7, false}, {1, 7, false}, {2, 7, false}}, restarts: 1},
		{name: "a jump no exporter makes", sends: []send{{1, 7, false}, {1 << 31, 7, false}, {1<<31 + 1, 7, false}}, restarts: 1},
		{name: "from 0 again", sends: []send{{500, 7, false}, {501, 7, false}, {0, 7, false}, {1, 7, false}}, restarts: 1},
		{name: "from 1 again, after billions", sends: []send{{3_000_000_000, 7, false}, {1, 7, false}, {2, 7, false}}, restarts: 1},
		{name: "from 1 again, after more than half of all numbers", sends: []send{{1<<31 + 5, 7, false}, {1, 7, false}, {2, 7, false}}, restarts: 1},
		{name: "past the last number", sends: []send{{1<<32 - 1, 7, false}, {0, 7, false}, {1, 7, false}}},
		{name: "two lost on the way past the last number", sends: []send{{1<<32 - 2, 7, false}, {1, 7, false}, {2, 7, false}}, lost: 2},
		{name: "overtaken on the way past the last number", sends: []send{{1<<32 - 2, 7, false}, {2, 7, false}, {1<<32 - 1, 7, false}, {3, 7, false}}, lost: 3, late: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := NewDecoder()
			for _, s := range c.sends {
				set := data
				if s.templates {
					set = tmpl(300, Field{Element: elementPackets, Length: 4})
				}
				if err := d.Decode(sender, msg(s.sequence, s.domain, set), time.Unix(0, 0), func(*Record) {}); err != nil {
					t.Fatal(err)
				}
			}
			if s := d.Stats(); s.Lost != c.lost || s.Late != c.late || s.Restarts != c.restarts {
				t.Errorf("lost %d, late %d, restarts %d; want %d, %d, %d", s.Lost, s.Late, s.Restarts, c.lost, c.late, c.restarts)
			}
		})
	}
}

// TestOldNumbersForGood: an exporter whose first messages after a restart were lost is
// believed in the end.
func TestOldNumbersForGood(t *testing.T) {
	d := NewDecoder()
	for sequence := range uint32(3000) {
		if sequence == 1000 {
			continue
		}
		n := sequence
		if sequence > 1000 {
			n -= 990
		}
		if err := d.Decode(sender, msg(n, 7, part(300, 0, 0, 0, 1)), time.Unix(0, 0), nil); err != nil {
			t.Fatal(err)
		}
	}
	if s := d.Stats(); s.Restarts != 1 || s.Late != mostLate || s.Lost != 0 {
		t.Errorf("%+v", s)
	}
}

// TestFloods: exporters, templates and names without end take no memory without end,
// and what had no room is counted.
func TestFloods(t *testing.T) {
	d := NewDecoder()
	now := time.Unix(0, 0)
	for i := range 1000 {
		from := netip.AddrPortFrom(sender.Addr(), uint16(1024+i))
		if err := d.Decode(from, msg(0, 1, tmpl(300, packets)), now.Add(time.Duration(i)*time.Millisecond), nil); err != nil {
			t.Fatal(err)
		}
	}
	if s := d.Stats(); s.Exporters != maxExporters || s.Evicted != 1000-maxExporters {
		t.Errorf("%d exporters, %d evicted", s.Exporters, s.Evicted)
	}
	d = NewDecoder()
	for domain := range uint32(2 * maxTemplates) {
		if err := d.Decode(sender, msg(0, domain, tmpl(300, packets)), now, nil); err != nil {
			t.Fatal(err)
		}
	}
	if s := d.Stats(); s.Received != maxTemplates || s.Refused != maxTemplates {
		t.Errorf("%d templates, %d refused", s.Received, s.Refused)
	}
	for i := range 3 * maxNames {
		text := binary.BigEndian.AppendUint32(nil, uint32(i))
		if err := d.Decode(sender, msg(0, 0, tmpl(300, name), part(300, append([]byte{4}, text...)...)), now, func(*Record) {}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(d.names.known); n > maxNames {
		t.Errorf("%d names are kept", n)
	}
}
