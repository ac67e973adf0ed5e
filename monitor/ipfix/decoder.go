package ipfix

import (
	"net/netip"
	"time"
)

// Decoder reads messages of many exporters (RFC 7011 over UDP). It holds their
// templates, which belong to an exporter's address and port and to an observation
// domain. It does no I/O and is for one goroutine.
type Decoder struct {
	exporters map[netip.AddrPort]*exporter
	guesses   guesses
	names     names
	stats     Stats
	record    Record
	last      *exporter // the one that sent last: mostly there is one
}

// Stats counts what a decoder did since it was made.
type Stats struct {
	Messages  uint64 // with a frame that could be read
	Flows     uint64 // records of flows
	Options   uint64 // records about an exporter
	Undecoded uint64 // data sets whose template is not known: of OVS, one record each
	Lost      uint64 // records that were sent and never came, by the numbers of those that did
	Late      uint64 // messages with a number from before: doubled, or overtaken
	Restarts  uint64 // exporters that began to count anew
	Changes   uint64 // templates that came with another meaning than before
	Withdrawn uint64
	Refused   uint64 // templates that had no room
	Evicted   uint64 // exporters forgotten because there were too many
	Malformed map[Reason]uint64

	Exporters         int // remembered now
	Received, BuiltIn int // templates in use now, over all exporters: told by them, and assumed so far
}

// NewDecoder returns a decoder that knows no exporter, and of the templates those that
// OVS is built with.
func NewDecoder() *Decoder {
	return &Decoder{exporters: map[netip.AddrPort]*exporter{}, guesses: builtIn(), stats: Stats{Malformed: map[Reason]uint64{}}}
}

// Stats returns the counts of now.
func (d *Decoder) Stats() Stats {
	s := d.stats
	s.Malformed = make(map[Reason]uint64, len(d.stats.Malformed))
	for reason, n := range d.stats.Malformed {
		s.Malformed[reason] = n
	}
	s.Exporters = len(d.exporters)
	for _, e := range d.exporters {
		s.Received += len(e.templates)
		s.BuiltIn += len(e.assumed)
	}
	return s
}

// Decode reads one datagram and calls each with every record of it. The record is the
// decoder's: it holds until each returns. A *MalformedError says what could not be
// read; records of the sets before and behind were taken. now orders exporters by
// age.
func (d *Decoder) Decode(from netip.AddrPort, datagram []byte, now time.Time, each func(*Record)) error {
	h, bad := frame(datagram)
	if bad != nil {
		d.stats.Malformed[bad.Reason]++
		return bad
	}
	d.stats.Messages++
	e := d.exporter(from, now)
	m := message{decoder: d, exporter: e, header: h, each: each}
	records, bad := m.sets(datagram)
	d.follow(e, h.sequence, records)
	if bad != nil {
		return bad
	}
	return nil
}

// message is the reading of one.
type message struct {
	decoder  *Decoder
	exporter *exporter
	header   header
	each     func(*Record)
}

// sets reads all sets, and returns how many records were sent in them with the first
// thing that was wrong.
func (m *message) sets(datagram []byte) (records uint32, first *MalformedError) {
	for at := headerLength; at < len(datagram); {
		s, bad := setAt(datagram, at)
		if bad != nil { // frame has looked
			return records, bad
		}
		at = s.offset + len(s.body)
		var n uint32
		if s.id >= firstDataSet {
			n, bad = m.data(s)
		} else {
			bad = definitions(s, m.define)
		}
		records += n
		if bad != nil {
			m.decoder.stats.Malformed[bad.Reason]++
			if first == nil {
				first = bad
			}
		}
	}
	return records, first
}

// data reads the records of a set. A set is taken whole or not at all.
func (m *message) data(s set) (uint32, *MalformedError) {
	t, all, bad := m.templateOf(s)
	switch {
	case bad != nil:
		return 1, bad
	case t == nil:
		m.decoder.stats.Undecoded++
		return 1, nil
	}
	r, b := &m.decoder.record, s.body
	for range all {
		size, _ := t.size(b)
		*r = Record{Exporter: m.exporter.address, Domain: m.header.domain, Template: s.id, BuiltIn: t.builtIn, Exported: m.header.exported}
		t.read(b[:size], &m.decoder.names, r)
		b = b[size:]
		if r.Options {
			m.decoder.stats.Options++
		} else {
			m.decoder.stats.Flows++
		}
		m.each(r)
	}
	return uint32(all), nil
}

// templateOf finds the template that a set is written by, and how many records are in
// it. An assumed one must fit to the byte.
func (m *message) templateOf(s set) (*template, int, *MalformedError) {
	key := templateKey{m.header.domain, s.id}
	if t := m.exporter.templates[key]; t != nil {
		_, n, bad := count(t, s)
		return t, n, bad
	}
	for _, t := range m.decoder.guesses[s.id] {
		padding, n, bad := count(t, s)
		if bad == nil && padding == 0 && m.plausible(t, s, n) {
			m.exporter.assume(key)
			return t, n, nil
		}
	}
	return nil, 0, nil
}

// plausible tells whether records read by an assumed template agree with it: what
// their addresses, direction and version say is in the template's number too.
func (m *message) plausible(t *template, s set, n int) bool {
	if (s.id == optionsNumber) != (m.header.domain == 0 && t.scope > 0) {
		return false
	}
	if t.scope > 0 {
		return true
	}
	b := s.body
	for range n {
		size, _ := t.size(b)
		m.decoder.record = Record{}
		t.read(b[:size], &m.decoder.names, &m.decoder.record)
		if r := m.decoder.record; uint16(r.Direction) != s.id%2 || r.EndReason < 1 || r.EndReason > 5 || (r.Source.IsValid() && r.Source.Is4() != (r.IPVersion == 4)) {
			return false
		}
		b = b[size:]
	}
	return true
}

// count measures the records of a set: how many there are and how many bytes are left.
// Padding is shorter than any record, and zero.
func count(t *template, s set) (padding, n int, bad *MalformedError) {
	b := s.body
	for len(b) >= t.least {
		size, ok := t.size(b)
		if !ok {
			break
		}
		b, n = b[size:], n+1
	}
	if len(b) >= t.least || !allZero(b) || n == 0 {
		return 0, 0, malformed(ReasonRecord, s.offset+len(s.body)-len(b), "%d bytes are no record of template %d", len(b), s.id)
	}
	return len(b), n, nil
}

// define takes a template.
func (m *message) define(d definition) *MalformedError {
	e, stats := m.exporter, &m.decoder.stats
	key := templateKey{m.header.domain, d.id}
	if len(d.fields) == 0 {
		stats.Withdrawn += e.withdraw(key)
		return nil
	}
	t := newTemplate(d.fields, d.scope)
	if t == nil {
		return malformed(ReasonTemplate, 0, "records of template %d would be empty, or longer than a message", d.id)
	}
	switch was := e.templates[key]; {
	case was != nil && was.same(t):
		return nil
	case !e.room(was, t):
		stats.Refused++
		return nil
	case was != nil:
		stats.Changes++
	}
	delete(e.assumed, key)
	e.keep(key, t)
	return nil
}
