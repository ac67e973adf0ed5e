package configs

import (
	"reflect"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-nfv/sluice/dpdk"
)

// rawDevice is a PCI address, a NIC by its MAC, or a virtual device.
type rawDevice struct{ dpdk.Device }

// rawDeviceMap is the mapping shape of a device.
type rawDeviceMap struct {
	// MAC address of the NIC (class=eth,mac=...).
	MAC macAddress `yaml:"mac"`
	// Driver, number and arguments of a virtual device.
	Vdev argument `yaml:"vdev"`
}

func (r *rawDeviceMap) check(say func(key, format string, args ...any)) {
	switch {
	case r.MAC != "" && r.Vdev != "":
		say("", "has both mac and vdev; keep the one that names the device")
	case r.MAC == "" && r.Vdev == "":
		say("", "names no device; write a PCI address, {mac: 52:54:00:00:00:01} or {vdev: \"net_tap0,iface=dtap0\"}")
	}
}

func (r *rawDevice) readNode(d *decoder, n *yaml.Node, path string) {
	if n.Kind == yaml.MappingNode {
		var raw rawDeviceMap
		d.mapping(n, reflect.ValueOf(&raw).Elem(), path)
		r.Device = dpdk.Device{MAC: string(raw.MAC), Vdev: string(raw.Vdev)}
		return
	}
	text, _, ok := d.scalar(n, path)
	if !ok {
		return
	}
	var pci pciAddress
	if err := pci.UnmarshalText([]byte(text)); err != nil {
		d.sayValue(n, path, err)
	}
	r.PCI = string(pci)
}
