package host

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Route flags of both families (include/uapi/linux/route.h).
const (
	routeUp     = 0x0001
	routeReject = 0x0200
)

// parseRoutes4 returns the devices of IPv4 default routes from /proc/net/route
// (net/ipv4/fib_trie.c, fib_route_seq_show): a heading, then Iface,
// Destination, Gateway, Flags, RefCnt, Use, Metric, Mask, MTU, Window, IRTT, in
// hexadecimal. It shows the main table, and of a multipath route the first hop.
func parseRoutes4(b []byte) ([]string, error) {
	var devices []string
	for i, f := range rows(b) {
		if i == 0 && f[0] == "Iface" {
			continue
		}
		if len(f) < 8 {
			return nil, fmt.Errorf("line %d has %d columns, not 11", i+1, len(f))
		}
		flags, err := strconv.ParseUint(f[3], 16, 32)
		if err != nil {
			return nil, fmt.Errorf("line %d: flags %q", i+1, f[3])
		}
		if f[1] == "00000000" && f[7] == "00000000" && flags&routeUp != 0 && flags&routeReject == 0 {
			devices = append(devices, f[0])
		}
	}
	return devices, nil
}

// parseRoutes6 returns the devices of IPv6 default routes from
// /proc/net/ipv6_route (net/ipv6/route.c, rt6_info_route / ipv6_route_native_seq_show):
// destination, its prefix length, source, its prefix length, next hop, metric,
// reference count, use, flags, device. Every host has an unreachable default on lo.
func parseRoutes6(b []byte) ([]string, error) {
	var devices []string
	for i, f := range rows(b) {
		if len(f) < 10 {
			return nil, fmt.Errorf("line %d has %d columns, not 10", i+1, len(f))
		}
		flags, err := strconv.ParseUint(f[8], 16, 32)
		if err != nil {
			return nil, fmt.Errorf("line %d: flags %q", i+1, f[8])
		}
		if strings.Trim(f[0], "0") == "" && f[1] == "00" && flags&routeUp != 0 && flags&routeReject == 0 {
			devices = append(devices, f[9])
		}
	}
	return devices, nil
}

// parseAddresses6 returns each device's IPv6 addresses from /proc/net/if_inet6
// (net/ipv6/addrconf.c, if6_seq_show): address, interface index, prefix length,
// scope, flags (these four hexadecimal), device.
func parseAddresses6(b []byte) (map[string][]netip.Prefix, error) {
	out := map[string][]netip.Prefix{}
	for i, f := range rows(b) {
		if len(f) != 6 || len(f[0]) != 32 {
			return nil, fmt.Errorf("line %d is no address", i+1)
		}
		var raw [16]byte
		for j := range raw {
			n, err := strconv.ParseUint(f[0][2*j:2*j+2], 16, 8)
			if err != nil {
				return nil, fmt.Errorf("line %d: address %q", i+1, f[0])
			}
			raw[j] = byte(n)
		}
		bits, err := strconv.ParseUint(f[2], 16, 8)
		if err != nil || bits > 128 {
			return nil, fmt.Errorf("line %d: prefix length %q", i+1, f[2])
		}
		out[f[5]] = append(out[f[5]], netip.PrefixFrom(netip.AddrFrom16(raw), int(bits)))
	}
	for _, ps := range out {
		slices.SortFunc(ps, netip.Prefix.Compare)
	}
	return out, nil
}

// rows returns the columns of each line that is not empty.
func rows(b []byte) [][]string {
	var out [][]string
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 0 {
			out = append(out, f)
		}
	}
	return out
}
