package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// The sides of the scenarios of the logical network, beside sluicedSide.
const (
	ovnSide     = "ovn-controller"
	replaceSide = "ovs-ofctl replace-flows"
)

const coldText = "100 switches of 50 ports, one router, 500 hosts, 10 ports local: "

const fleetMethod = "The network lies whole in the database when the clock starts, every port bound to its host; the host is a plain lab host (userspace datapath, taps), br-phy with the underlay made by hand. " +
	"OVN (northbound, ovn-northd, southbound, each with a server of its own on the host, default settings) has the same network, its ports up on 499 made-up chassis. "

func coldStartScenario() Scenario {
	return Scenario{
		Name: "cold-start", Issue: 3, Quick: true,
		Title: "the daemon's cold start in a fleet of 5,000 ports, to the last flow",
		Method: fleetMethod + "Before each sample the daemon is ended and the bridge's flows and groups are deleted, its ports stay: ovn-controller keeps its 499 tunnel ports. " +
			"`time` is from the start of the process until the last change of the number of flows, asked for every 2 ms by OpenFlow table statistics, of sluiced and of ovn-controller alike; " +
			"ovn-northd is ended before. `ovs-ofctl --bundle replace-flows` is given the flows that sluiced made, on the same bridge, emptied, with the groups there, and timed from its start to its end. " +
			"`flows` are those of the integration bridge.",
		Metrics: []Metric{{"time", Seconds}, {"flows", Count}}, Sides: []string{sluicedSide, ovnSide, replaceSide},
		Bars: []Bar{
			{Text: coldText + "cold start of the daemon to the last flow at most a quarter of ovn-controller's time", Metric: "time", Of: sluicedSide, Against: ovnSide, Limit: Limit{AtMost, 0.25}},
			{Text: coldText + "cold start of the daemon under twice `ovs-ofctl --bundle replace-flows` of the very same flows", Metric: "time", Of: sluicedSide, Against: replaceSide, Limit: Limit{Below, 2}},
			{Text: coldText + "flows on the host: fewer than half of OVN's", Metric: "flows", Of: sluicedSide, Against: ovnSide, Limit: Limit{Below, 0.5}, Judged: ByWorst},
		},
		Repeats: Repeats{Least: 5, Most: 7, Budget: 40 * time.Second},
		Missing: missingOverlay,
		Prepare: prepareColdStart,
	}
}

// coldRig is a host of each, and how many flows each comes to.
type coldRig struct {
	sluice *sluiceHost
	ovn    *ovnHost // nil = not installed
	flows  struct{ sluice, ovn int }
	file   string // the flows of sluiced
}

func prepareColdStart(ctx context.Context, env Env) (_ Rig, err error) {
	r := &coldRig{}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	if r.sluice, err = startSluiceHost(ctx, env, fleet5k); err != nil {
		return Rig{}, err
	}
	if r.flows.sluice, err = r.sluice.settled(ctx); err != nil {
		return Rig{}, err
	}
	if err := r.keepFlows(ctx); err != nil {
		return Rig{}, err
	}
	rig := Rig{
		Measure: map[string]func(context.Context) (Sample, error){sluicedSide: r.coldSluice, replaceSide: r.replace},
		Missing: map[string]string{}, Close: r.close,
	}
	if why := missingOVN(); why != "" {
		rig.Missing[ovnSide] = why
		return rig, nil
	}
	if r.ovn, err = startOVNHost(ctx, env, fleet5k); err != nil {
		return Rig{}, err
	}
	if r.flows.ovn, err = r.ovn.settled(ctx); err != nil {
		return Rig{}, err
	}
	if err = r.ovn.ovn.rest(); err != nil {
		return Rig{}, err
	}
	rig.Measure[ovnSide] = r.coldOVN
	rig.Notes = append(rig.Notes, "OVN: "+ovnVersion(ctx)+".")
	return rig, nil
}

// keepFlows writes the flows of sluiced to a file that ovs-ofctl reads.
func (r *coldRig) keepFlows(ctx context.Context) error {
	r.file = r.sluice.Path("flows.txt")
	out, err := r.sluice.Command(ctx, "ovs-ofctl", "-O", "OpenFlow15", "--no-stats", "--no-names", "dump-flows", "unix:"+r.sluice.socket()).Output()
	if err != nil {
		return err
	}
	return os.WriteFile(r.file, out, 0o644)
}

// empty deletes all flows, and the groups too when asked.
func (h *overlayHost) empty(ctx context.Context, groups bool) error {
	if err := run(ctx, "ovs-ofctl", "-O", "OpenFlow15", "del-flows", "unix:"+h.socket()); err != nil || !groups {
		return err
	}
	return run(ctx, "ovs-ofctl", "-O", "OpenFlow15", "del-groups", "unix:"+h.socket())
}

// cold times a daemon from its start to the last flow.
func (h *overlayHost) cold(ctx context.Context, flows int, start func(context.Context) error) (Sample, error) {
	if err := h.empty(ctx, true); err != nil {
		return nil, err
	}
	began := time.Now()
	if err := start(ctx); err != nil {
		return nil, err
	}
	n, at, err := h.lastChange(ctx, quiet, func(n int) bool { return n >= flows })
	return Sample{"time": at.Sub(began).Seconds(), "flows": float64(n)}, err
}

func (r *coldRig) coldSluice(ctx context.Context) (Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := r.sluice.daemon.stop(ctx); err != nil {
		return nil, err
	}
	s, err := r.sluice.cold(ctx, r.flows.sluice, r.sluice.daemon.start)
	if err != nil {
		err = fmt.Errorf("%w; the log of sluiced ends:\n%s", err, tail(r.sluice.daemon.log()))
	}
	return s, err
}

func (r *coldRig) coldOVN(ctx context.Context) (Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := r.ovn.ovn.stop(); err != nil {
		return nil, err
	}
	return r.ovn.cold(ctx, r.flows.ovn, r.ovn.ovn.start)
}

func (r *coldRig) replace(ctx context.Context) (Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := r.sluice.daemon.stop(ctx); err != nil {
		return nil, err
	}
	if err := r.sluice.empty(ctx, false); err != nil {
		return nil, err
	}
	took, err := timed(func() error {
		return run(ctx, "ovs-ofctl", "-O", "OpenFlow15", "--bundle", "replace-flows", "unix:"+r.sluice.socket(), r.file)
	})
	if err != nil {
		return nil, err
	}
	n, _, err := r.sluice.lastChange(ctx, quiet, func(n int) bool { return n >= r.flows.sluice })
	return Sample{"time": took, "flows": float64(n)}, err
}

func (r *coldRig) close() error {
	var errs []error
	if r.sluice != nil {
		errs = append(errs, r.sluice.close())
	}
	if r.ovn != nil {
		errs = append(errs, r.ovn.close())
	}
	return errors.Join(errs...)
}
