package bench

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// overlayHost is the first host of a fleet: a plain lab host whose devices are all
// taps that the harness holds the other end of. br-phy, made by hand, carries the
// tunnels to the NIC phy0; the integration bridge belongs to who is measured.
type overlayHost struct {
	*lab.Host
	fleet fleet
	db    *dbConn // of its Open_vSwitch
}

const (
	underlayBridge = "br-phy"
	underlayNIC    = "phy0"
	integration    = "br-int"
)

// tapOf is the device of a local port.
func tapOf(i int) string { return fmt.Sprintf("t%d", i) }

// startOverlayHost starts the switch and the underlay.
func startOverlayHost(ctx context.Context, f fleet) (_ *overlayHost, err error) {
	h := &overlayHost{fleet: f}
	if h.Host, err = lab.Start(ctx, lab.Options{Unconfigured: true}); err != nil {
		return nil, err
	}
	if err := h.underlay(ctx); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	if h.db, err = dialDB(ctx, h.DBSocket()); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

func (h *overlayHost) underlay(ctx context.Context) error {
	// The kernel would speak on its ends of the taps.
	err := h.Do(func() error {
		for _, which := range []string{"all", "default"} {
			err := os.WriteFile("/proc/sys/net/ipv6/conf/"+which+"/disable_ipv6", []byte("1"), 0o644)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, err = h.VSCtl(ctx, "add-br", underlayBridge, "--", "set", "Bridge", underlayBridge, "datapath_type=netdev",
		"--", "add-port", underlayBridge, underlayNIC, "--", "set", "Interface", underlayNIC, "type=internal")
	if err != nil {
		return err
	}
	address := netip.PrefixFrom(tunnelOf(0), underlayBits)
	return errors.Join(h.ip(ctx, "addr", "add", address.String(), "dev", underlayBridge),
		h.ip(ctx, "link", "set", underlayBridge, "up"), h.ip(ctx, "link", "set", underlayNIC, "up"))
}

func (h *overlayHost) ip(ctx context.Context, args ...string) error {
	if out, err := h.Command(ctx, "ip", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}

// neighbour tells OVS the MAC of another host's tunnel end, which nobody would
// answer for.
func (h *overlayHost) neighbour(ctx context.Context, host int) error {
	a := tunnelOf(host)
	_, err := h.AppCtl(ctx, "tnl/arp/set", underlayBridge, a.String(), macOf(a).String())
	return err
}

// plug makes the devices of the fleet's local ports, up, on the integration bridge.
func (h *overlayHost) plug(ctx context.Context) error {
	var args []string
	for _, i := range h.fleet.local() {
		if len(args) > 0 {
			args = append(args, "--")
		}
		args = append(args, "add-port", integration, tapOf(i), "--", "set", "Interface", tapOf(i), "type=internal",
			"external_ids:iface-id="+fleetPort(i))
	}
	if _, err := h.VSCtl(ctx, args...); err != nil {
		return err
	}
	for _, i := range h.fleet.local() {
		if err := h.ip(ctx, "link", "set", tapOf(i), "up"); err != nil {
			return err
		}
	}
	return nil
}

// bind says, or takes back, that a local port's device is that port: as who makes
// guests does, in one transaction, without waiting for ovs-vswitchd.
func (h *overlayHost) bind(ctx context.Context, i int, bound bool) error {
	op := dbOp{"op": "mutate", "table": "Interface", "where": where("name", tapOf(i))}
	if bound {
		op["mutations"] = []any{[]any{"external_ids", "insert", dbMap([2]any{"iface-id", fleetPort(i)})}}
	} else {
		op["mutations"] = []any{[]any{"external_ids", "delete", dbSet("iface-id")}}
	}
	_, err := h.db.transact(ctx, "Open_vSwitch", op)
	return err
}

func (h *overlayHost) close() error {
	return errors.Join(h.db.close(), h.Close())
}

// socket is the integration bridge's for OpenFlow.
func (h *overlayHost) socket() string { return h.Path(integration + ".mgmt") }
