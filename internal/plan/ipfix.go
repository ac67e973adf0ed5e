package plan

import "github.com/sluice-nfv/sluice/monitor/ipfix"

// ipfix adds the exporters of flow records.
func (m *maker) ipfix() {
	integration := ""
	if o := m.in.Profile.Overlay; o != nil {
		integration = o.Integration
	}
	m.add(nil, ipfix.Decide(m.in.Profile.IPFIX, integration), nil)
}
