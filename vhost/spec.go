// Package vhost plans vhost-user-client ports and their socket directories and
// says what a port's status means and what its guest needs to connect.
package vhost

import (
	"io/fs"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Spec is the profile's vhost side: dpdk.vhost and vhost.ports.
type Spec struct {
	SocketDir string // default /var/lib/vhost_sockets
	// IOMMU and Postcopy are nil where the profile has no dpdk section.
	IOMMU, Postcopy *bool
	Ports           []PortSpec
}

// PortSpec is one dpdkvhostuserclient port: the guest makes the socket, OVS
// connects to it, so a restart of OVS needs no restart of the guest.
type PortSpec struct {
	Path        string // place in the profile, "vhost.ports[0]"
	Name        string
	Bridge      string
	Queues      int // queue pairs the guest is expected to negotiate
	MTU         int
	MAC         string // recorded as attached-mac; the guest owns it
	LogicalPort string // iface-id; "" = none
	Socket      string // default <SocketDir>/<Name>/<Name>.sock
	Access      Access
	TxRetries   int // 0..32
	VLAN        vswitch.VLAN
	RateLimit   vswitch.RateLimit
}

// Access is the owner and mode of the port's own socket directory.
type Access struct {
	User, Group string
	Mode        fs.FileMode // permission bits; the directory is setgid besides; 0 leaves it as it is
}
