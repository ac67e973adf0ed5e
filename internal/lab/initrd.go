package lab

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// archive writes a cpio archive as the kernel unpacks it into its first file
// system (Documentation/driver-api/early-userspace/buffer-format.rst, "newc").
type archive struct {
	buf   bytes.Buffer
	inode int
}

func (a *archive) add(name string, mode uint32, content []byte) {
	a.inode++
	fmt.Fprintf(&a.buf, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
		a.inode, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name)+1, 0)
	a.buf.WriteString(name)
	a.buf.WriteByte(0)
	a.pad()
	a.buf.Write(content)
	a.pad()
}

// pad fills up to a multiple of four, to which header and content are aligned.
func (a *archive) pad() {
	for a.buf.Len()%4 != 0 {
		a.buf.WriteByte(0)
	}
}

func (a *archive) dir(name string)                  { a.add(name, 0o040755, nil) }
func (a *archive) file(name string, content []byte) { a.add(name, 0o100755, content) }

func (a *archive) bytes() []byte {
	a.add("TRAILER!!!", 0, nil)
	return a.buf.Bytes()
}

// guestModules are what a virtio NIC needs, each after what it depends on.
func guestModules() []string {
	return []string{
		"virtio_ring", "virtio", "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_pci",
		"failover", "net_failover", "virtio_net",
	}
}

// guestGreeting tells that the guest reads its console; what was sent there before
// may be lost.
const guestGreeting = "#sluice-ready"

// guestInit is the guest's first process. It sets the NIC up and then runs what it
// is told on the console, one line after the other; $s is how the last ended.
const guestInit = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
stty -echo
for m in %s; do insmod /$m.ko || echo "insmod $m: $?"; done
ip link set lo up
ip link set eth0 up
%s
s=0
echo "` + guestGreeting + `"
while read -r line; do
	eval "$line" </dev/null 2>&1
	s=$?
done
poweroff -f
`

// buildInitrd puts busybox, the modules of the kernel version and the init script
// into an archive; setup are further lines of the script.
func buildInitrd(busybox, modules, setup string) ([]byte, error) {
	var a archive
	for _, d := range []string{"bin", "dev", "proc", "sys", "tmp"} {
		a.dir(d)
	}
	sh, err := os.ReadFile(busybox)
	if err != nil {
		return nil, err
	}
	a.file("bin/busybox", sh)
	built, err := os.ReadFile(filepath.Join(modules, "modules.builtin"))
	if err != nil {
		return nil, err
	}
	var loaded []string
	for _, m := range guestModules() {
		if strings.Contains(string(built), "/"+m+".ko\n") {
			continue
		}
		text, err := readModule(modules, m)
		if err != nil {
			return nil, err
		}
		a.file(m+".ko", text)
		loaded = append(loaded, m)
	}
	a.file("init", fmt.Appendf(nil, guestInit, strings.Join(loaded, " "), setup))
	return a.bytes(), nil
}

// isStatic tells whether a program runs without an interpreter of its libraries.
func isStatic(path string) bool {
	f, err := elf.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	return !slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP })
}

// readModule finds a kernel module anywhere below dir.
func readModule(dir, name string) ([]byte, error) {
	var found string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && (d.Name() == name+".ko" || strings.HasPrefix(d.Name(), name+".ko.")) {
			found = path
			return fs.SkipAll
		}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case found == "":
		return nil, fmt.Errorf("no module %s below %s", name, dir)
	case filepath.Ext(found) != ".ko":
		return nil, fmt.Errorf("%s is compressed, which the guest's insmod does not read: take a Debian kernel", found)
	}
	return os.ReadFile(found)
}

// guestKernel finds the newest kernel for which modules are installed: a path
// below /boot, and the folder of its modules.
func guestKernel() (kernel, modules string, err error) {
	images, err := filepath.Glob("/boot/vmlinuz-*")
	if err != nil {
		return "", "", err
	}
	// Of versions of one length the last is the newest, which is good enough here.
	slices.Sort(images)
	// A cloud kernel boots fastest.
	slices.SortStableFunc(images, func(a, b string) int {
		return strings.Count(a, "-cloud-") - strings.Count(b, "-cloud-")
	})
	for _, image := range slices.Backward(images) {
		dir := filepath.Join("/lib/modules", strings.TrimPrefix(filepath.Base(image), "vmlinuz-"))
		if _, err := os.Stat(filepath.Join(dir, "modules.builtin")); err == nil {
			return image, dir, nil
		}
	}
	return "", "", fmt.Errorf("no kernel in /boot with modules in /lib/modules")
}
