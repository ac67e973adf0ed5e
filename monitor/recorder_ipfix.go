package monitor

import (
	"time"

	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// IPFIX is what the collector of flow records has, and what OVS's exporters say of
// themselves.
type IPFIX struct {
	Listening bool
	Decoder   ipfix.Stats
	Drops     uint64 // datagrams that the collector's socket had no room for
	Newest    time.Time
	Traffic   map[ipfix.Series]ipfix.Count
	Hidden    ipfix.Count
	Limit     int
	Exporters []ExporterSample
}

// ExporterSample is one exporter of OVS.
type ExporterSample struct {
	Bridge       string
	CollectorSet string // its number; "" = the bridge's own
	ipfix.ExporterStats
}

// IPFIX sets who tells of flow records at each scrape; it returns nil while none are
// collected. It must be safe for concurrent use and not call the recorder.
func (r *Recorder) IPFIX(tell func() *IPFIX) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ipfix = tell
}

func (s *IPFIX) emit(e emitter) {
	if s == nil {
		return
	}
	truth(e, ipfixListening, &s.Listening)
	for series, c := range s.Traffic {
		labels := func() []string {
			return []string{series.Port.Bridge, series.Port.Interface, series.Port.Logical, series.Direction.String(), string(series.Protocol), series.Peer}
		}
		e.emit(ipfixPackets, float64(c.Packets), labels()...)
		e.emit(ipfixBytes, float64(c.Bytes), labels()...)
	}
	e.emit(ipfixHiddenPackets, float64(s.Hidden.Packets))
	e.emit(ipfixHiddenBytes, float64(s.Hidden.Bytes))
	e.emit(ipfixSeries, float64(2*len(s.Traffic)))
	e.emit(ipfixSeriesLimit, float64(s.Limit))
	s.emitDecoder(e)
	for _, x := range s.Exporters {
		x.emit(e)
	}
}

func (s *IPFIX) emitDecoder(e emitter) {
	d := s.Decoder
	e.emit(ipfixMessages, float64(d.Messages))
	e.emit(ipfixRecords, float64(d.Flows), "flow")
	e.emit(ipfixRecords, float64(d.Options), "options")
	e.emit(ipfixLost, float64(d.Lost))
	e.emit(ipfixUndecoded, float64(d.Undecoded))
	for _, reason := range ipfix.Reasons() {
		e.emit(ipfixMalformed, float64(d.Malformed[reason]), string(reason))
	}
	e.emit(ipfixSocketDrops, float64(s.Drops))
	e.emit(ipfixTemplates, float64(d.Received), "received")
	e.emit(ipfixTemplates, float64(d.BuiltIn), "built_in")
	e.emit(ipfixTemplateChanges, float64(d.Changes))
	e.emit(ipfixExporters, float64(d.Exporters))
	e.emit(ipfixRestarts, float64(d.Restarts))
	if !s.Newest.IsZero() {
		e.emit(ipfixLastRecord, float64(s.Newest.UnixMilli())/1000)
	}
}

func (x ExporterSample) emit(e emitter) {
	e.emit(ipfixFlows, float64(x.Flows), x.Bridge, x.CollectorSet)
	e.emit(ipfixCurrentFlows, float64(x.CurrentFlows), x.Bridge, x.CollectorSet)
	e.emit(ipfixSampled, float64(x.SampledPackets), x.Bridge, x.CollectorSet)
	e.emit(ipfixSampleErrors, float64(x.IPv4Errors), x.Bridge, x.CollectorSet, "ipv4")
	e.emit(ipfixSampleErrors, float64(x.IPv6Errors), x.Bridge, x.CollectorSet, "ipv6")
	e.emit(ipfixSampleErrors, float64(x.OtherErrors), x.Bridge, x.CollectorSet, "other")
	e.emit(ipfixTx, float64(x.TxMessages), x.Bridge, x.CollectorSet)
	e.emit(ipfixTxErrors, float64(x.TxErrors), x.Bridge, x.CollectorSet)
}
