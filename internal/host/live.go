package host

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/safchain/ethtool"
	"github.com/vishvananda/netlink"
)

// addresses fills in what netlink and ethtool know and sysfs does not: IPv4
// addresses, and the most queues a device offers. Only the running kernel
// answers; below another root /proc tells the IPv6 addresses.
func (r *reader) addresses(ctx context.Context, nics []NIC) ([]NIC, error) {
	if !r.fs.live() {
		six, ok := get(r, "IPv6 addresses", "/proc/net/if_inet6", parseAddresses6)
		r.lack("IPv4 addresses", "only the running kernel tells them, through netlink")
		for i := range nics {
			if ok && nics[i].Name != "" {
				nics[i].Addresses = six[nics[i].Name]
			}
		}
		return nics, nil
	}
	links, err := liveLinks(ctx)
	if err != nil {
		r.lack("addresses", fmt.Sprintf("ask the kernel: %v", err))
		return nics, ctx.Err()
	}
	return r.merge(nics, links), nil
}

// merge joins what sysfs and netlink show. sysfs shows the network namespace in
// which it was mounted; where that is not ours, its netdevs are not ours either,
// and only their PCI functions stay.
func (r *reader) merge(nics []NIC, links map[string]NIC) []NIC {
	var foreign []string
	out := []NIC{}
	for _, n := range nics {
		l, ok := links[n.Name]
		switch {
		case n.Name == "":
			out = append(out, n)
		case ok:
			n.Addresses, n.RxQueues = l.Addresses, max(n.RxQueues, l.RxQueues)
			out = append(out, n)
			delete(links, n.Name)
		default:
			foreign = append(foreign, n.Name)
			if n.PCI != "" {
				n.Name, n.MAC, n.Master, n.SpeedMbs, n.RxQueues, n.DefaultRoute = "", "", "", 0, 0, false
				out = append(out, n)
			}
		}
	}
	for _, l := range links {
		foreign = append(foreign, l.Name)
		out = append(out, l)
	}
	if len(foreign) > 0 {
		slices.Sort(foreign)
		r.lack("devices "+strings.Join(foreign, ", "), "sysfs and netlink show different network namespaces")
	}
	return out
}

// liveLinks asks for the devices of this process's network namespace by name.
func liveLinks(ctx context.Context) (map[string]NIC, error) {
	h, err := routeSocket()
	if err != nil {
		return nil, err
	}
	defer h.Close()
	links, err := dump(ctx, h.LinkList)
	if err != nil {
		return nil, err
	}
	addrs, err := dump(ctx, func() ([]netlink.Addr, error) { return h.AddrList(nil, netlink.FAMILY_ALL) })
	if err != nil {
		return nil, err
	}
	eth, err := ethtool.NewEthtool()
	if err != nil {
		return nil, err
	}
	defer eth.Close()
	out := map[string]NIC{}
	for _, l := range links {
		a := l.Attrs()
		if a.Flags&net.FlagLoopback != 0 {
			continue
		}
		n := NIC{Name: a.Name, MAC: a.HardwareAddr.String(), Node: -1}
		for _, addr := range addrs {
			if p, ok := prefix(addr.IPNet); ok && addr.LinkIndex == a.Index {
				n.Addresses = append(n.Addresses, p)
			}
		}
		slices.SortFunc(n.Addresses, netip.Prefix.Compare)
		// Virtual devices have no channels; then sysfs is all there is.
		if ch, err := eth.GetChannels(a.Name); err == nil {
			n.RxQueues = int(max(ch.MaxCombined, ch.MaxRx))
		}
		out[n.Name] = n
	}
	return out, nil
}

// dump repeats a netlink dump that the kernel says was interrupted by a change
// (NLM_F_DUMP_INTR): its result would be incomplete.
func dump[T any](ctx context.Context, list func() ([]T, error)) ([]T, error) {
	const tries = 10
	var err error
	for range tries {
		var out []T
		if out, err = list(); !errors.Is(err, netlink.ErrDumpInterrupted) {
			return out, err
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return nil, fmt.Errorf("gave up after %d tries: %w", tries, err)
}

// prefix turns the net package's form into netip's. A nil network is not one.
func prefix(n *net.IPNet) (netip.Prefix, bool) {
	if n == nil {
		return netip.Prefix{}, false
	}
	a, ok := netip.AddrFromSlice(n.IP)
	ones, bits := n.Mask.Size()
	if !ok || bits == 0 {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(a.Unmap(), ones), true
}
