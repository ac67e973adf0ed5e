package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// NoDeviceError tells that a device of SetAddresses is not there (yet). It is fs.ErrNotExist.
type NoDeviceError struct {
	Device string
}

func (e *NoDeviceError) Error() string {
	return fmt.Sprintf("there is no device %s: ovs-vswitchd makes a bridge's internal port when it has added the bridge", e.Device)
}

// Is makes the error fs.ErrNotExist.
func (e *NoDeviceError) Is(target error) bool { return target == fs.ErrNotExist }

// setAddresses works in the network namespace of the calling thread.
func (f FS) setAddresses(ctx context.Context, a SetAddresses) error {
	if !f.live() {
		return refuse("addresses belong to the running kernel, and this host is the tree below %s", f.Root())
	}
	h, err := routeSocket()
	if err != nil {
		return fmt.Errorf("open netlink: %w", err)
	}
	defer h.Close()
	link, err := h.LinkByName(a.Device)
	if _, ok := errors.AsType[netlink.LinkNotFoundError](err); ok {
		return &NoDeviceError{Device: a.Device}
	}
	if err != nil {
		return fmt.Errorf("look for device %s: %w", a.Device, err)
	}
	d := device{h: h, link: link, name: a.Device}
	if link.Attrs().Flags&net.FlagUp == 0 {
		if err := h.LinkSetUp(link); err != nil {
			return fmt.Errorf("set %s up: %w", a.Device, err)
		}
	}
	if err := d.setAddresses(ctx, a.Addresses, a.Remove); err != nil {
		return err
	}
	return d.setRoutes(ctx, a.Routes, a.RemoveRoutes)
}

// device is a link with the session that changes it.
type device struct {
	h    *netlink.Handle
	link netlink.Link
	name string
}

// setAddresses adds before it removes, so that a renumbered port is never
// without an address, with one exception the kernel forces: an IPv6 address
// cannot be there with two prefix lengths.
func (d device) setAddresses(ctx context.Context, want, remove []netip.Prefix) error {
	remove = slices.DeleteFunc(slices.Clone(remove), func(p netip.Prefix) bool { return slices.Contains(want, p) })
	first := func(p netip.Prefix) bool {
		return p.Addr().Is6() && slices.ContainsFunc(want, func(w netip.Prefix) bool { return w.Addr() == p.Addr() })
	}
	for _, p := range remove {
		if first(p) {
			if err := d.remove(ctx, p); err != nil {
				return err
			}
		}
	}
	if err := d.add(ctx, want); err != nil {
		return err
	}
	for _, p := range remove {
		if err := d.remove(ctx, p); err != nil {
			return err
		}
	}
	// With a primary IPv4 address its secondaries go, unless the sysctl
	// promote_secondaries is set (net/ipv4/devinet.c, __inet_del_ifa).
	return d.add(ctx, want)
}

func (d device) addresses(ctx context.Context) ([]netip.Prefix, error) {
	list, err := dump(ctx, func() ([]netlink.Addr, error) { return d.h.AddrList(d.link, netlink.FAMILY_ALL) })
	if err != nil {
		return nil, fmt.Errorf("list addresses of %s: %w", d.name, err)
	}
	var out []netip.Prefix
	for _, a := range list {
		if p, ok := prefix(a.IPNet); ok {
			out = append(out, p)
		}
	}
	return out, nil
}

func (d device) add(ctx context.Context, want []netip.Prefix) error {
	have, err := d.addresses(ctx)
	if err != nil {
		return err
	}
	for _, p := range want {
		if slices.Contains(have, p) {
			continue
		}
		err := d.h.AddrAdd(d.link, &netlink.Addr{IPNet: ipNet(p)})
		switch {
		case errors.Is(err, unix.EEXIST) && p.Addr().Is6():
			return fmt.Errorf("address %s is on %s with another prefix length, put there by somebody else: remove it", p.Addr(), d.name)
		case errors.Is(err, unix.EACCES) && p.Addr().Is6():
			return fmt.Errorf("add %s: IPv6 is off for %s (sysctl net.ipv6.conf.%s.disable_ipv6): %w", p, d.name, d.name, err)
		case err != nil && !errors.Is(err, unix.EEXIST):
			return fmt.Errorf("add %s to %s: %w", p, d.name, err)
		}
	}
	return nil
}

func (d device) remove(ctx context.Context, p netip.Prefix) error {
	have, err := d.addresses(ctx)
	if err != nil || !slices.Contains(have, p) {
		return err
	}
	if err := d.h.AddrDel(d.link, &netlink.Addr{IPNet: ipNet(p)}); err != nil && !errors.Is(err, unix.EADDRNOTAVAIL) {
		return fmt.Errorf("remove %s from %s: %w", p, d.name, err)
	}
	return nil
}

// ipNet turns netip's form into the net package's, host bits kept.
func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
