package configs

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// address is an IP address that one host can have.
type address struct{ netip.Addr }

// UnmarshalText reads an address.
func (a *address) UnmarshalText(text []byte) error {
	addr, err := netip.ParseAddr(string(text))
	if err != nil {
		return fmt.Errorf("%q is no IP address; write for instance 172.16.0.1 or 2001:db8::1", text)
	}
	if err := unicastAddr(addr); err != nil {
		return err
	}
	a.Addr = addr
	return nil
}

func unicastAddr(a netip.Addr) error {
	switch {
	case a.Zone() != "":
		return fmt.Errorf("%s names a device; write the address alone", a)
	case a.Is4In6():
		return fmt.Errorf("%s is an IPv4 address in IPv6 clothes; write %s", a, a.Unmap())
	case a.IsUnspecified(), a.IsMulticast(), a.IsLoopback(), a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return fmt.Errorf("%s can be no address of a host on a network", a)
	}
	return nil
}

// hostPrefix is an address with the length of its network's prefix: 172.16.0.1/24.
type hostPrefix struct{ netip.Prefix }

// UnmarshalText reads an address with a prefix length.
func (p *hostPrefix) UnmarshalText(text []byte) error {
	prefix, err := parsePrefix(string(text), "172.16.0.1/24")
	if err != nil {
		return err
	}
	if err := unicastAddr(prefix.Addr()); err != nil {
		return err
	}
	if prefix.Bits() == 0 {
		return fmt.Errorf("%s has no network part; write the length of the network's prefix, for instance /24", prefix)
	}
	p.Prefix = prefix
	return nil
}

// network is a prefix without host bits: 172.16.0.0/16.
type network struct{ netip.Prefix }

// UnmarshalText reads a network.
func (p *network) UnmarshalText(text []byte) error {
	prefix, err := parsePrefix(string(text), "172.16.0.0/16")
	if err != nil {
		return err
	}
	if prefix.Addr().Is4In6() || prefix.Addr().IsMulticast() {
		return fmt.Errorf("%s is no network that a route can lead to", prefix)
	}
	if prefix != prefix.Masked() {
		return fmt.Errorf("%s has bits set behind its /%d; write %s", prefix, prefix.Bits(), prefix.Masked())
	}
	p.Prefix = prefix
	return nil
}

func parsePrefix(text, example string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	if err == nil {
		return prefix, nil
	}
	if _, err := netip.ParseAddr(text); err == nil {
		return netip.Prefix{}, fmt.Errorf("%q has no prefix length; write for instance %s/24", text, text)
	}
	return netip.Prefix{}, fmt.Errorf("%q is no address with a prefix length; write for instance %s", text, example)
}

// endpoint is an address and port to listen on.
type endpoint struct{ netip.AddrPort }

// UnmarshalText reads an address and a port.
func (e *endpoint) UnmarshalText(text []byte) error {
	ap, err := netip.ParseAddrPort(string(text))
	if err != nil || ap.Port() == 0 || ap.Addr().Zone() != "" || ap.Addr().Is4In6() {
		return fmt.Errorf("%q is no address with a port; write for instance 127.0.0.1:4739", text)
	}
	if ap.Addr().IsUnspecified() || ap.Addr().IsMulticast() {
		return fmt.Errorf("%q cannot be sent to; write the address that OVS shall send to, for instance 127.0.0.1:%d", text, ap.Port())
	}
	e.AddrPort = ap
	return nil
}

// macAddress is the address of one NIC, in lower case. Empty = none.
type macAddress string

var macForm = regexp.MustCompile(`^([0-9a-f]{2}:){5}[0-9a-f]{2}$`)

// UnmarshalText reads a unicast MAC address.
func (m *macAddress) UnmarshalText(text []byte) error {
	mac := strings.ToLower(string(text))
	if !macForm.MatchString(mac) {
		return fmt.Errorf("%q is no MAC address; write six pairs of hexadecimal digits: 52:54:00:00:00:01", text)
	}
	if first, _ := strconv.ParseUint(mac[:2], 16, 8); first&1 != 0 {
		return fmt.Errorf("%q is a group address; the first pair of a NIC's own address is even", text)
	}
	if mac == "00:00:00:00:00:00" {
		return fmt.Errorf("%q is nobody's address", text)
	}
	*m = macAddress(mac)
	return nil
}

// pciAddress is domain:bus:device.function in lower case.
type pciAddress string

var (
	pciForm  = regexp.MustCompile(`^[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$`)
	pciShort = regexp.MustCompile(`^[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$`)
)

// UnmarshalText reads a PCI address as sysfs names the device.
func (p *pciAddress) UnmarshalText(text []byte) error {
	pci := strings.ToLower(string(text))
	switch {
	case pciShort.MatchString(pci):
		return fmt.Errorf("%q has no PCI domain; write 0000:%s", text, pci)
	case strings.HasPrefix(pci, "net_") || strings.HasPrefix(pci, "virtio_user"):
		return fmt.Errorf("%q is a virtual device; write device: {vdev: \"%s\"}", text, text)
	case macForm.MatchString(pci):
		return fmt.Errorf("%q is a MAC address; write device: {mac: \"%s\"}", text, pci)
	case !pciForm.MatchString(pci):
		return fmt.Errorf("%q is no PCI address; write it as in /sys/bus/pci/devices: 0000:3b:00.0", text)
	}
	*p = pciAddress(pci)
	return nil
}
