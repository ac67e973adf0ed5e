package agent

import (
	"cmp"
	"context"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// versionTimeout bounds the question which release runs. While EAL starts, or
// when the switch hangs, nobody answers it.
const versionTimeout = time.Second

// see observes the database. The release is the running switch's own, or the one
// that ran last: planning for another would rename keys to and fro. Failing
// both, it is what a start script wrote into the database, if one did.
func (a *Agent) see(ctx context.Context, db *ovsdb.Client) (vswitch.Observed, error) {
	o, err := db.Observe(ctx)
	if err != nil {
		return o, err
	}
	o.OVSVersion = cmp.Or(a.askRelease(ctx), o.OVSVersion)
	a.vhosts.look(o, a.now())
	if pid, err := a.ctl.PID(); err == nil {
		a.guests.look(o, pid, a.now())
	}
	return o, nil
}

// glance is see for who only looks: what it returns is shared, as from ovsdb's Latest.
func (a *Agent) glance(ctx context.Context, db *ovsdb.Client) (*sight, error) {
	o, err := db.Latest(ctx)
	if err != nil {
		return nil, err
	}
	return a.sights.of(o, func() {
		a.vhosts.look(*o, a.now())
		if pid, err := a.ctl.PID(); err == nil {
			a.guests.look(*o, pid, a.now())
		}
	}), nil
}

// releaseOf is a process and the release it told: as long as the process lives, it
// need not be asked again, which may have to wait for it to configure.
type releaseOf struct {
	pid     int
	release string
}

func (a *Agent) askRelease(ctx context.Context) string {
	var was releaseOf
	if known := a.release.Load(); known != nil {
		was = *known
	}
	pid, err := a.ctl.PID()
	if err != nil || pid == was.pid {
		return was.release
	}
	ctx, cancel := context.WithTimeout(ctx, versionTimeout)
	defer cancel()
	text, err := a.ctl.Call(ctx, "version")
	if err != nil {
		return was.release
	}
	release, ok := appctl.Release(text)
	if !ok {
		return was.release
	}
	a.release.Store(&releaseOf{pid, release})
	return release
}
