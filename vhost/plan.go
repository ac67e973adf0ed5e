package vhost

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

const (
	// Type is Interface.type of the ports that this package plans.
	Type = "dpdkvhostuserclient"

	defaultRetries = 8   // VHOST_ENQ_RETRY_DEF
	maxRetries     = 32  // VHOST_ENQ_RETRY_MAX
	maxPath        = 107 // bytes of sockaddr_un.sun_path before its final zero
	minMTU, maxMTU = 68, 9702
)

// Plan is the vhost side of a host as decided: plain data.
type Plan struct {
	// Settings are those of the Open_vSwitch row.
	Settings vswitch.Settings
	Rows     []vswitch.Row // ports, interfaces, QoS; sorted
	// Actions make the socket directories; they must be done before the rows.
	Actions []host.Action
}

// Decide plans the vhost ports and their socket directories, and says what is
// wrong with them. The plan is complete even where a finding is an error, so
// that it can be shown; it must not be applied then. release is the running
// OVS's ("3.1.0"), empty for the newest.
func Decide(spec Spec, release string) (Plan, []finding.Finding) {
	p := Plan{Settings: vswitch.Settings{}}
	found := checkSection(spec, release)
	if spec.IOMMU != nil {
		p.Settings[keyIOMMU] = strconv.FormatBool(*spec.IOMMU)
	}
	if spec.Postcopy != nil {
		p.Settings[keyPostcopy] = strconv.FormatBool(*spec.Postcopy)
	}
	users := map[string]string{} // socket -> port
	for _, port := range spec.Ports {
		socket := spec.SocketOf(port)
		found = append(found, checkPort(port, socket, users)...)
		users[socket] = port.Name
		p.port(port, socket)
		if spec.ownDirectory(port.Name, socket) {
			dir := path.Dir(socket)
			p.Actions = append(p.Actions, host.MakeDirectory{
				Path: dir, User: port.Access.User, Group: port.Access.Group, Mode: directoryMode(port.Access.Mode),
			})
		}
	}
	vswitch.Sort(p.Rows)
	finding.Sort(found)
	return p, found
}

// ownDirectory tells whether a socket's directory is the port's own: it bears
// the port's name, or lies below SocketDir. Only such a directory is made and
// given an owner by us; any other is somebody else's.
func (s Spec) ownDirectory(port, socket string) bool {
	dir := path.Dir(socket)
	return path.Base(dir) == port || strings.HasPrefix(dir, path.Clean(s.SocketDir)+"/")
}

// directoryMode returns the mode of a port's directory; 0 leaves it unchanged.
func directoryMode(m fs.FileMode) fs.FileMode {
	if m.Perm() == 0 {
		return 0
	}
	return m.Perm() | fs.ModeSetgid
}

// SocketOf returns the path of a port's socket: the one it names, or
// <SocketDir>/<Name>/<Name>.sock. Only a directory that bears the port's name is
// made and removed by us; any other is its owner's.
func (s Spec) SocketOf(p PortSpec) string {
	if p.Socket != "" {
		return p.Socket
	}
	return path.Join(s.SocketDir, p.Name, p.Name+".sock")
}

// port adds the rows of one port.
func (p *Plan) port(spec PortSpec, socket string) {
	id := vswitch.ID{Table: vswitch.PortTable, Name: spec.Name}
	s := vswitch.Settings{}
	spec.VLAN.Settings(s)
	p.Rows = append(p.Rows, vswitch.Row{ID: id, Parent: vswitch.ID{Table: vswitch.BridgeTable, Name: spec.Bridge}, Settings: s})

	iface := vswitch.Settings{"type": Type, keyPath: socket}
	if spec.MTU > 0 {
		iface["mtu_request"] = strconv.Itoa(spec.MTU)
	}
	// OVS's own default is not written: hundreds of ports are lean rows then.
	if spec.TxRetries != defaultRetries {
		iface[keyRetries] = strconv.Itoa(spec.TxRetries)
	}
	iface.Set(vswitch.IfaceID, spec.LogicalPort)
	iface.Set(keyMAC, strings.ToLower(spec.MAC))
	spec.RateLimit.IngressSettings(iface)
	p.Rows = append(p.Rows, vswitch.Row{ID: vswitch.ID{Table: vswitch.IfaceTable, Name: spec.Name}, Parent: id, Settings: iface})
	if qos, ok := spec.RateLimit.EgressQoS(spec.Name); ok {
		p.Rows = append(p.Rows, qos)
	}
}

