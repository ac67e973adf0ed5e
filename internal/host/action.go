package host

import (
	"fmt"
	"io/fs"
	"net/netip"
)

// Action is one change to the host that a planner asks for and the agent
// carries out. Every action is idempotent; String is what `plan` prints.
type Action interface {
	fmt.Stringer
	isAction()
}

// BindDriver binds a PCI function to a driver through driver_override:
// override, unbind, probe (kernel Documentation/ABI/testing/sysfs-bus-pci).
type BindDriver struct {
	PCI    string // "0000:3b:00.0"
	Driver string // "vfio-pci"; empty gives the device back to the kernel's choice
	// AllowDefaultRoute binds even the NIC that carries the default route.
	AllowDefaultRoute bool
}

// SetHugepages raises nr_hugepages of one pool. It never lowers it.
type SetHugepages struct {
	Node    int
	SizeKiB uint64
	Pages   uint64 // wanted total
}

// MakeDirectory makes a directory, its parents with mode 0755, and gives it an
// owner; it is removed with its port when empty.
type MakeDirectory struct {
	Path        string
	User, Group string      // names; empty = unchanged
	Mode        fs.FileMode // may hold fs.ModeSetgid
}

// RemoveDirectory removes a port's own directory after OVS dropped the port:
// leftover sockets in it first; other files make it refuse.
type RemoveDirectory struct {
	Path string
}

// SetAddresses makes the addresses of a bridge's internal port, its routes and
// its link state so. What others added stays.
type SetAddresses struct {
	Device    string
	Addresses []netip.Prefix
	Routes    []Route
	// Remove are addresses an earlier profile had put there and this one drops.
	Remove []netip.Prefix
}

// Route is a kernel route by way of a bridge's internal port.
type Route struct {
	To  netip.Prefix `json:"to"`
	Via netip.Addr   `json:"via"`
}

func (BindDriver) isAction()      {}
func (SetHugepages) isAction()    {}
func (MakeDirectory) isAction()   {}
func (RemoveDirectory) isAction() {}
func (SetAddresses) isAction()    {}

func (a BindDriver) String() string {
	if a.Driver == "" {
		return fmt.Sprintf("give %s back to the kernel's driver", a.PCI)
	}
	return fmt.Sprintf("bind %s to %s", a.PCI, a.Driver)
}

func (a SetHugepages) String() string {
	return fmt.Sprintf("raise hugepages of %d kB on node %d to %d", a.SizeKiB, a.Node, a.Pages)
}

func (a MakeDirectory) String() string {
	return fmt.Sprintf("make directory %s (%s:%s %s)", a.Path, a.User, a.Group, a.Mode)
}

func (a RemoveDirectory) String() string { return "remove directory " + a.Path }

func (a SetAddresses) String() string {
	return fmt.Sprintf("device %s up, addresses %v, routes %v", a.Device, a.Addresses, a.Routes)
}
