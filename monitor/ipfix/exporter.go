package ipfix

import (
	"net/netip"
	"time"
)

// templateKey names a template within an exporter.
type templateKey struct {
	domain uint32
	id     uint16
}

// exporter is one sender: OVS has one socket for each bridge or collector set and
// target, and opens another when its settings change.
type exporter struct {
	address   netip.AddrPort
	heard     time.Time
	templates map[templateKey]*template
	fields    int                  // of all templates
	assumed   map[templateKey]bool // read by built-in templates so far
	started   bool
	next      uint32 // the sequence number that comes next
	late      int    // messages in a row that were numbered before it
}

// exporter finds who sent a datagram. Those long silent, and of too many the one
// silent for the longest time, are forgotten.
func (d *Decoder) exporter(from netip.AddrPort, now time.Time) *exporter {
	if d.last != nil && d.last.address == from {
		d.last.heard = now
		return d.last
	}
	e := d.exporters[from]
	if e == nil {
		d.forget(now)
		e = &exporter{address: from, templates: map[templateKey]*template{}, assumed: map[templateKey]bool{}}
		d.exporters[from] = e
	}
	e.heard, d.last = now, e
	return e
}

// forget makes room for one more exporter.
func (d *Decoder) forget(now time.Time) {
	d.last = nil
	var oldest *exporter
	for at, e := range d.exporters {
		if now.Sub(e.heard) > idleExporter {
			delete(d.exporters, at)
			continue
		}
		if oldest == nil || e.heard.Before(oldest.heard) {
			oldest = e
		}
	}
	if len(d.exporters) >= maxExporters {
		delete(d.exporters, oldest.address)
		d.stats.Evicted++
	}
}

// assume notes that records of a template are read without having heard it.
func (e *exporter) assume(key templateKey) {
	if len(e.assumed) < maxTemplates {
		e.assumed[key] = true
	}
}

// room tells whether a template can be kept in place of another; nil = of none.
func (e *exporter) room(was, t *template) bool {
	if was != nil {
		return e.fields-len(was.fields)+len(t.fields) <= maxFieldsKept
	}
	return len(e.templates) < maxTemplates && e.fields+len(t.fields) <= maxFieldsKept
}

// keep stores a template.
func (e *exporter) keep(key templateKey, t *template) {
	e.drop(key)
	e.templates[key], e.fields = t, e.fields+len(t.fields)
}

func (e *exporter) drop(key templateKey) {
	if t := e.templates[key]; t != nil {
		delete(e.templates, key)
		e.fields -= len(t.fields)
	}
}

// withdraw forgets a template, or all of a kind in the domain, and returns how many
// (RFC 7011, section 8.1).
func (e *exporter) withdraw(key templateKey) uint64 {
	if key.id >= firstDataSet {
		if e.templates[key] == nil {
			return 0
		}
		e.drop(key)
		return 1
	}
	var n uint64
	for k, t := range e.templates {
		if k.domain == key.domain && (t.scope > 0) == (key.id == setOptions) {
			e.drop(k)
			n++
		}
	}
	return n
}

// follow compares a message's sequence number with what was to come. OVS counts over
// all domains of an exporter, from 1, where RFC 7011 says each domain from 0
// (ofproto-dpif-ipfix.c: exporter->seq_number). Its messages of templates bear the
// number of the next record and count for none.
func (d *Decoder) follow(e *exporter, sequence, records uint32) {
	next := sequence + records
	ahead := int32(sequence - e.next)
	switch {
	case !e.started, ahead == 0:
	case ahead > longestJump, ahead < -longestJump, ahead < 0 && sequence <= 1:
		d.stats.Restarts++
	case ahead > 0:
		d.stats.Lost += uint64(ahead)
	case e.late < mostLate:
		e.late++
		d.stats.Late++
		return
	default: // it counts anew, and its first messages were lost
		d.stats.Restarts++
	}
	e.started, e.next, e.late = true, next, 0
}
