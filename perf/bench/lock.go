package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// ErrBusy is returned while another process measures on this machine.
var ErrBusy = errors.New("another sluice-perf measures on this machine")

// Lock keeps measurements of several processes from disturbing each other. The
// kernel gives it up with the process; release gives it up before.
func Lock() (release func() error, err error) {
	path := filepath.Join(os.TempDir(), "sluice-perf.lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = fmt.Errorf("%w (it holds %s): wait until it is done", ErrBusy, path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil
}
