package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"path/filepath"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/pmd"
)

const (
	datapathMemory = 256 // MiB: a shared mempool for all ports
	bareBridge     = "br-bare"
	ovnBridge      = "br-ovn"
	datapathWarm   = 100 * time.Millisecond
	datapathWindow = 100 * time.Millisecond
	// datapathWindows are taken for each number, datapathPackets are in each at least.
	datapathWindows = 4
	datapathPackets = 5_000
)

// The network: two switches behind a router, on one host.
var datapathFleet = fleet{switches: 2, hosts: 1, security: true}

// The ports of it that have guests: who sends and who receives on the first switch,
// and who sends by the router to whom on the other. OVN's port security looks at a
// packet's destination too: each pair has its own addresses.
const (
	datapathFrom     = 0
	datapathNear     = 1
	datapathFromHere = 2
	datapathFar      = fleetPorts
)

func datapathPorts() []int { return []int{datapathFrom, datapathNear, datapathFromHere, datapathFar} }

// lane is one side's bridge with its guests, by their ports.
type lane map[int]*lab.Guest

// datapathRig is a switch with a bridge for each side.
type datapathRig struct {
	host   *lab.Host
	daemon *daemon
	store  *dbConn
	ovn    *ovn // nil = not installed
	ctl    *unixctl.Client
	lanes  map[string]lane
	emc    bool
}

func newDatapathRig(ctx context.Context, env Env) (_ Rig, err error) {
	r := &datapathRig{lanes: map[string]lane{}, emc: true}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	rig := Rig{Measure: map[string]func(context.Context) (Sample, error){}, Missing: map[string]string{}, Close: r.close}
	ctx, cancel := context.WithTimeout(ctx, overlayPatience)
	defer cancel()
	if err := r.start(ctx, env); err != nil {
		return Rig{}, err
	}
	if why := missingOVN(); why != "" {
		rig.Missing[ovnDatSide] = why
	} else if err := r.startOVN(ctx); err != nil {
		return Rig{}, err
	} else {
		rig.Notes = append(rig.Notes, "OVN: "+ovnVersion(ctx)+".")
	}
	if err := r.bare(ctx); err != nil {
		return Rig{}, err
	}
	for side, l := range r.lanes {
		rig.Measure[side] = func(ctx context.Context) (Sample, error) { return r.measure(ctx, l) }
		for _, g := range l {
			if err := g.Connected(ctx); err != nil {
				return Rig{}, err
			}
		}
	}
	return rig, nil
}

