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
	asking, cancel := context.WithTimeout(ctx, versionTimeout)
	defer cancel()
	if text, err := a.ctl.Call(asking, "version"); err == nil {
		if release, ok := appctl.Release(text); ok {
			a.release.Store(&release)
		}
	}
	if release := a.release.Load(); release != nil {
		o.OVSVersion = cmp.Or(*release, o.OVSVersion)
	}
	return o, nil
}
