package flows

import (
	"encoding/binary"
	"hash/fnv"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Sampling is how packets of this host's ports are sampled for IPFIX. The zero value
// samples none.
type Sampling struct {
	Every uint32 // one packet in so many, 1 to 65535; a port's own comes before it
	Set   uint32 // the collector set of the integration bridge
}

// SampleDomain is the observation domain of all samples of a host: OVS 3.1.0 tells of its
// templates for one domain only.
func SampleDomain(host string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(host)) // it never fails
	return h.Sum32()
}

// SamplePoint is the observation point of a port's samples: the last eight digits of its
// UUID, which end the cookie of its flows, too.
func SamplePoint(p logical.ID[logical.SwitchPort]) uint32 {
	u := p.UUID()
	return binary.BigEndian.Uint32(u[12:])
}

// sample is the sampling of a local port; nil where it is not sampled.
func (v *view) sample(p *logical.SwitchPort) *of.Sample {
	v.readID(readSampling, logical.UUID{})
	s, every := v.local.Sampling, v.local.Sampling.Every
	if every == 0 {
		return nil
	}
	if p.Sampling != 0 {
		every = p.Sampling
	}
	const all = 65535 // OVS counts a sampled packet as 65535/probability, in whole numbers
	return &of.Sample{
		Probability: uint16(max(all/every, 1)), CollectorSet: s.Set, //nolint:gosec // at most 65535
		Domain: SampleDomain(v.local.Host), Point: SamplePoint(p.ID),
	}
}

// sampled are a site's samples of one direction. They name no port: one that a packet
// leaves by would take the place of the tunnel that it came from.
func (s site) sampled(d of.Direction) []of.Action {
	if s.sample == nil {
		return nil
	}
	a := *s.sample
	a.Direction = d
	return []of.Action{a}
}
