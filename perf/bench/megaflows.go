package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/lab"
)

// The network whose megaflows are counted, and what is sent into it.
var megaflowFleet = fleet{switches: 20, hosts: 40}

const (
	megaflowPackets = 10_000
	megaflowTargets = 200 // destinations
)

var megaflowTTLs = []byte{255, 128, 64, 63, 60}

// The sides of the megaflow scenario.
const (
	fullOpen   = "sluiced, ttl full"
	fullSecure = "sluiced, ttl full, port security"
	noneOpen   = "sluiced, ttl none"
	noneSecure = "sluiced, ttl none, port security"
	ovnOpen    = "OVN"
	ovnSecure  = "OVN, port security"
)

func megaflowScenario() Scenario {
	bar := func(text, metric, of, beside string, most float64) Bar {
		return Bar{Text: text, Metric: metric, Of: of, Beside: beside, Limit: Limit{AtMost, most}, Judged: ByWorst}
	}
	var bars []Bar
	for _, s := range []struct{ full, none, ovn, how string }{
		{fullOpen, noneOpen, ovnOpen, ""}, {fullSecure, noneSecure, ovnSecure, ", with port security"},
	} {
		bars = append(bars,
			bar("Megaflows for 10,000 random flows of one port: with `ttl full` at most one per (destination, TTL, protocol)"+s.how, "per-tuple", s.full, s.ovn, 1),
			bar("Megaflows for 10,000 random flows of one port: with `ttl none` one per destination"+s.how, "per-destination", s.none, s.ovn, 1),
			bar("Megaflows: the source only where port security puts it, as the port's exact address, never a prefix; `ttl full`"+s.how, "source", s.full, s.ovn, 0),
			bar("Megaflows: the source only where port security puts it, as the port's exact address, never a prefix; `ttl none`"+s.how, "source", s.none, s.ovn, 0),
			bar("Megaflows: no L4 port; `ttl full`"+s.how, "l4", s.full, s.ovn, 0),
			bar("Megaflows: no L4 port; `ttl none`"+s.how, "l4", s.none, s.ovn, 0),
		)
	}
	return Scenario{
		Name: "megaflows", Issue: 3, Quick: true,
		Title: "megaflows for 10,000 random flows of one port",
		Method: "A plain lab host, the first of 40, with 20 switches of 50 ports behind one router; OVN has the same. A guest sends 10,000 packets by the router, each with its own random destination (of 200 ports on other switches, here and elsewhere), " +
			"TTL (of 5), protocol (TCP, UDP, ICMP) and ports, all of which the switch must have received; `max-idle` lets no entry go meanwhile. Then the datapath's IPv4 entries are counted (`dpctl/dump-flows`): `megaflows` all of them, " +
			"`per-tuple` for each (destination, TTL, protocol) that was sent, `per-destination` for each destination; `source` are those that match a source address as a prefix, or at all without port security; `l4` those that match a port or ICMP type. " +
			"The router's TTL mode and the port's security are written into the store before; OVN has no TTL modes.",
		Metrics: []Metric{{"megaflows", Count}, {"per-tuple", Ratio}, {"per-destination", Ratio}, {"source", Count}, {"l4", Count}},
		Sides:   []string{fullOpen, fullSecure, noneOpen, noneSecure, ovnOpen, ovnSecure},
		Bars:    bars,
		Repeats: Repeats{Least: 1, Most: 1},
		Missing: missingOverlay,
		Prepare: prepareMegaflows,
	}
}

// megaflowRig is a host of each.
type megaflowRig struct {
	sluice *sluiceHost
	ovn    *ovnHost // nil = not installed
	guests map[*overlayHost]*tap
}