// datapathProfile is a host with three guests of the network.
func datapathProfile(d *daemon) string {
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
`, fleetHost(0), datapathMemory, d.socketDir(), tunnelOf(0))
	for _, i := range datapathPorts() {
		fmt.Fprintf(&b, "    - {name: s%d, bridge: %s, access: {group: root}, logicalPort: %s}\n", i, integration, fleetPort(i))
	}
	return b.String()
}

// start makes the switch and our bridge.
func (r *datapathRig) start(ctx context.Context, env Env) (err error) {
	env.Progress("starting a host with OVS-DPDK")
	if r.host, err = lab.Start(ctx, lab.Options{DPDK: true, Unconfigured: true}); err != nil {
		return err
	}
	r.ctl = unixctl.New(r.host.RunDir(), "ovs-vswitchd")
	if r.daemon, err = newDaemon(env, r.host); err != nil {
		return err
	}
	if r.store, err = datapathFleet.serve(ctx, r.host, r.daemon); err != nil {
		return err
	}
	if err := r.daemon.install(datapathProfile(r.daemon)); err != nil {
		return err
	}
	if err := r.daemon.start(ctx); err != nil {
		return err
	}
	if _, err := r.daemon.await(ctx, "converged"); err != nil {
		return err
	}
	if _, err := settled(ctx, r.host.Path(integration+".mgmt")); err != nil {
		return err
	}
	// Its flows stay. It would put the setting back by which the EMC is switched.
	if err := r.daemon.stop(ctx); err != nil {
		return err
	}
	return r.guests(ctx, sluicedSide, func(i int) string {
		name := fmt.Sprintf("s%d", i)
		return filepath.Join(r.daemon.socketDir(), name, name+".sock")
	})
}

func (r *datapathRig) startOVN(ctx context.Context) (err error) {
	if r.ovn, err = startOVN(ctx, r.host, datapathFleet, ovnBridge); err != nil {
		return err
	}
	if err := r.ovn.start(ctx); err != nil {
		return err
	}
	err = lab.Until(ctx, "ovn-controller has made "+ovnBridge, func(ctx context.Context) error {
		_, err := r.host.VSCtl(ctx, "br-exists", ovnBridge)
		return err
	})
	if err != nil {
		return err
	}
	if err := r.vhost(ctx, ovnBridge, "o"); err != nil {
		return err
	}
	if _, err := settled(ctx, r.host.Path(ovnBridge+".mgmt")); err != nil {
		return err
	}
	return r.guests(ctx, ovnDatSide, func(i int) string { return r.host.Path(fmt.Sprintf("o%d.sock", i)) })
}

// vhost makes vhost ports of the network by hand.
func (r *datapathRig) vhost(ctx context.Context, bridge, prefix string) error {
	for _, i := range datapathPorts() {
		name := fmt.Sprintf("%s%d", prefix, i)
		_, err := r.host.VSCtl(ctx, "add-port", bridge, name, "--", "set", "Interface", name, "type=dpdkvhostuserclient",
			fmt.Sprintf("options:vhost-server-path=%q", r.host.Path(name+".sock")), "external_ids:iface-id="+fleetPort(i))
		if err != nil {
			return err
		}
	}
	return nil
}

// bare makes the bridge whose flows are written by hand.
func (r *datapathRig) bare(ctx context.Context) error {
	if _, err := r.host.VSCtl(ctx, "add-br", bareBridge, "--", "set", "Bridge", bareBridge, "datapath_type=netdev", "fail_mode=secure"); err != nil {
		return err
	}
	if err := r.vhost(ctx, bareBridge, "b"); err != nil {
		return err
	}
	gateway, behind := macOf(gatewayOf(0)), macOf(gatewayOf(1))
	for _, flow := range []string{
		fmt.Sprintf("in_port=b%d,dl_dst=%s actions=output:b%d", datapathFrom, macOf(addressOf(datapathNear)), datapathNear),
		fmt.Sprintf("in_port=b%d,ip,dl_dst=%s,nw_dst=%s actions=set_field:%s->eth_src,set_field:%s->eth_dst,dec_ttl,output:b%d",
			datapathFromHere, gateway, addressOf(datapathFar), behind, macOf(addressOf(datapathFar)), datapathFar),
	} {
		if err := run(ctx, "ovs-ofctl", "-O", "OpenFlow15", "--names", "add-flow", "unix:"+r.host.Path(bareBridge+".mgmt"), flow); err != nil {
			return err
		}
	}
	return r.guests(ctx, bareSide, func(i int) string { return r.host.Path(fmt.Sprintf("b%d.sock", i)) })
}

// guests starts the guests of a side, idle.
func (r *datapathRig) guests(ctx context.Context, side string, socket func(port int) string) error {
	l := lane{}
	for _, i := range datapathPorts() {
		o := lab.GuestOptions{Socket: socket(i), MAC: hardware(macOf(addressOf(i))), Mode: lab.RxOnly, Idle: true}
		switch i {
		case datapathFrom:
			o.Mode, o.PeerMAC = lab.TxOnly, hardware(macOf(addressOf(datapathNear)))
			o.TxSource, o.TxDestination = addressOf(i), addressOf(datapathNear)
		case datapathFromHere:
			o.Mode, o.PeerMAC = lab.TxOnly, hardware(macOf(gatewayOf(0)))
			o.TxSource, o.TxDestination = addressOf(i), addressOf(datapathFar)
		}
		g, err := r.host.StartVirtioUser(ctx, o)
		if err != nil {
			return err
		}
		l[i] = g
	}
	r.lanes[side] = l
	return nil
}

func hardware(m logical.MAC) net.HardwareAddr { return net.HardwareAddr(m[:]) }

func (r *datapathRig) measure(ctx context.Context, l lane) (Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s := Sample{}
	for _, c := range datapathCases() {
		if c.emc != r.emc {
			probability := "0"
			if c.emc {
				probability = "100"
			}
			if _, err := r.host.VSCtl(ctx, "set", "Open_vSwitch", ".", "other_config:emc-insert-inv-prob="+probability); err != nil {
				return nil, err
			}
			r.emc = c.emc
		}
		cycles, err := r.cycles(ctx, l, c)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.words(), err)
		}
		s[c.metric()] = cycles
	}
	return s, nil
}

// cycles lets packets flow one way and reads what each costs.
func (r *datapathRig) cycles(ctx context.Context, l lane, c datapathCase) (float64, error) {
	from, to := l[datapathFrom], l[datapathNear]
	if c.routed {
		from, to = l[datapathFromHere], l[datapathFar]
	}
	if err := to.StartForwarding(ctx); err != nil {
		return 0, err
	}
	if err := from.StartForwarding(ctx); err != nil {
		return 0, err
	}
	arrive := func() error {
		before, err := to.Stats(ctx)
		if err != nil {
			return err
		}
		return lab.Until(ctx, "packets arrive at the guest", func(ctx context.Context) error {
			now, err := to.Stats(ctx)
			if err == nil && now.RxPackets == before.RxPackets {
				err = errors.New("none did")
			}
			return err
		})
	}
	err := arrive()
	var cycles float64
	if err == nil {
		cycles, err = r.window(ctx)
	}
	if err == nil {
		err = arrive()
	}
	return cycles, errors.Join(err, from.StopForwarding(ctx), to.StopForwarding(ctx))
}

// window returns the least cost of a packet in some windows: what is more in the
// others is other programs' time on the PMD's core.
func (r *datapathRig) window(ctx context.Context) (float64, error) {
	if err := pause(ctx, datapathWarm); err != nil {
		return 0, err
	}
	least := math.Inf(1)
	for range datapathWindows {
		cost, err := r.oneWindow(ctx)
		if err != nil {
			return 0, err
		}
		least = min(least, cost)
	}
	return least, nil
}

// oneWindow reads the PMD's counters over a tenth of a second, or longer where the
// guests get to send little.
func (r *datapathRig) oneWindow(ctx context.Context) (float64, error) {
	if _, err := r.ctl.Call(ctx, "dpif-netdev/pmd-stats-clear"); err != nil {
		return 0, err
	}
	for began := time.Now(); ; {
		if err := pause(ctx, datapathWindow); err != nil {
			return 0, err
		}
		thread, err := r.busiest(ctx)
		if err != nil {
			return 0, err
		}
		few := thread.RxPackets == nil || thread.CyclesPerPacket == nil || *thread.RxPackets < datapathPackets
		switch {
		case few && time.Since(began) < 100*datapathWindow:
			continue
		case few:
			return 0, fmt.Errorf("the PMD thread has received fewer than %d packets in %s", datapathPackets, time.Since(began))
		case thread.Upcalls != nil && *thread.Upcalls > *thread.RxPackets/1000:
			return 0, fmt.Errorf("%d of %d packets had no entry in the datapath", *thread.Upcalls, *thread.RxPackets)
		}
		return *thread.CyclesPerPacket, nil
	}
}

// busiest is the PMD thread that receives, of one.
func (r *datapathRig) busiest(ctx context.Context) (pmd.Perf, error) {
	text, err := r.ctl.Call(ctx, "dpif-netdev/pmd-perf-show", "-nh")
	if err != nil {
		return pmd.Perf{}, err
	}
	threads, err := pmd.ParsePerfShow(strings.NewReader(text))
	if err != nil {
		return pmd.Perf{}, err
	}
	var most pmd.Perf
	for _, t := range threads {
		if t.RxPackets != nil && (most.RxPackets == nil || *t.RxPackets > *most.RxPackets) {
			most = t
		}
	}
	return most, nil
}

func (r *datapathRig) close() error {
	var errs []error
	if r.daemon != nil {
		errs = append(errs, r.daemon.close())
	}
	if r.store != nil {
		errs = append(errs, r.store.close())
	}
	if r.ovn != nil {
		errs = append(errs, r.ovn.close())
	}
	if r.host != nil {
		errs = append(errs, r.host.Close())
	}
	return errors.Join(errs...)
}
