package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sync/errgroup"
)

// restartRig is a managed host with a stream through it.
type restartRig struct {
	managedHost
	stream *stream
}

func prepareRestart(ctx context.Context, env Env) (_ Rig, err error) {
	r := &restartRig{}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	if err := r.start(ctx, env, func(p *hostProfile) { p.guests = numbered("vm", 2) }); err != nil {
		return Rig{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if r.stream, err = startStream(ctx, r.host, r.daemon.socketDir()); err != nil {
		return Rig{}, err
	}
	if err := run(ctx, "ovs-appctl", "-t", r.host.DBCtl(), "vlog/set", "jsonrpc:file:dbg"); err != nil {
		return Rig{}, err
	}
	side := func(do func(context.Context) error) func(context.Context) (Sample, error) {
		return func(ctx context.Context) (Sample, error) { return r.measure(ctx, do) }
	}
	return Rig{
		Measure: map[string]func(context.Context) (Sample, error){
			restartSide: side(r.restart),
			nothingSide: side(func(context.Context) error { return nil }),
			controlSide: side(r.disturb),
		},
		Close: r.close,
	}, nil
}

func (r *restartRig) restart(ctx context.Context) error {
	if err := r.daemon.stop(ctx); err != nil {
		return err
	}
	r.daemon.forget()
	if err := r.daemon.start(ctx); err != nil {
		return err
	}
	status, err := r.daemon.await(ctx, "converged", "changed", "pending", "refused", "failed")
	if err == nil && resultOf(status) != "converged" {
		err = fmt.Errorf("the daemon found something to do: %s", status)
	}
	return err
}

// disturb does what must be seen: packets have nowhere to go for a while, and
// somebody writes to the database.
func (r *restartRig) disturb(ctx context.Context) error {
	bridge := "unix:" + r.host.Path("br0.mgmt")
	if err := run(ctx, "ovs-ofctl", "del-flows", bridge); err != nil {
		return err
	}
	if err := r.stream.still(ctx); err != nil {
		return err
	}
	if err := run(ctx, "ovs-ofctl", "add-flow", bridge, "actions=NORMAL"); err != nil {
		return err
	}
	_, err := r.host.VSCtl(ctx, "set", "Open_vSwitch", ".", fmt.Sprintf("external_ids:touched=%d", time.Now().UnixNano()))
	return err
}

// measure takes one sample: what is lost and written while do is done.
func (r *restartRig) measure(ctx context.Context, do func(context.Context) error) (Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	log, err := r.markLog(ctx)
	if err != nil {
		return nil, err
	}
	before, file, err := records(r.host.Path("conf.db"))
	if err != nil {
		return nil, err
	}
	start, err := r.stream.account(ctx)
	if err != nil {
		return nil, err
	}
	gap, err := r.during(ctx, do)
	if err != nil {
		return nil, err
	}
	end, err := r.stream.account(ctx)
	if err != nil {
		return nil, err
	}
	after, same, err := records(r.host.Path("conf.db"))
	if err == nil && !os.SameFile(file, same) {
		err = errors.New("ovsdb-server has compacted its database: its transactions cannot be counted")
	}
	if err != nil {
		return nil, err
	}
	writes, err := r.writesSince(log)
	return Sample{
		"lost":   float64(end.sent-start.sent) - float64(end.delivered-start.delivered),
		"writes": float64(writes), "records": float64(after - before), "gap": gap.Seconds(),
	}, err
}

// during lets the stream flow, does it, and halts the stream.
func (r *restartRig) during(ctx context.Context, do func(context.Context) error) (gap time.Duration, err error) {
	if err := r.stream.flow(ctx); err != nil {
		return 0, err
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	var group errgroup.Group
	group.Go(func() (err error) {
		gap, err = r.stream.longestGap(watching)
		return err
	})
	rest := time.After(restartTime)
	if err = do(ctx); err == nil {
		select {
		case <-rest:
		case <-ctx.Done():
		}
	}
	stop()
	err = errors.Join(err, group.Wait())
	// What the daemon does late is to be seen too. A stream that is gone, as in
	// the control, is not waited for long: the account tells.
	if n, readErr := r.stream.received(ctx); err == nil && readErr == nil {
		more, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		_ = r.stream.went(more, n+1000)
	}
	return gap, errors.Join(err, r.stream.halt(ctx))
}

// logMark is a place in ovsdb-server's log, and the newest connection there.
type logMark struct {
	offset     int64
	connection int
}

func (r *restartRig) dbLog() string { return r.host.Path("ovsdb-server.log") }

// markLog makes a connection of its own, so that the log tells its number.
func (r *restartRig) markLog(ctx context.Context) (logMark, error) {
	var mark logMark
	if _, err := r.host.VSCtl(ctx, "--no-wait", "get", "Open_vSwitch", ".", "cur_cfg"); err != nil {
		return mark, err
	}
	f, err := os.Open(r.dbLog())
	if err != nil {
		return mark, err
	}
	defer f.Close()
	if mark.connection, err = lastConnection(f); err == nil && mark.connection == 0 {
		err = fmt.Errorf("%s: no request in it", r.dbLog())
	}
	if err != nil {
		return mark, err
	}
	mark.offset, err = f.Seek(0, io.SeekCurrent)
	return mark, err
}

// writesSince counts what was asked for on connections that are newer than the mark.
func (r *restartRig) writesSince(mark logMark) (int, error) {
	f, err := os.Open(r.dbLog())
	if err != nil {
		return 0, err
	}
	defer f.Close()
	if _, err := f.Seek(mark.offset, io.SeekStart); err != nil {
		return 0, err
	}
	return countWrites(f, mark.connection)
}
