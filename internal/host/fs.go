package host

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// FS is a host below a root directory: the running machine below "/", a
// recorded or invented one below any other. The zero FS is the running machine.
// An FS is a value and safe for concurrent use; two that Do things to the same
// host at the same time must be ordered by the caller.
type FS struct {
	root   string
	writer Writer
}

// Writer takes the writes to sysfs that Do makes. Tests stand in for the kernel with it.
type Writer interface {
	// WriteSysfs writes data in one write to an existing file, named as below
	// "/": "/sys/bus/pci/drivers_probe".
	WriteSysfs(name, data string) error
}

// NewFS returns the host below root; "" is "/".
func NewFS(root string) FS { return FS{root: root} }

// WithWriter returns the same host with w in the place of plain file writes.
func (f FS) WithWriter(w Writer) FS {
	f.writer = w
	return f
}

// Root returns the root directory, "/" for the running machine.
func (f FS) Root() string {
	if f.root == "" {
		return "/"
	}
	return filepath.Clean(f.root)
}

// live tells whether this is the running machine, which netlink can be asked about.
func (f FS) live() bool { return f.Root() == "/" }

func (f FS) path(name string) string { return filepath.Join(f.Root(), name) }

// read returns a file's bytes without surrounding white space. Errors name the
// file as below "/", so that messages do not depend on the root.
func (f FS) read(name string) ([]byte, error) {
	b, err := readWhole(f.path(name))
	if err != nil {
		return nil, rebase("read", name, err)
	}
	return bytes.TrimSpace(b), nil
}

// readWhole is os.ReadFile by plain system calls. Sysfs answers to poll(2), so
// package os enters each of its files into the poller and takes it out again:
// for the fifty files of one look, half of the work.
func readWhole(name string) ([]byte, error) {
	fd, err := retry(func() (int, error) { return unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0) })
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	b := make([]byte, 0, 512)
	for {
		n, err := retry(func() (int, error) { return unix.Read(fd, b[len(b):cap(b)]) })
		if err != nil || n == 0 {
			return b, err
		}
		if b = b[:len(b)+n]; len(b) == cap(b) {
			b = slices.Grow(b, len(b))
		}
	}
}

// retry repeats what a signal interrupted.
func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

// list returns the names in a directory, ascending.
func (f FS) list(dir string) ([]string, error) {
	entries, err := os.ReadDir(f.path(dir))
	if err != nil {
		return nil, rebase("read", dir, err)
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, nil
}

// numbered returns the numbers of the names "<prefix><number>" in a directory, ascending.
func (f FS) numbered(dir, prefix string) ([]int, error) {
	names, err := f.list(dir)
	if err != nil {
		return nil, err
	}
	var ids []int
	for _, n := range names {
		digits, ok := strings.CutPrefix(n, prefix)
		if id, err := strconv.Atoi(digits); ok && err == nil && id >= 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// link returns what a symbolic link points to; "" where there is no link.
func (f FS) link(name string) string {
	target, err := os.Readlink(f.path(name))
	if err != nil {
		return ""
	}
	return target
}

// linkBase returns the last part of what a symbolic link points to; "" where there is no link.
func (f FS) linkBase(name string) string {
	target := f.link(name)
	if target == "" {
		return ""
	}
	return path.Base(target)
}

func (f FS) exists(name string) bool {
	_, err := os.Stat(f.path(name))
	return err == nil
}

// write hands one sysfs write to the writer.
func (f FS) write(name, data string) error {
	if f.writer != nil {
		return f.writer.WriteSysfs(name, data)
	}
	// Never O_CREATE: a name that is not there is an error, not a new file.
	file, err := os.OpenFile(f.path(name), os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return rebase("write", name, err)
	}
	_, err = file.WriteString(data)
	return rebase("write", name, errors.Join(err, file.Close()))
}

// rebase names the file as below "/" instead of as below the root.
func rebase(op, name string, err error) error {
	if err == nil {
		return nil
	}
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}