// checkSection judges what concerns all ports.
func checkSection(spec Spec, release string) []finding.Finding {
	var found []finding.Finding
	for _, volatile := range []string{"/run", "/var/run", "/tmp"} {
		if dir := path.Clean(spec.SocketDir); dir == volatile || strings.HasPrefix(dir, volatile+"/") {
			found = append(found, finding.Finding{
				Severity: finding.Warning, Code: "socket-dir-volatile", Path: "dpdk.vhost.socketDir",
				What: fmt.Sprintf("socket directory %s lies below %s", spec.SocketDir, volatile),
				Cost: "systemd or a reboot removes it, and running guests lose their sockets",
				Fix:  "set socketDir: /var/lib/vhost_sockets",
			})
		}
	}
	if spec.Postcopy != nil && *spec.Postcopy && vswitch.Release(release, "3.4") < 0 {
		found = append(found, finding.Finding{
			Severity: finding.Warning, Code: "postcopy-mlockall", Path: "dpdk.vhost.postcopy",
			What: fmt.Sprintf("post-copy migration does not go with --mlockall on OVS %s, and ovs-ctl passes that by default", release),
			Cost: "post-copy migration of a guest fails",
			Fix:  "start ovs-vswitchd with --no-mlockall, or run OVS 3.4 or newer",
		})
	}
	return found
}

// checkPort judges one port; users are the sockets of the ports before it.
func checkPort(p PortSpec, socket string, users map[string]string) []finding.Finding {
	var found []finding.Finding
	refuse := func(code, path, what, cost, fix string) {
		found = append(found, finding.Finding{Severity: finding.Error, Code: code, Path: path, What: what, Cost: cost, Fix: fix})
	}
	if len(socket) > maxPath {
		refuse("socket-path-too-long", p.Path+".socket",
			fmt.Sprintf("socket path of %s has %d bytes: %s", p.Name, len(socket), socket),
			fmt.Sprintf("unix sockets hold %d bytes: neither the guest nor OVS can use it", maxPath),
			"shorten dpdk.vhost.socketDir or the port's name, or name a socket")
	}
	if !path.IsAbs(socket) || path.Clean(socket) != socket {
		refuse("socket-path-unclean", p.Path+".socket",
			fmt.Sprintf("socket path of %s is no absolute path without . and ..: %s", p.Name, socket),
			"OVS and the guest may mean different places", "write "+path.Join("/", socket))
	}
	if user, taken := users[socket]; taken {
		refuse("socket-twice", p.Path+".socket",
			fmt.Sprintf("%s and %s use the same socket %s", user, p.Name, socket),
			"one of the two never connects", "give each port a socket of its own")
	}
	if p.MTU != 0 && (p.MTU < minMTU || p.MTU > maxMTU) {
		refuse("mtu-out-of-range", p.Path+".mtu",
			fmt.Sprintf("MTU %d of %s is out of OVS's range", p.MTU, p.Name),
			"OVS keeps the old MTU and says so only in its log", fmt.Sprintf("set it from %d to %d", minMTU, maxMTU))
	}
	if p.TxRetries < 0 || p.TxRetries > maxRetries {
		refuse("retries-out-of-range", p.Path+".txRetries",
			fmt.Sprintf("%d tries of %s are out of OVS's range", p.TxRetries, p.Name),
			fmt.Sprintf("OVS takes %d instead, without a word", defaultRetries), fmt.Sprintf("set it from 0 to %d", maxRetries))
	}
	return found
}
