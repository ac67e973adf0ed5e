package host

import (
	"fmt"
	"io/fs"
	"net/netip"
	"strings"
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
	Mode        fs.FileMode // may hold fs.ModeSetgid; 0 = 0755 when made, unchanged when there
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
	// RemoveRoutes are routes an earlier profile had put there and this one drops.
	RemoveRoutes []Route
}

// Route is a kernel route of the main table by way of a bridge's internal port.
// Without Via the destination is on the link itself.
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
	s := fmt.Sprintf("bind %s to %s", a.PCI, a.Driver)
	if a.Driver == "" {
		s = fmt.Sprintf("give %s back to the kernel's driver", a.PCI)
	}
	if a.AllowDefaultRoute {
		s += ", even if it carries the default route"
	}
	return s
}

func (a SetHugepages) String() string {
	return fmt.Sprintf("raise hugepages of %d kB on node %d to %d", a.SizeKiB, a.Node, a.Pages)
}

func (a MakeDirectory) String() string {
	var owner []string
	if a.User != "" {
		owner = append(owner, "user "+a.User)
	}
	if a.Group != "" {
		owner = append(owner, "group "+a.Group)
	}
	if a.Mode != 0 {
		owner = append(owner, fmt.Sprintf("mode %04o", unixMode(a.Mode)))
	}
	if len(owner) == 0 {
		return "make directory " + a.Path
	}
	return fmt.Sprintf("make directory %s (%s)", a.Path, strings.Join(owner, ", "))
}

func (a RemoveDirectory) String() string { return "remove directory " + a.Path }

func (a SetAddresses) String() string {
	parts := []string{"device " + a.Device + " up"}
	add := func(what string, n int, list any) {
		if n > 0 {
			parts = append(parts, what+" "+strings.Trim(fmt.Sprint(list), "[]"))
		}
	}
	add("addresses", len(a.Addresses), a.Addresses)
	add("routes", len(a.Routes), a.Routes)
	add("without addresses", len(a.Remove), a.Remove)
	add("without routes", len(a.RemoveRoutes), a.RemoveRoutes)
	return strings.Join(parts, ", ")
}

// String writes the route as `ip route` does: "172.16.0.0/16 via 172.16.0.254".
func (r Route) String() string {
	if !r.Via.IsValid() {
		return r.To.String()
	}
	return fmt.Sprintf("%s via %s", r.To, r.Via)
}

// unixMode returns the bits as chmod(1) counts them, setgid included.
func unixMode(m fs.FileMode) uint32 {
	bits := uint32(m.Perm())
	if m&fs.ModeSetgid != 0 {
		bits |= 0o2000
	}
	return bits
}
