package host

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// defaultRoutes marks the devices by which default routes leave, down to those
// that a bond, bridge or VLAN device stands on.
func (r *reader) defaultRoutes(ctx context.Context, nics []NIC) {
	devices, err := r.fs.defaultDevices(ctx)
	if err != nil {
		r.lack("default route", err.Error())
	}
	for i := range nics {
		nics[i].DefaultRoute = nics[i].Name != "" && slices.Contains(devices, nics[i].Name)
	}
}

// defaultDevices returns the devices of default routes and their lower devices.
func (f FS) defaultDevices(ctx context.Context) ([]string, error) {
	devices, err := try(f, "/proc/net/route", parseRoutes4)
	if err != nil {
		return nil, err
	}
	// Absent where IPv6 is off.
	if f.exists("/proc/net/ipv6_route") {
		six, err := try(f, "/proc/net/ipv6_route", parseRoutes6)
		if err != nil {
			return nil, err
		}
		devices = append(devices, six...)
	}
	if f.live() {
		more, err := liveDefaults(ctx)
		if err != nil {
			return nil, fmt.Errorf("ask the kernel for routes: %w", err)
		}
		devices = append(devices, more...)
	}
	var all []string
	for len(devices) > 0 {
		d := devices[0]
		devices = devices[1:]
		if slices.Contains(all, d) {
			continue
		}
		all = append(all, d)
		entries, err := f.list(path.Join(netDir, d))
		if err != nil {
			continue // of another network namespace, or gone
		}
		for _, e := range entries {
			if lower, ok := strings.CutPrefix(e, "lower_"); ok {
				devices = append(devices, lower)
			}
		}
	}
	return all, nil
}

// liveDefaults returns the devices of default routes in all tables, with every
// hop of a multipath route: /proc/net/route shows neither.
func liveDefaults(ctx context.Context) ([]string, error) {
	h, err := routeSocket()
	if err != nil {
		return nil, err
	}
	defer h.Close()
	all := &netlink.Route{Table: unix.RT_TABLE_UNSPEC}
	routes, err := dump(ctx, func() ([]netlink.Route, error) {
		return h.RouteListFiltered(netlink.FAMILY_ALL, all, netlink.RT_FILTER_TABLE)
	})
	if err != nil {
		return nil, err
	}
	var out []string
	for _, rt := range routes {
		if p, ok := prefix(rt.Dst); ok && p.Bits() != 0 || rt.Type != unix.RTN_UNICAST {
			continue
		}
		indexes := []int{rt.LinkIndex}
		for _, hop := range rt.MultiPath {
			indexes = append(indexes, hop.LinkIndex)
		}
		for _, i := range indexes {
			if l, err := h.LinkByIndex(i); i > 0 && err == nil {
				out = append(out, l.Attrs().Name)
			}
		}
	}
	return out, nil
}
