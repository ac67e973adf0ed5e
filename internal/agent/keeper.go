package agent

import (
	"context"
	"sync"
	"time"

	"github.com/sluice-nfv/sluice/configs"
)

// profileKeeper holds the newest profile that was valid. A newer file that is
// not valid changes nothing and is told everywhere.
type profileKeeper struct {
	path, vars, hostname string
	now                  func() time.Time
	wake                 func(reason string)

	mu      sync.Mutex
	profile *configs.Profile // nil until the first valid file
	loaded  time.Time
	err     error  // why the file on disk is not in force
	stamp   string // of both files, when they were read
}

func (k *profileKeeper) load() error {
	stamp := k.onDisk() // before the files, which may change meanwhile
	p, err := configs.Load(k.path, k.vars, k.hostname)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stamp = stamp
	if k.err = err; err == nil {
		k.profile, k.loaded = p, k.now()
	}
	return err
}

func (k *profileKeeper) onDisk() string { return configs.Stamp(k.path) + configs.Stamp(k.vars) }

// stale tells whether a file changed since it was read: its directory may have
// been replaced, which no watch tells, and the variables are not watched.
func (k *profileKeeper) stale() bool {
	now := k.onDisk()
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.stamp != now
}

// get returns the profile in force with its time, and why a newer one is not.
func (k *profileKeeper) get() (p *configs.Profile, loaded time.Time, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.profile, k.loaded, k.err
}

func (k *profileKeeper) watch(ctx context.Context, changed chan<- struct{}) error {
	return configs.Watch(ctx, k.path, changed)
}

// forget drops the profile in force: from now on nothing is wanted.
func (k *profileKeeper) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.profile, k.loaded, k.err = nil, time.Time{}, nil
}