func prepareMegaflows(ctx context.Context, env Env) (_ Rig, err error) {
	r := &megaflowRig{guests: map[*overlayHost]*tap{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	if r.sluice, err = startSluiceHost(ctx, env, megaflowFleet); err != nil {
		return Rig{}, err
	}
	if err = r.ready(ctx, r.sluice.overlayHost); err != nil {
		return Rig{}, err
	}
	rig := Rig{Measure: map[string]func(context.Context) (Sample, error){}, Missing: map[string]string{}, Close: r.close}
	for side, s := range map[string]struct {
		ttl    logical.TTLMode
		secure bool
	}{fullOpen: {logical.TTLFull, false}, fullSecure: {logical.TTLFull, true}, noneOpen: {logical.TTLNone, false}, noneSecure: {logical.TTLNone, true}} {
		rig.Measure[side] = func(ctx context.Context) (Sample, error) {
			err := r.sluice.write(ctx, []dbOp{
				{"op": "update", "table": "Router", "where": []any{}, "row": dbRow{"ttl": string(s.ttl)}},
				{"op": "update", "table": "Switch_Port", "where": where("name", fleetPort(0)), "row": dbRow{"security": s.secure}},
			})
			if err != nil {
				return nil, err
			}
			return r.measure(ctx, r.sluice.overlayHost, s.secure)
		}
	}
	if why := missingOVN(); why != "" {
		rig.Missing[ovnOpen], rig.Missing[ovnSecure] = why, why
		return rig, nil
	}
	if r.ovn, err = startOVNHost(ctx, env, megaflowFleet); err != nil {
		return Rig{}, err
	}
	if err = r.ready(ctx, r.ovn.overlayHost); err != nil {
		return Rig{}, err
	}
	rig.Notes = append(rig.Notes, "OVN: "+ovnVersion(ctx)+".")
	for side, security := range map[string]any{ovnOpen: dbSet(), ovnSecure: ovnAddress(0)} {
		rig.Measure[side] = func(ctx context.Context) (Sample, error) {
			_, err := r.ovn.ovn.north.transact(ctx, "OVN_Northbound", dbOp{
				"op": "update", "table": "Logical_Switch_Port", "where": where("name", fleetPort(0)), "row": dbRow{"port_security": security},
			})
			if err != nil {
				return nil, err
			}
			return r.measure(ctx, r.ovn.overlayHost, side == ovnSecure)
		}
	}
	return rig, nil
}

// ready lets a host's entries live, and reach all others.
func (r *megaflowRig) ready(ctx context.Context, h *overlayHost) error {
	if _, err := h.VSCtl(ctx, "set", "Open_vSwitch", ".", "other_config:max-idle=600000"); err != nil {
		return err
	}
	for other := 1; other < h.fleet.hosts; other++ {
		if err := h.neighbour(ctx, other); err != nil {
			return err
		}
	}
	t, err := openTap(h.Host, tapOf(h.local(0)))
	r.guests[h] = t
	return err
}

func (r *megaflowRig) measure(ctx context.Context, h *overlayHost, secure bool) (Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, _, err := h.lastChange(ctx, quiet, func(int) bool { return true }); err != nil {
		return nil, err
	}
	if _, err := h.AppCtl(ctx, "revalidator/purge"); err != nil {
		return nil, err
	}
	before, err := h.received(ctx)
	if err != nil {
		return nil, err
	}
	tuples, targets, err := sendRandom(ctx, r.guests[h])
	if err != nil {
		return nil, err
	}
	err = lab.Until(ctx, "the switch has received all packets", func(ctx context.Context) error {
		now, err := h.received(ctx)
		if err == nil && now < before+megaflowPackets {
			err = fmt.Errorf("%d of %d", now-before, megaflowPackets)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	text, err := h.AppCtl(ctx, "dpctl/dump-flows")
	if err != nil {
		return nil, err
	}
	count := countMegaflows(text)
	source := count.sources
	if secure {
		source = count.prefixes
	}
	if count.all == 0 {
		return nil, errors.New("the datapath has no entry of the packets")
	}
	return Sample{
		"megaflows": float64(count.all), "per-tuple": float64(count.all) / float64(tuples),
		"per-destination": float64(count.all) / float64(targets), "source": float64(source), "l4": float64(count.l4),
	}, nil
}

// received counts the packets that the integration bridge took from its ports.
func (h *overlayHost) received(ctx context.Context) (uint64, error) {
	out, err := h.Command(ctx, "ovs-ofctl", "-O", "OpenFlow15", "dump-ports", "unix:"+h.socket()).Output()
	if err != nil {
		return 0, err
	}
	ports, err := parsePortStats(string(out))
	var n uint64
	for _, p := range ports {
		n += p.rx
	}
	return n, err
}

// sendRandom sends the packets and returns how many (destination, TTL, protocol)
// and destinations were among them. They are the same each time.
func sendRandom(ctx context.Context, guest *tap) (tuples, targets int, err error) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // packets, not secrets
	ports := make([]int, megaflowTargets)
	for i := range ports {
		ports[i] = fleetPorts + random.IntN(megaflowFleet.ports()-fleetPorts)
	}
	type tuple struct {
		to            netip.Addr
		ttl, protocol byte
	}
	sent, to := map[tuple]bool{}, map[netip.Addr]bool{}
	for n := range megaflowPackets {
		p := routed(0, addressOf(ports[random.IntN(len(ports))]))
		p.ttl = megaflowTTLs[random.IntN(len(megaflowTTLs))]
		p.protocol = []byte{protoTCP, protoUDP, protoICMP}[random.IntN(3)]
		p.srcPort, p.dstPort = uint16(random.IntN(1<<16)), uint16(random.IntN(1<<16))
		sent[tuple{p.dst, p.ttl, p.protocol}], to[p.dst] = true, true
		if err := guest.send(p.frame()); err != nil {
			return 0, 0, err
		}
		if n%20 == 19 { // a tap's queue has room for some hundreds
			if err := pause(ctx, time.Millisecond); err != nil {
				return 0, 0, err
			}
		}
	}
	return len(sent), len(to), nil
}

func (r *megaflowRig) close() error {
	var errs []error
	for _, t := range r.guests {
		if t != nil {
			errs = append(errs, t.close())
		}
	}
	if r.sluice != nil {
		errs = append(errs, r.sluice.close())
	}
	if r.ovn != nil {
		errs = append(errs, r.ovn.close())
	}
	return errors.Join(errs...)
}
