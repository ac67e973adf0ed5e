package host

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// setRoutes adds and replaces before it removes. A route to the same
// destination by the same device gives way; one by another device is somebody
// else's, and refuses ours.
func (d device) setRoutes(ctx context.Context, want, remove []Route) error {
	for _, r := range want {
		if err := d.setRoute(ctx, r); err != nil {
			return fmt.Errorf("route %s: %w", r, err)
		}
	}
	for _, r := range remove {
		if slices.ContainsFunc(want, func(w Route) bool { return w.To.Masked() == r.To.Masked() }) {
			continue // still wanted, or replaced above
		}
		if err := d.removeRoute(ctx, r); err != nil {
			return fmt.Errorf("remove route %s: %w", r, err)
		}
	}
	return nil
}

func (d device) setRoute(ctx context.Context, r Route) error {
	if r.Via.IsValid() && r.Via.Is4() != r.To.Addr().Is4() {
		return refuse("the destination and the next hop are of different families")
	}
	there, err := d.routes(ctx, r.To)
	if err != nil {
		return err
	}
	put := d.h.RouteAdd
	for _, t := range there {
		if t.LinkIndex == d.link.Attrs().Index && via(t) == r.Via {
			return nil
		}
		if t.Priority != metric(r.To) {
			continue // they stand side by side
		}
		if t.LinkIndex != d.link.Attrs().Index {
			return refuse("this destination is routed by another device: %s; remove that route, or this one from the profile", d.words(t))
		}
		put = d.h.RouteReplace
	}
	err = put(d.route(r))
	if errors.Is(err, unix.ENETUNREACH) || errors.Is(err, unix.EHOSTUNREACH) {
		return fmt.Errorf("%s is in no network of %s's addresses: %w", r.Via, d.name, err)
	}
	return err
}

func (d device) removeRoute(ctx context.Context, r Route) error {
	there, err := d.routes(ctx, r.To)
	if err != nil {
		return err
	}
	for _, t := range there {
		if t.LinkIndex != d.link.Attrs().Index || via(t) != r.Via {
			continue
		}
		if err := d.h.RouteDel(&t); err != nil && !errors.Is(err, unix.ESRCH) {
			return err
		}
	}
	return nil
}

// routes lists the main table's unicast routes to exactly this destination.
func (d device) routes(ctx context.Context, to netip.Prefix) ([]netlink.Route, error) {
	family := netlink.FAMILY_V4
	if to.Addr().Is6() {
		family = netlink.FAMILY_V6
	}
	main := &netlink.Route{Table: unix.RT_TABLE_MAIN, Type: unix.RTN_UNICAST}
	all, err := dump(ctx, func() ([]netlink.Route, error) {
		return d.h.RouteListFiltered(family, main, netlink.RT_FILTER_TABLE|netlink.RT_FILTER_TYPE)
	})
	if err != nil {
		return nil, fmt.Errorf("list routes: %w", err)
	}
	return slices.DeleteFunc(all, func(t netlink.Route) bool {
		dst, ok := prefix(t.Dst)
		if !ok { // a default route without a destination
			return to.Bits() != 0
		}
		return dst.Masked() != to.Masked()
	}), nil
}

func (d device) route(r Route) *netlink.Route {
	n := &netlink.Route{
		LinkIndex: d.link.Attrs().Index, Dst: ipNet(r.To.Masked()),
		Table: unix.RT_TABLE_MAIN, Protocol: unix.RTPROT_STATIC, Priority: metric(r.To),
	}
	if r.Via.IsValid() {
		n.Gw = r.Via.AsSlice()
	} else if r.To.Addr().Is4() {
		n.Scope = unix.RT_SCOPE_LINK
	}
	return n
}

// metric is what the kernel takes where none is given: 0 for IPv4, 1024 for
// IPv6 (include/uapi/linux/ipv6_route.h, IP6_RT_PRIO_USER).
func metric(to netip.Prefix) int {
	if to.Addr().Is6() {
		return 1024
	}
	return 0
}

// via is a route's next hop, or the zero Addr.
func via(t netlink.Route) netip.Addr {
	a, _ := netip.AddrFromSlice(t.Gw)
	return a.Unmap()
}

// words writes a route with the name of its device.
func (d device) words(t netlink.Route) string {
	r := Route{Via: via(t)}
	r.To, _ = prefix(t.Dst)
	if l, err := d.h.LinkByIndex(t.LinkIndex); err == nil {
		return r.String() + " dev " + l.Attrs().Name
	}
	return r.String()
}
