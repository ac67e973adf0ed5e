package host

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var driverName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

// mayBind returns why a function must not be bound, or nil.
func (f FS) mayBind(ctx context.Context, n function, a BindDriver) error {
	if !strings.HasPrefix(n.class, "0x02") {
		return refuse("%s is no network controller but of class %s; only those are bound", n.pci, n.class)
	}
	if a.Driver != "" {
		if err := f.mayUse(n, a.Driver); err != nil {
			return err
		}
	}
	if n.driver == "" {
		return nil // nobody uses it
	}
	return f.unused(ctx, n, a.AllowDefaultRoute)
}

// mayUse asks whether the driver is there and can serve the device.
func (f FS) mayUse(n function, driver string) error {
	if !driverName.MatchString(driver) {
		return refuse("%q is no driver name", driver)
	}
	if !f.exists("/sys/bus/pci/drivers/" + driver) {
		return refuse("the kernel has no PCI driver %s; load it with `modprobe %s`, at boot through /etc/modules-load.d", driver, driver)
	}
	if bifurcated(n.driver) && userspace(driver) {
		return refuse("%s is on %s, a bifurcated driver: DPDK uses the device while the kernel keeps it; leave out driver for this port", n.pci, n.driver)
	}
	// drivers/vfio/group.c, CONFIG_VFIO_NOIOMMU.
	const noIOMMU = "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode"
	if driver == "vfio-pci" && n.group == "" {
		if on, err := f.read(noIOMMU); err != nil || string(on) != "Y" {
			return refuse("%s is in no IOMMU group and vfio-pci needs one; turn the IOMMU on (firmware, and intel_iommu=on or amd_iommu=on on the kernel command line), "+
				"or accept that the device can write to all memory: echo Y > %s", n.pci, noIOMMU)
		}
	}
	return nil
}

// unused asks whether unbinding would take away what somebody uses.
func (f FS) unused(ctx context.Context, n function, allowDefault bool) error {
	if vfs, err := try(f, pciDir+"/"+n.pci+"/sriov_numvfs", parseInt); err == nil && vfs > 0 {
		return refuse("%s has %d virtual functions that would go with it; remove them first: echo 0 > %s/%s/sriov_numvfs", n.pci, vfs, pciDir, n.pci)
	}
	if userspace(n.driver) {
		if err := f.released(n); err != nil {
			return err
		}
	}
	devices, err := f.netdevs(n.pci)
	if err != nil {
		return fmt.Errorf("look for its network devices: %w", err)
	}
	routed, err := f.defaultDevices(ctx)
	if err != nil && !allowDefault {
		return refuse("it cannot be told whether the default route leaves by %s: %v", n.pci, err)
	}
	var ours map[string]NIC
	if f.live() {
		if ours, err = liveLinks(ctx); err != nil {
			return fmt.Errorf("ask the kernel for links: %w", err)
		}
	}
	for _, d := range devices {
		if _, ok := ours[d]; f.live() && !ok {
			return refuse("its network device %s is not in this network namespace; somebody else uses it", d)
		}
		if slices.Contains(routed, d) && !allowDefault {
			return refuse("the default route leaves by its network device %s: binding it would cut this host off; "+
				"move the route, or allow it for this very port in the profile", d)
		}
		if master := f.linkBase(netDir + "/" + d + "/master"); master != "" {
			return refuse("its network device %s is a port of %s; take it out first: ip link set %s nomaster", d, master, d)
		}
	}
	return nil
}

// netdevs returns the netdevs that stand on a PCI function, representors included.
func (f FS) netdevs(pci string) ([]string, error) {
	names, err := f.list(netDir)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(names, func(name string) bool {
		return !slices.Contains(strings.Split(f.link(netDir+"/"+name), "/"), pci)
	}), nil
}
