package bench

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
)

const (
	rateChanges = 300
	rateEvery   = 10 * time.Millisecond
	rateProbe   = 5 * time.Millisecond
)

func changeRateScenario() Scenario {
	return Scenario{
		Name: "change-rate", Issue: 3,
		Title: "a hundred changes a second, each to the first packet delivered",
		Method: "The host of 5,000 ports of `change`. For three seconds, every 10 ms a port of another host is written into the store, with its binding. " +
			"The clock of each starts before its transaction is sent, and stops when a packet to it leaves by the underlay's NIC, in the tunnel: a local guest sends one to every port that is on its way, every 5 ms. " +
			"`p99` is the 99th percentile of the 300; `most` the slowest of all. Then the ports are taken out again.",
		Metrics: []Metric{{"median", Seconds}, {"p99", Seconds}, {"most", Seconds}}, Sides: []string{sluicedSide},
		Bars:    []Bar{{Text: "Under 100 changes a second: p99 under 200 ms", Metric: "p99", Of: sluicedSide, Limit: Limit{Below, 0.2}}},
		Repeats: Repeats{Least: 2, Most: 4, Budget: 15 * time.Second},
		Missing: missingOverlay,
		Prepare: prepareChangeRate,
	}
}

// rateRig changes one host again and again.
type rateRig struct {
	host *sluiceHost
	*changeHost
}

func prepareChangeRate(ctx context.Context, env Env) (_ Rig, err error) {
	r := &rateRig{}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	if r.host, err = startSluiceHost(ctx, env, fleet5k); err != nil {
		return Rig{}, err
	}
	if r.changeHost, err = r.host.changing(ctx); err != nil {
		return Rig{}, err
	}
	return Rig{Measure: map[string]func(context.Context) (Sample, error){sluicedSide: r.measure}, Close: r.close}, nil
}

func (r *rateRig) close() error {
	var errs []error
	if r.changeHost != nil {
		errs = append(errs, r.changeHost.close())
	}
	if r.host != nil {
		errs = append(errs, r.host.close())
	}
	return errors.Join(errs...)
}

// ratePort is the nth port to be added. All of them are taken out first.
func ratePort(n int) int { return (1+n/fleetPorts)*fleetPorts + n%fleetPorts }

func (r *rateRig) measure(ctx context.Context) (Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var gone []dbOp
	for n := range rateChanges {
		gone = append(gone, unportOps(ratePort(n))...)
	}
	if err := r.host.write(ctx, gone); err != nil {
		return nil, err
	}
	if _, _, err := r.lastChange(ctx, quiet, func(int) bool { return true }); err != nil {
		return nil, err
	}
	took, err := r.changes(ctx)
	if err != nil {
		return nil, err
	}
	slices.Sort(took)
	at := func(share float64) float64 { return took[int(share*float64(len(took)-1)+0.5)].Seconds() }
	return Sample{"median": at(0.5), "p99": at(0.99), "most": at(1)}, nil
}

// underway are the ports that were added and had no packet yet, by address.
type underway struct {
	mu    sync.Mutex
	since map[netip.Addr]time.Time
	took  []time.Duration
}

// arrived takes a frame of the underlay: its inner destination is where the packet
// in the tunnel has it, behind an Ethernet, IPv4, UDP and Geneve header with options.
func (u *underway) arrived(frame []byte, at time.Time) {
	const outer = 14 + 20 + 8
	if len(frame) < outer+8 || binary.BigEndian.Uint16(frame[14+20+2:]) != 6081 {
		return
	}
	inner := outer + 8 + int(frame[outer]&0x3f)*4
	if len(frame) < inner+34 {
		return
	}
	a := netip.AddrFrom4([4]byte(frame[inner+30:]))
	u.mu.Lock()
	defer u.mu.Unlock()
	if began, ok := u.since[a]; ok {
		u.took = append(u.took, at.Sub(began))
		delete(u.since, a)
	}
}

func (u *underway) waiting() []netip.Addr {
	u.mu.Lock()
	defer u.mu.Unlock()
	var all []netip.Addr
	for a := range u.since {
		all = append(all, a)
	}
	return all
}

// changes adds the ports one by one and returns how long each took.
func (r *rateRig) changes(ctx context.Context) ([]time.Duration, error) {
	u := &underway{since: map[netip.Addr]time.Time{}}
	r.nic.watch(u.arrived)
	defer r.nic.watch(nil)
	probing, stop := context.WithCancel(ctx)
	probed := make(chan error, 1)
	go func() {
		var err error
		for err == nil && pause(probing, rateProbe) == nil {
			for _, a := range u.waiting() {
				err = errors.Join(err, r.from.send(routed(r.local(0), a).frame()))
			}
		}
		probed <- err
	}()
	err := r.addAll(ctx, u)
	if err == nil {
		err = lab.Until(ctx, "all ports are reached", func(context.Context) error {
			if left := len(u.waiting()); left > 0 {
				return fmt.Errorf("%d are not yet", left)
			}
			return nil
		})
	}
	stop()
	return u.took, errors.Join(err, <-probed)
}

func (r *rateRig) addAll(ctx context.Context, u *underway) error {
	tick := time.NewTicker(rateEvery)
	defer tick.Stop()
	for n := range rateChanges {
		port := ratePort(n)
		u.mu.Lock()
		u.since[addressOf(port)] = time.Now()
		u.mu.Unlock()
		if err := r.host.write(ctx, r.host.fleet.portOps(port, changeHostNumber)); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
