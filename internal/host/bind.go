package host

import (
	"context"
	"fmt"
	"slices"
)

// probeFile makes the kernel look for a driver for one function
// (Documentation/ABI/testing/sysfs-bus, drivers_probe).
const probeFile = "/sys/bus/pci/drivers_probe"

// bindDriver binds through driver_override. Where the driver does not take the
// device, it gets its former override and driver back.
func (f FS) bindDriver(ctx context.Context, a BindDriver) error {
	if !pciAddress.MatchString(a.PCI) {
		return refuse("%q is no PCI address; one is written as 0000:3b:00.0", a.PCI)
	}
	was, err := f.function(a.PCI)
	if err != nil {
		return err
	}
	if was.satisfies(a.Driver) {
		return nil
	}
	if err := f.mayBind(ctx, was, a); err != nil {
		return err
	}
	if err := f.rebind(was, a.Driver); err != nil {
		return f.giveBack(was, err)
	}
	return nil
}

// function is a PCI function as far as binding is concerned.
type function struct {
	pci, class       string
	driver, override string
	group            string // IOMMU group
}

func (f FS) function(pci string) (function, error) {
	dir := pciDir + "/" + pci
	if !f.exists(dir) {
		return function{}, refuse("there is no PCI device %s; `lspci -D` lists them", pci)
	}
	class, err := try(f, dir+"/class", parseText)
	if err != nil {
		return function{}, err
	}
	override, err := try(f, dir+"/driver_override", parseOverride)
	if err != nil {
		return function{}, err
	}
	return function{
		pci: pci, class: class, override: override,
		driver: f.linkBase(dir + "/driver"), group: f.linkBase(dir + "/iommu_group"),
	}, nil
}

// satisfies tells whether nothing is left to do. Who bound a device to the
// wanted driver does not matter. A device given back has no override and is not
// on a userspace driver; one without any driver is worth a probe.
func (n function) satisfies(driver string) bool {
	if driver != "" {
		return n.driver == driver
	}
	return n.override == "" && n.driver != "" && !userspace(n.driver)
}

// rebind sets the override, unbinds the present driver and probes. What a
// killed pass has done already is not done again.
func (f FS) rebind(n function, driver string) error {
	if n.override != driver {
		if err := f.override(n.pci, driver); err != nil {
			return err
		}
	}
	if n.driver != "" {
		if err := f.write("/sys/bus/pci/drivers/"+n.driver+"/unbind", n.pci); err != nil {
			return err
		}
	}
	if err := f.write(probeFile, n.pci); err != nil {
		return err
	}
	now := f.linkBase(pciDir + "/" + n.pci + "/driver")
	if driver != "" && now != driver {
		return fmt.Errorf("the driver did not take the device (bound now: %s); the kernel log says why", or(now, "none"))
	}
	return nil
}

// override writes driver_override; a lone newline clears it.
func (f FS) override(pci, driver string) error {
	if driver == "" {
		driver = "\n"
	}
	return f.write(pciDir+"/"+pci+"/driver_override", driver)
}

// giveBack restores what was before a failed rebind and adds to its error what became of that.
func (f FS) giveBack(was function, cause error) error {
	now, err := f.function(was.pci)
	if err != nil {
		return fmt.Errorf("%w; what state it is in is unknown: %w", cause, err)
	}
	if now.override != was.override {
		if err := f.override(was.pci, was.override); err != nil {
			return fmt.Errorf("%w; its driver_override stays: %w", cause, err)
		}
	}
	if was.driver == "" || now.driver == was.driver {
		return cause
	}
	if now.driver == "" {
		err = f.write(probeFile, was.pci)
	}
	if got := f.linkBase(pciDir + "/" + was.pci + "/driver"); got != was.driver {
		if err != nil {
			return fmt.Errorf("%w; its former driver %s did not take it back: %w", cause, was.driver, err)
		}
		return fmt.Errorf("%w; its former driver %s did not take it back (bound now: %s)", cause, was.driver, or(got, "none"))
	}
	return fmt.Errorf("%w; it is back on %s", cause, was.driver)
}

// userspace tells whether a driver only hands the device to a program
// (DPDK Linux guide, "Linux Drivers").
func userspace(driver string) bool {
	return slices.Contains([]string{"vfio-pci", "uio_pci_generic", "igb_uio"}, driver)
}
