// Package configs reads the host profile and the daemon's own settings: strict
// YAML into the domains' specs, with defaults and validation. It also holds the
// profiles, schemas and units that are shipped.
package configs

import (
	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
	"github.com/sluice-nfv/sluice/pmd"
	"github.com/sluice-nfv/sluice/vhost"
)

// Profile is a host profile with every default resolved. Nil sections were
// absent from the file: they own nothing.
type Profile struct {
	Name       string
	Disruptive Disruptive

	CPU     *pmd.Spec
	DPDK    *dpdk.Spec
	Bridges []dpdk.BridgeSpec // the overlay's integration bridge included
	VHost   *vhost.Spec       // from dpdk.vhost and vhost.ports
	Overlay *logical.Overlay
	IPFIX   *ipfix.Spec

	lines map[string]int // place in the file, "bridges[0].ports[1].mtu" -> line
}

// Disruptive says what the daemon may do by itself: the profile's apply.disruptive.
type Disruptive string

// The values of Disruptive.
const (
	Ask  Disruptive = "ask"
	Auto Disruptive = "auto"
)

// Line returns the line of a place in the file: of the place itself or of the
// nearest place above it that the file has; 0 = unknown.
func (p *Profile) Line(path string) int {
	for path != "" {
		if line := p.lines[path]; line > 0 {
			return line
		}
		path = parent(path)
	}
	return 0
}

func parent(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '.' || path[i] == '[' {
			return path[:i]
		}
	}
	return ""
}
