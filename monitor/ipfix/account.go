package ipfix

import (
	"net/netip"
	"time"
)

// Account adds up what a decoder reads: traffic by series, and talkers. It is for one
// goroutine; the directory may be another's, as it does not change.
type Account struct {
	Traffic *Traffic
	Talkers Talkers
	flow    Flow
}

// NewAccount returns an empty one whose traffic is shown as at most limit series.
func NewAccount(limit int) *Account { return &Account{Traffic: NewTraffic(limit)} }

// Add counts a record of a flow; those about an exporter are none.
func (a *Account) Add(r *Record, d *Directory, now time.Time) {
	if r.Options {
		return
	}
	c := Count{Packets: r.Packets, Bytes: r.Layer2Octets}
	if c.Bytes == 0 {
		c.Bytes = r.Octets
	}
	port, peer := d.place(r)
	f := &a.flow
	*f = Flow{
		Series: Series{Port: port, Direction: r.Direction, Protocol: ProtocolOf(r), Peer: peer},
		VLAN:   r.VLAN,
	}
	if r.IPVersion == 0 {
		f.SourceMAC, f.DestinationMAC = r.SourceMAC, r.DestinationMAC
	} else {
		f.Source, f.Destination, f.SourcePort, f.DestinationPort = r.Source, r.Destination, r.SourcePort, r.DestinationPort
	}
	a.Traffic.Add(f.Series, c, now)
	a.Talkers.Add(f, c, now)
}

// Ends returns the source and the destination in words: addresses with their ports, or
// MACs.
func (f *Flow) Ends() (source, destination string) {
	if !f.Source.IsValid() {
		return f.SourceMAC.String(), f.DestinationMAC.String()
	}
	return end(f.Source, f.SourcePort), end(f.Destination, f.DestinationPort)
}

func end(a netip.Addr, port uint16) string {
	if port == 0 {
		return a.String()
	}
	return netip.AddrPortFrom(a, port).String()
}
