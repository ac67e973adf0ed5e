package bench

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// sluiceHost is the first host of a fleet under the built sluiced, with the whole
// fleet in a store that an ovsdb-server of its own serves.
type sluiceHost struct {
	*overlayHost
	daemon *daemon
	store  *dbConn
}

// overlayPatience bounds the making of a host of the largest fleet.
const overlayPatience = 2 * patience

// startSluiceHost returns when the daemon has laid the network.
func startSluiceHost(ctx context.Context, env Env, f fleet) (_ *sluiceHost, err error) {
	ctx, cancel := context.WithTimeout(ctx, overlayPatience)
	defer cancel()
	env.Progress(fmt.Sprintf("starting a host of %d, with sluiced", f.hosts))
	h := &sluiceHost{}
	if h.overlayHost, err = startOverlayHost(ctx, f); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	if err := h.start(ctx, env); err != nil {
		return nil, err
	}
	return h, nil
}

func (h *sluiceHost) start(ctx context.Context, env Env) error {
	var err error
	if h.daemon, err = newDaemon(env, h.Host); err != nil {
		return err
	}
	if h.store, err = h.fleet.serve(ctx, h.Host, h.daemon); err != nil {
		return err
	}
	if err := h.daemon.install(overlayProfile()); err != nil {
		return err
	}
	if err := h.daemon.start(ctx); err != nil {
		return err
	}
	if _, err := h.daemon.await(ctx, "converged"); err != nil {
		return err
	}
	if err := h.plug(ctx); err != nil {
		return err
	}
	_, err = h.settled(ctx)
	return err
}

// serve makes a store of the fleet, served by an ovsdb-server of its own, and tells
// the daemon of it.
func (f fleet) serve(ctx context.Context, h *lab.Host, d *daemon) (*dbConn, error) {
	if err := f.writeStore(h.Path("sluice.db")); err != nil {
		return nil, err
	}
	socket, err := serveDB(ctx, h, "sluice", h.Path("sluice.db"))
	if err != nil {
		return nil, err
	}
	settings := fmt.Sprintf("store: {endpoints: [\"unix:%s\"]}\n", socket)
	if err := os.WriteFile(d.settings(), []byte(settings), 0o644); err != nil {
		return nil, err
	}
	return dialDB(ctx, socket)
}

// overlayProfile is that of the fleet's first host. It has no DPDK: what is
// measured with it is not the datapath.
func overlayProfile() string {
	return fmt.Sprintf(`apiVersion: sluice/v1
kind: HostProfile
name: %s
overlay: {bridge: "", address: %s}
`, fleetHost(0), tunnelOf(0))
}

func (h *sluiceHost) close() error {
	var errs []error
	if h.daemon != nil {
		errs = append(errs, h.daemon.close())
	}
	if h.store != nil {
		errs = append(errs, h.store.close())
	}
	return errors.Join(append(errs, h.overlayHost.close())...)
}

// missingOverlay lists what is lacking for hosts of a fleet.
func missingOverlay(env Env) []string {
	missing := append(lab.Missing(lab.Options{}), missingBinary(env, "sluiced")...)
	if _, err := os.Stat("/dev/net/tun"); err != nil {
		missing = append(missing, "/dev/net/tun, for taps")
	}
	return missing
}
