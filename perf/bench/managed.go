package bench

import (
	"context"
	"errors"
	"runtime"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// managedHost is a lab host with a running daemon.
type managedHost struct {
	host    *lab.Host
	daemon  *daemon
	profile hostProfile
}

// start makes the host and returns when the daemon is converged on the profile
// that change makes of the one without ports.
func (m *managedHost) start(ctx context.Context, env Env, change func(*hostProfile)) (err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	env.Progress("starting a host with OVS-DPDK")
	if m.host, err = lab.Start(ctx, lab.Options{DPDK: true, Unconfigured: true}); err != nil {
		return err
	}
	if m.daemon, err = newDaemon(env, m.host); err != nil {
		return err
	}
	m.profile = baseProfile(m.daemon)
	change(&m.profile)
	if err := m.daemon.install(m.profile.text()); err != nil {
		return err
	}
	if err := m.daemon.start(ctx); err != nil {
		return err
	}
	_, err = m.daemon.await(ctx, "converged")
	return err
}

func (m *managedHost) close() error {
	var errs []error
	if m.daemon != nil {
		errs = append(errs, m.daemon.close())
	}
	if m.host != nil {
		errs = append(errs, m.host.Close())
	}
	return errors.Join(errs...)
}

// switchMemory is what a switch takes in hugepages, in MiB.
const switchMemory = 128

// baseProfile is that of a host without ports: one core for the PMD thread, which
// sleeps when idle, and the other for everything else.
func baseProfile(d *daemon) hostProfile {
	return hostProfile{cpu: `{pmd: "1", reserved: "0", sleepMax: 200us}`, sockets: switchMemory, socketDir: d.socketDir()}
}

// missingSwitch lists what is lacking for switches with this much memory in MiB.
func missingSwitch(memory int) []string {
	missing := lab.Missing(lab.Options{DPDK: true, SocketMem: memory})
	if runtime.NumCPU() < 2 {
		missing = append(missing, "a second core: one for the PMD thread")
	}
	return missing
}
