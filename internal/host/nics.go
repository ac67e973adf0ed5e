package host

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
)

const (
	netDir = "/sys/class/net"       // Documentation/ABI/testing/sysfs-class-net
	pciDir = "/sys/bus/pci/devices" // Documentation/ABI/testing/sysfs-bus-pci
)

var (
	pciAddress = regexp.MustCompile(`^[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$`)
	// representor is the phys_port_name of a switchdev port that stands for a
	// virtual or sub-function (Documentation/networking/switchdev.rst).
	representor = regexp.MustCompile(`^(c\d+)?pf\d+((vf|sf)\d+)?$`)
)

// nics reads the netdevs and the PCI network functions that have none.
func (r *reader) nics(ctx context.Context) ([]NIC, error) {
	functions := r.functions()
	names, err := r.fs.list(netDir)
	if err != nil {
		r.lack("network devices", err.Error())
	}
	nics := []NIC{}
	var taken []string
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n, ok := r.netdev(name, functions)
		if !ok {
			continue
		}
		nics = append(nics, n)
		taken = append(taken, n.PCI)
	}
	for _, f := range functions {
		if !slices.Contains(taken, f.PCI) {
			nics = append(nics, f)
		}
	}
	r.defaultRoutes(ctx, nics)
	if nics, err = r.addresses(ctx, nics); err != nil {
		return nil, err
	}
	slices.SortFunc(nics, func(a, b NIC) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.PCI, b.PCI))
	})
	return nics, nil
}

// functions reads the PCI functions of class 02, network controllers
// (PCI Code and ID Assignment Specification, section 1.3).
func (r *reader) functions() []NIC {
	addrs, err := r.fs.list(pciDir)
	if err != nil {
		r.lack("PCI devices", err.Error())
	}
	var out []NIC
	for _, addr := range addrs {
		class, err := r.fs.read(pciDir + "/" + addr + "/class")
		if err != nil {
			r.lack("class of "+addr, err.Error())
			continue
		}
		if strings.HasPrefix(string(class), "0x02") {
			out = append(out, r.function(addr))
		}
	}
	return out
}

func (r *reader) function(addr string) NIC {
	dir := pciDir + "/" + addr
	n := NIC{PCI: addr, Node: -1, Driver: r.fs.linkBase(dir + "/driver"), IOMMU: r.fs.linkBase(dir + "/iommu_group")}
	n.Bifurcated = bifurcated(n.Driver)
	n.Vendor, _ = get(r, "vendor of "+addr, dir+"/vendor", parseText)
	n.Device, _ = get(r, "device of "+addr, dir+"/device", parseText)
	// Kernels without CONFIG_NUMA have no numa_node; -1 says it already.
	if node, err := try(r.fs, dir+"/numa_node", parseInt); err == nil && node >= 0 {
		n.Node = node
	}
	n.Override, _ = get(r, "driver_override of "+addr, dir+"/driver_override", parseOverride)
	return n
}

// bifurcated tells whether DPDK works beside this kernel driver (DPDK Linux
// guide, "Binding and Unbinding Network Ports"; nics/mlx4, mlx5, mana).
func bifurcated(driver string) bool {
	return slices.Contains([]string{"mlx4_core", "mlx5_core", "mana"}, driver)
}

// netdev reads one kernel device; false for the loopback, for files such as
// bonding_masters and for a device that went while it was read.
func (r *reader) netdev(name string, functions []NIC) (NIC, bool) {
	dir := netDir + "/" + name
	kind, err := try(r.fs, dir+"/type", parseInt)
	const loopback = 772 // ARPHRD_LOOPBACK, include/uapi/linux/if_arp.h
	if err != nil || kind == loopback {
		return NIC{}, false
	}
	n := r.under(name, functions)
	n.Name = name
	n.Master = r.fs.linkBase(dir + "/master")
	if mac, err := r.fs.read(dir + "/address"); err == nil && strings.Trim(string(mac), "0:") != "" {
		n.MAC = string(mac)
	}
	// speed answers EINVAL for a device that is down, and -1 for an unknown speed.
	if speed, err := try(r.fs, dir+"/speed", parseInt); err == nil && speed > 0 {
		n.SpeedMbs = speed
	}
	if queues, err := r.fs.numbered(dir+"/queues", "rx-"); err == nil {
		n.RxQueues = len(queues)
	}
	return n, true
}

// under returns the PCI function a netdev stands on, or a NIC without one. The
// path of the device names the function, with a bus such as virtio in between.
func (r *reader) under(name string, functions []NIC) NIC {
	dir := netDir + "/" + name
	if port, err := r.fs.read(dir + "/phys_port_name"); err == nil && representor.Match(port) {
		return NIC{Node: -1}
	}
	parts := strings.Split(r.fs.link(dir), "/")
	for _, part := range slices.Backward(parts) {
		i := slices.IndexFunc(functions, func(f NIC) bool { return f.PCI == part })
		if i >= 0 {
			return functions[i]
		}
	}
	n := NIC{Node: -1, Driver: r.fs.linkBase(dir + "/device/driver")}
	if node, err := try(r.fs, dir+"/device/numa_node", parseInt); err == nil && node >= 0 {
		n.Node = node
	}
	return n
}
