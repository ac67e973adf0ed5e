package bench

import (
	"bytes"
	"context"
	"errors"
)

// isFor finds the packets to a port, in a tunnel or not: a router gives them its MAC
// and leaves its address.
func isFor(port int) func([]byte) bool {
	a := addressOf(port)
	mac, address := macOf(a), a.As4()
	return func(frame []byte) bool { return bytes.Contains(frame, mac[:]) && bytes.Contains(frame, address[:]) }
}

// portOps write a port of another host into the store as it is when the port was
// made and its host has announced it.
func (f fleet) portOps(i, host int) []dbOp {
	insert := func(table, kind string, r dbRow) dbOp {
		return dbOp{"op": "insert", "table": table, "uuid": fleetID(kind, i).String(), "row": r}
	}
	claim := func(kind, address string) dbOp {
		return insert("Address", kind, dbRow{"switch": dbRef("switch", switchOf(i)), "address": address, "port": dbRef("port", i), "seq": 1})
	}
	a := addressOf(i)
	return []dbOp{
		{"op": "mutate", "table": "Global", "where": []any{}, "mutations": []any{[]any{"seq", "+=", 1}}},
		insert("Switch_Port", "port", f.portRow(i, a)), claim("address", a.String()), claim("mac", macOf(a).String()),
		insert("Binding", "binding", dbRow{"port": dbRef("port", i), "host": fleetHost(host), "seq": 1}),
	}
}

// unportOps take it out.
func unportOps(i int) []dbOp {
	var ops []dbOp
	for _, row := range [][2]string{{"Binding", "binding"}, {"Address", "address"}, {"Address", "mac"}, {"Switch_Port", "port"}} {
		ops = append(ops, dbOp{"op": "delete", "table": row[0], "where": where("_uuid", dbRef(row[1], i))})
	}
	return append(ops, dbOp{"op": "mutate", "table": "Global", "where": []any{}, "mutations": []any{[]any{"seq", "+=", 1}}})
}

func (h *sluiceHost) write(ctx context.Context, ops []dbOp) error {
	_, err := h.store.transact(ctx, "Sluice", ops...)
	return err
}

// changedPort is a port on a switch that has no local one, which comes and goes.
const changedPort = fleetPorts + 1

// changing makes a host ready for changes.
func (h *sluiceHost) changing(ctx context.Context) (*changeHost, error) {
	c := &changeHost{
		overlayHost: h.overlayHost,
		add:         func(ctx context.Context) error { return h.write(ctx, h.fleet.portOps(changedPort, changeHostNumber)) },
		remove:      func(ctx context.Context) error { return h.write(ctx, unportOps(changedPort)) },
	}
	return c, c.open(ctx, changedPort)
}

func (h *ovnHost) changing(ctx context.Context) (*changeHost, error) {
	place := func(ctx context.Context, chassis any) error {
		_, err := h.ovn.south.transact(ctx, "OVN_Southbound", placeOp(changedPort, chassis))
		return err
	}
	c := &changeHost{
		overlayHost: h.overlayHost,
		add:         func(ctx context.Context) error { return place(ctx, dbSet(dbRef("chassis", changeHostNumber))) },
		remove:      func(ctx context.Context) error { return place(ctx, dbSet()) },
	}
	return c, c.open(ctx, changedPort)
}

func (h *changeHost) close() error {
	var errs []error
	for _, t := range []*tap{h.from, h.to, h.nic} {
		if t != nil {
			errs = append(errs, t.close())
		}
	}
	return errors.Join(errs...)
}

func prepareChange(ctx context.Context, env Env) (_ Rig, err error) {
	var closers []func() error
	closeAll := func() error {
		var errs []error
		for i := range closers {
			errs = append(errs, closers[len(closers)-1-i]())
		}
		return errors.Join(errs...)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, closeAll())
		}
	}()
	rig := Rig{Measure: map[string]func(context.Context) (Sample, error){}, Missing: map[string]string{}, Close: closeAll}
	ready := func(side string, c *changeHost, err error) error {
		if c != nil {
			closers = append(closers, c.close)
			rig.Measure[side] = c.measure
		}
		return err
	}
	for _, side := range []struct {
		name  string
		fleet fleet
	}{{sluicedSide, fleet5k}, {largeSide, fleet50k}} {
		h, err := startSluiceHost(ctx, env, side.fleet)
		if err != nil {
			return Rig{}, err
		}
		closers = append(closers, h.close)
		c, err := h.changing(ctx)
		if err := ready(side.name, c, err); err != nil {
			return Rig{}, err
		}
	}
	if why := missingOVN(); why != "" {
		rig.Missing[ovnSide] = why
		return rig, nil
	}
	h, err := startOVNHost(ctx, env, fleet5k)
	if err != nil {
		return Rig{}, err
	}
	closers = append(closers, h.close)
	rig.Notes = append(rig.Notes, "OVN: "+ovnVersion(ctx)+".")
	c, err := h.changing(ctx)
	return rig, ready(ovnSide, c, err)
}
