package lab

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/safchain/ethtool"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// NIC is one end of a cable: a network device in a host's namespace that nothing
// else uses, for DPDK's net_af_packet to take.
type NIC struct {
	// Name is the kernel's name of the device.
	Name string
	// MAC is its address.
	MAC net.HardwareAddr
}

// Devargs is the NIC as dpdk-devargs name it; index tells the af_packet devices of
// one switch apart.
func (n NIC) Devargs(index int) string {
	return fmt.Sprintf("net_af_packet%d,iface=%s", index, n.Name)
}

// Link lays a cable (a veth pair) between two hosts, which may be the same, with
// both ends up and named as asked. IPv6 is switched off on them, as the kernel
// would otherwise speak on a wire that belongs to the switch. The cable goes
// when either host is closed.
func Link(a *Host, nameA string, b *Host, nameB string) (NIC, NIC, error) {
	fail := func(err error) (NIC, NIC, error) {
		return NIC{}, NIC{}, fmt.Errorf("link %s in %s to %s in %s: %w", nameA, a.Netns(), nameB, b.Netns(), err)
	}
	if a.opts.Dummy || b.opts.Dummy {
		return fail(errors.New("a dummy host has no network namespace"))
	}
	peer, err := netns.GetFromName(b.name)
	if err != nil {
		return fail(err)
	}
	defer peer.Close()
	err = a.Do(func() error {
		attrs := netlink.NewLinkAttrs()
		attrs.Name = nameA
		return netlink.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: nameB, PeerNamespace: netlink.NsFd(peer)})
	})
	if err != nil {
		return fail(err)
	}
	nicA, errA := a.plug(nameA)
	nicB, errB := b.plug(nameB)
	if err := errors.Join(errA, errB); err != nil {
		return fail(err)
	}
	return nicA, nicB, nil
}

// plug sets a device of the host up, for packets to cross it as they are.
func (h *Host) plug(name string) (NIC, error) {
	nic := NIC{Name: name}
	err := h.Do(func() error {
		link, err := netlink.LinkByName(name)
		if err != nil {
			return err
		}
		nic.MAC = link.Attrs().HardwareAddr
		if err := disableIPv6(name); err != nil {
			return err
		}
		if err := disableChecksumOffload(name); err != nil {
			return err
		}
		return netlink.LinkSetUp(link)
	})
	return nic, err
}

// disableIPv6 acts in the calling thread's namespace, which is the one that
// /proc/sys/net shows it.
func disableIPv6(name string) error {
	err := os.WriteFile(filepath.Join("/proc/sys/net/ipv6/conf", name, "disable_ipv6"), []byte("1"), 0o644)
	if errors.Is(err, os.ErrNotExist) {
		return nil // a kernel without IPv6
	}
	return err
}

// disableChecksumOffload makes the kernel fill in checksums itself: a veth pair
// leaves that to a NIC there is not, and the switch at the other end would see
// wrong ones.
func disableChecksumOffload(name string) error {
	tool, err := ethtool.NewEthtool()
	if err != nil {
		return err
	}
	defer tool.Close()
	return tool.Change(name, map[string]bool{"tx-checksum-ip-generic": false})
}
