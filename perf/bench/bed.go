package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
)

const bedMemory = 256 // MiB: a shared mempool for all ports

// The network: two switches behind a router, on one host.
var bedFleet = fleet{switches: 2, hosts: 1}

// lane is a guest that sends and one that receives, by their ports; also are those
// that some of the packets go to.
type lane struct {
	from, to int
	also     []int
}

// bedLanes is how many lanes there are on a switch, and how many by the router.
// What a packet costs depends by several percent on its addresses, also where the
// work is the very same: it is the mean of some lanes that is told.
const bedLanes = 3

// lanes are those of a way: on the first switch, from there to the second one, or the
// crowd's, as often. Each port is in one lane alone, the crowd's ends aside, as OVN's
// port security looks at a packet's destination too.
func lanes(w way) []lane {
	var l []lane
	for i := range bedLanes {
		switch w {
		case switched:
			l = append(l, lane{from: i, to: bedLanes + i})
		case byRouter:
			l = append(l, lane{from: 2*bedLanes + i, to: fleetPorts + i})
		case crowded:
			l = append(l, lane{crowdPort, fleetPorts, []int{fleetPorts + 1, fleetPorts + 2}})
		}
	}
	return l
}

// bedPorts are the ports that have guests.
func bedPorts() []int {
	ports := []int{crowdPort}
	for _, l := range append(lanes(switched), lanes(byRouter)...) {
		ports = append(ports, l.from, l.to)
	}
	return ports
}

// bedPort is the name of a port's interface.
func bedPort(i int) string { return fmt.Sprintf("s%d", i) }

// bed is an OVS-DPDK host with the bridge that the built sluiced made, and a guest
// at each of the bridge's ports. Whose flows are compared is put on the same
// bridge in turn: the place of rings and guests in memory, and the order in which
// they are polled, differ by several percent from one bridge to the next.
type bed struct {
	host   *lab.Host
	daemon *daemon
	store  *dbConn
	ctl    *unixctl.Client
	guests map[int]*lab.Guest
	emc    bool
}

// start makes the switch and the bridge, and returns when sluiced has laid the
// network. Also when it fails, close is to be called.
func (b *bed) start(ctx context.Context, env Env) (err error) {
	env.Progress("starting a host with OVS-DPDK")
	if b.host, err = lab.Start(ctx, lab.Options{DPDK: true, Unconfigured: true}); err != nil {
		return err
	}
	b.ctl = unixctl.New(b.host.RunDir(), "ovs-vswitchd")
	b.emc = true
	if b.daemon, err = newDaemon(env, b.host); err != nil {
		return err
	}
	if b.store, err = bedFleet.serve(ctx, b.host, b.daemon); err != nil {
		return err
	}
	if err := b.daemon.install(bedProfile(b.daemon)); err != nil {
		return err
	}
	if err := b.daemon.start(ctx); err != nil {
		return err
	}
	if _, err := b.daemon.await(ctx, "converged"); err != nil {
		return err
	}
	_, err = settled(ctx, b.socket())
	return err
}

// bedProfile is a host with the guests of the network.
func bedProfile(d *daemon) string {
	var b strings.Builder
	fmt.Fprintf(&b, `apiVersion: sluice/v1
kind: HostProfile
name: %s
cpu: {pmd: "1", reserved: "0"}
dpdk:
  memory: {sockets: [%d], headroom: 0}
  vhost: {socketDir: %s}
  extra: ["--no-pci"]
overlay: {bridge: "", address: %s}
vhost:
  ports:
`, fleetHost(0), bedMemory, d.socketDir(), tunnelOf(0))
	for _, i := range bedPorts() {
		fmt.Fprintf(&b, "    - {name: %s, bridge: %s, access: {group: root}, logicalPort: %s}\n", bedPort(i), integration, fleetPort(i))
	}
	return b.String()
}

// plug starts the guests, idle, and returns when all are connected.
func (b *bed) plug(ctx context.Context) error {
	b.guests = map[int]*lab.Guest{}
	for _, w := range []way{switched, byRouter} {
		for _, l := range lanes(w) {
			next := addressOf(l.to)
			if w == byRouter {
				next = gatewayOf(switchOf(l.from))
			}
			err := b.guest(ctx, l.from, lab.GuestOptions{
				Mode: lab.TxOnly, PeerMAC: hardware(macOf(next)), TxSource: addressOf(l.from), TxDestination: addressOf(l.to),
			})
			if err != nil {
				return err
			}
			if err := b.guest(ctx, l.to, lab.GuestOptions{Mode: lab.RxOnly}); err != nil {
				return err
			}
		}
	}
	if err := b.plugCrowd(ctx); err != nil {
		return err
	}
	for _, g := range b.guests {
		if err := g.Connected(ctx); err != nil {
			return err
		}
	}
	return nil
}

// guest starts the guest of a port.
func (b *bed) guest(ctx context.Context, port int, o lab.GuestOptions) (err error) {
	o.Socket = filepath.Join(b.daemon.socketDir(), bedPort(port), bedPort(port)+".sock")
	o.MAC, o.Idle = hardware(macOf(addressOf(port))), true
	b.guests[port], err = b.host.StartVirtioUser(ctx, o)
	return err
}

func hardware(m logical.MAC) net.HardwareAddr { return net.HardwareAddr(m[:]) }

// socket is the bridge's for OpenFlow.
func (b *bed) socket() string { return b.host.Path(integration + ".mgmt") }

// setEMC switches the exact match cache.
func (b *bed) setEMC(ctx context.Context, on bool) error {
	if on == b.emc {
		return nil
	}
	probability := "0"
	if on {
		probability = "100"
	}
	_, err := b.host.VSCtl(ctx, "set", "Open_vSwitch", ".", "other_config:emc-insert-inv-prob="+probability)
	if err == nil {
		b.emc = on
	}
	return err
}

func (b *bed) close() error {
	var errs []error
	if b.daemon != nil {
		errs = append(errs, b.daemon.close())
	}
	if b.store != nil {
		errs = append(errs, b.store.close())
	}
	if b.host != nil {
		errs = append(errs, b.host.Close())
	}
	return errors.Join(errs...)
}
