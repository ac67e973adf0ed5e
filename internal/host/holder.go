package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
)

// released returns why a function on a userspace driver must not be unbound: a
// program holds it, or whether one does cannot be told.
func (f FS) released(n function) error {
	user, err := f.holder(f.deviceFiles(n))
	does := unbinding(n.driver)
	switch {
	case user != "":
		return refuse("%s is in use by %s: %s; delete the port that uses it first", n.pci, user, does)
	case err != nil:
		return refuse("it cannot be told whether a program uses %s, and %s: %v; "+
			"run as root with CAP_SYS_PTRACE, as the shipped unit does", n.pci, does, err)
	}
	return nil
}

// unbinding says what the kernel does to a program that holds a function: VFIO
// waits for it (drivers/vfio/vfio_main.c, vfio_unregister_group_dev), UIO takes
// the device away at once (drivers/uio/uio.c, uio_unregister_device).
func unbinding(driver string) string {
	if driver == "vfio-pci" {
		return "the kernel would wait until that lets it go"
	}
	return driver + " would take it away from under that while it runs"
}

// deviceFiles returns the files through which a program may hold a function: its
// VFIO group's (drivers/vfio/group.c), its own with iommufd (vfio-dev, since
// Linux 6.1: Documentation/ABI/testing/sysfs-devices-vfio-dev), and that of UIO
// (Documentation/driver-api/uio-howto.rst).
func (f FS) deviceFiles(n function) []string {
	var files []string
	if n.group != "" {
		files = append(files, "/dev/vfio/"+n.group, "/dev/vfio/noiommu-"+n.group)
	}
	for _, class := range []struct{ dir, dev string }{{"vfio-dev", "/dev/vfio/devices/"}, {"uio", "/dev/"}} {
		names, err := f.list(pciDir + "/" + n.pci + "/" + class.dir)
		if err != nil {
			continue // the driver has no such class
		}
		for _, name := range names {
			files = append(files, class.dev+name)
		}
	}
	return files
}

// holder names a process that has one of the files open, "" where none has. The
// error says that some processes do not show their files, for which it takes
// CAP_SYS_PTRACE; it comes with no name only where none was found among the others.
func (f FS) holder(files []string) (string, error) {
	if len(files) == 0 {
		return "", nil
	}
	pids, err := f.numbered("/proc", "")
	if err != nil {
		return "", err
	}
	var hidden []int
	var why error
	for _, pid := range pids {
		held, err := f.holds(pid, files)
		if held {
			return f.program(pid), nil
		}
		if err != nil {
			hidden, why = append(hidden, pid), err
		}
	}
	if n := len(hidden); n > 0 {
		return "", fmt.Errorf("the open files of %d of %d processes are not shown, those of %s among them: %w", n, len(pids), f.program(hidden[n-1]), why)
	}
	return "", nil
}

// holds tells whether a process has one of the files open. A process that ended
// meanwhile has none.
func (f FS) holds(pid int, files []string) (bool, error) {
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	fds, err := f.list(dir)
	if err != nil {
		return false, unlessGone(err)
	}
	for _, fd := range fds {
		target, err := os.Readlink(f.path(dir + "/" + fd))
		if err = unlessGone(err); err != nil {
			return false, rebase("read", dir+"/"+fd, err)
		}
		// A device that was taken away while it was open is shown with a word more.
		if slices.Contains(files, strings.TrimSuffix(target, " (deleted)")) {
			return true, nil
		}
	}
	return false, nil
}

// unlessGone drops the errors of a process or descriptor that is there no more.
func unlessGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}

func (f FS) program(pid int) string {
	name, _ := try(f, fmt.Sprintf("/proc/%d/comm", pid), parseText)
	return fmt.Sprintf("%s (process %d)", or(name, "a program"), pid)
}
