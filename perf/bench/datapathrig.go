package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/lab"
)

// setups are a side's flows in each variant.
type setups map[variant]flowSet

// datapathRig is a bed and what each side would have on its bridge.
type datapathRig struct {
	*bed
	ovn   *ovn // nil = not installed
	sides map[string]setups
	// shapes are of the entries by which a side's packets go, by side and way.
	shapes map[[2]string]string
}

func newDatapathRig(ctx context.Context, env Env) (_ Rig, err error) {
	r := &datapathRig{bed: &bed{}, sides: map[string]setups{}, shapes: map[[2]string]string{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	rig := Rig{Measure: map[string]func(context.Context) (Sample, error){}, Missing: map[string]string{}, Close: r.close}
	ctx, cancel := context.WithTimeout(ctx, 2*overlayPatience)
	defer cancel()
	if err := r.start(ctx, env); err != nil {
		return Rig{}, err
	}
	if err := r.sluiced(ctx); err != nil {
		return Rig{}, fmt.Errorf("flows of sluiced: %w", err)
	}
	if why := missingOVN(); why != "" {
		rig.Missing[ovnDatSide] = why
	} else if err := r.startOVN(ctx); err != nil {
		return Rig{}, fmt.Errorf("flows of OVN: %w", err)
	} else {
		rig.Notes = append(rig.Notes, "OVN: "+ovnVersion(ctx)+".")
	}
	r.bare()
	if err := r.plug(ctx); err != nil {
		return Rig{}, err
	}
	for side := range r.sides {
		rig.Measure[side] = func(ctx context.Context) (Sample, error) { return r.measure(ctx, side) }
	}
	env.Progress("datapath: reading what each side's entries are")
	notes, err := r.entries(ctx)
	rig.Notes = append(rig.Notes, notes...)
	return rig, err
}

// sluiced takes the flows that the daemon has laid, and ends it: they stay, and it
// would put the setting back by which the EMC is switched.
func (r *datapathRig) sluiced(ctx context.Context) error {
	write := func(security bool, ttl logical.TTLMode) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := r.store.transact(ctx, "Sluice",
				dbOp{"op": "update", "table": "Switch_Port", "where": where("kind", "guest"), "row": dbRow{"security": security}},
				dbOp{"op": "update", "table": "Router", "where": []any{}, "row": dbRow{"ttl": string(ttl)}})
			return err
		}
	}
	if err := r.take(ctx, sluicedSide, secured, write(true, logical.TTLFull)); err != nil {
		return err
	}
	if err := r.take(ctx, sluicedSide, ttlNone, write(false, logical.TTLNone)); err != nil {
		return err
	}
	return r.daemon.stop(ctx)
}

// startOVN takes those of ovn-controller, which is given the very bridge, and ends
// it likewise.
func (r *datapathRig) startOVN(ctx context.Context) (err error) {
	if err := r.install(ctx, flowSet{}); err != nil {
		return err
	}
	if r.ovn, err = startOVN(ctx, r.host, bedFleet, integration); err != nil {
		return err
	}
	if err := r.ovn.start(ctx); err != nil {
		return err
	}
	if _, err := settled(ctx, r.socket()); err != nil {
		return err
	}
	write := func(ctx context.Context) error {
		var ops []dbOp
		for i := range bedFleet.ports() {
			ops = append(ops, dbOp{
				"op": "update", "table": "Logical_Switch_Port", "where": where("name", fleetPort(i)), "row": dbRow{"port_security": ovnAddress(i)},
			})
		}
		_, err := r.ovn.north.transact(ctx, "OVN_Northbound", ops...)
		return err
	}
	if err := r.take(ctx, ovnDatSide, secured, write); err != nil {
		return err
	}
	r.sides[ovnDatSide][ttlNone] = r.sides[ovnDatSide][asItIs]
	return errors.Join(r.ovn.stop(), r.ovn.rest())
}

// take keeps a side's flows as they are, the first time, and as they become in a
// variant when it is written.
func (r *datapathRig) take(ctx context.Context, side string, how variant, write func(context.Context) error) error {
	before, err := r.dump(ctx)
	if err != nil {
		return err
	}
	if r.sides[side] == nil {
		r.sides[side] = setups{asItIs: before}
	}
	if err := write(ctx); err != nil {
		return err
	}
	r.sides[side][how], err = r.changed(ctx, how, before)
	return err
}

// changed returns what is on the bridge once it is another than before and rests.
func (r *datapathRig) changed(ctx context.Context, how variant, before flowSet) (flowSet, error) {
	last := before
	err := lab.Until(ctx, string(how)+" is in the flows", func(ctx context.Context) error {
		if err := pause(ctx, quiet); err != nil {
			return err
		}
		now, err := r.dump(ctx)
		if err != nil {
			return err
		}
		rests := slices.Equal(now.flows, last.flows)
		last = now
		switch {
		case slices.Equal(now.flows, before.flows):
			return errors.New("they are as before")
		case !rests:
			return errors.New("they change")
		}
		return nil
	})
	return last, err
}

// bare writes the flows by hand.
func (r *datapathRig) bare() {
	none := func(int) string { return "" }
	check := func(i int) string {
		return fmt.Sprintf("ip,dl_src=%s,nw_src=%s,", macOf(addressOf(i)), addressOf(i))
	}
	r.sides[bareSide] = setups{asItIs: bareFlows(none, none, none, decTTL), secured: bareFlows(check, none, none, decTTL), ttlNone: bareFlows(none, none, none, "")}
}

func (r *datapathRig) measure(ctx context.Context, side string) (Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, overlayPatience)
	defer cancel()
	s := Sample{}
	for i, c := range datapathCases() {
		if i == 0 || datapathCases()[i-1].how != c.how {
			if err := r.install(ctx, r.sides[side][c.how]); err != nil {
				return nil, err
			}
		}
		if err := r.setEMC(ctx, c.emc); err != nil {
			return nil, err
		}
		cycles, err := r.prices(ctx, c.way, func(entry string) error {
			if want := r.shapes[[2]string{side, c.path()}]; shapeOf(entry) != want {
				return fmt.Errorf("the packets went by %s, and not by one of the shape %s", entry, want)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.words(), err)
		}
		s[c.metric()] = cycles
	}
	return s, nil
}

// entries reads and tells for each way what the sides' entries in the datapath match and do.
func (r *datapathRig) entries(ctx context.Context) ([]string, error) {
	var notes []string
	for _, c := range datapathCases() {
		if c.emc {
			continue
		}
		note := "Entry of the datapath, " + c.path()
		for _, side := range []string{sluicedSide, bareSide, ovnDatSide} {
			flows, ok := r.sides[side]
			if !ok {
				continue
			}
			if err := r.install(ctx, flows[c.how]); err != nil {
				return nil, err
			}
			entry, n, err := r.entry(ctx, c.way)
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", side, c.path(), err)
			}
			shape := shapeOf(entry)
			r.shapes[[2]string{side, c.path()}] = shape
			note += fmt.Sprintf("; %s: `%s`", side, shape)
			if c.way == crowded {
				note += fmt.Sprintf(", %d of them", n)
			}
		}
		notes = append(notes, note+".")
	}
	return notes, nil
}

func (r *datapathRig) close() error {
	var err error
	if r.ovn != nil {
		err = r.ovn.close()
	}
	return errors.Join(err, r.bed.close())
}
