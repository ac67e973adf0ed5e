package configs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Watch sends one token each time the file at path was closed after writing,
// renamed into place or removed, until ctx ends. A file that is still being
// written is no news: that is why this listens to inotify's IN_CLOSE_WRITE,
// which portable watchers do not pass on. It watches the directory, so the
// file itself need not exist; the directory must.
func Watch(ctx context.Context, path string, changed chan<- struct{}) error {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return fmt.Errorf("watch %s: %w", path, err)
	}
	events := os.NewFile(uintptr(fd), "inotify")
	defer events.Close()
	dir, name := filepath.Split(path)
	const mask = unix.IN_CLOSE_WRITE | unix.IN_MOVED_TO | unix.IN_MOVED_FROM | unix.IN_DELETE
	if _, err := unix.InotifyAddWatch(fd, filepath.Clean(dir), mask); err != nil {
		return fmt.Errorf("watch %s: %w", dir, err)
	}
	stop := context.AfterFunc(ctx, func() { events.Close() })
	defer stop()
	buf := make([]byte, 64*(unix.SizeofInotifyEvent+unix.NAME_MAX+1))
	for {
		n, err := events.Read(buf)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, os.ErrClosed):
			return nil
		case err != nil:
			return fmt.Errorf("watch %s: %w", dir, err)
		}
		if !names(buf[:n], name) {
			continue
		}
		select {
		case changed <- struct{}{}:
		default:
		}
	}
}

// names tells whether one of the events (inotify(7)) is about the file.
func names(events []byte, name string) bool {
	for len(events) >= unix.SizeofInotifyEvent {
		ev := (*unix.InotifyEvent)(unsafe.Pointer(&events[0]))
		end := unix.SizeofInotifyEvent + int(ev.Len)
		if end > len(events) {
			return false
		}
		if unix.ByteSliceToString(events[unix.SizeofInotifyEvent:end]) == name {
			return true
		}
		events = events[end:]
	}
	return false
}

// absent is the stamp of a file that is not there.
const absent = "none;"

// Stamp tells one state of a file from another: it changes when the file is
// written, replaced or removed.
func Stamp(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return absent
	}
	inode := uint64(0)
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		inode = st.Ino
	}
	return fmt.Sprintf("%d,%d,%d;", inode, info.Size(), info.ModTime().UnixNano())
}

// Install puts data into place as the profile at path: written beside it,
// synced, renamed. The former file stays beside it as path + ".former"; its
// text is returned, nil where there was none.
func Install(path string, data []byte) (former []byte, err error) {
	former, err = os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if err == nil {
		if err := keepFormers(path); err != nil {
			return nil, err
		}
		if err := replace(path+".former", former); err != nil {
			return nil, err
		}
	}
	return former, replace(path, data)
}

// formers is how many former profiles stay: .former is the newest, .former.1
// the one before, and so on.
const formers = 10

// keepFormers makes room for a newer path + ".former": nobody's profile is lost
// to an adoption and a release after it.
func keepFormers(path string) error {
	name := func(n int) string {
		if n == 0 {
			return path + ".former"
		}
		return fmt.Sprintf("%s.former.%d", path, n)
	}
	for n := formers - 2; n >= 0; n-- {
		if err := os.Rename(name(n), name(n+1)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func replace(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // no-op once renamed
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(f.Name(), path)
}

// SetAside renames the profile at path to path + ".former"; one that does not
// exist is set aside already.
func SetAside(path string) error {
	if Stamp(path) == absent {
		return nil
	}
	if err := keepFormers(path); err != nil {
		return err
	}
	err := os.Rename(path, path+".former")
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
