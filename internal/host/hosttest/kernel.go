package hosttest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/host"
)

// Kernel records writes to a machine's sysfs and answers them as Linux does:
// drivers leave and take devices, netdevs go and come with them, pools grow as
// far as there is memory. It is not safe for concurrent use.
type Kernel struct {
	// Reject makes drivers refuse to take any device: by driver name.
	Reject map[string]bool
	// Fail makes writes to a file fail, by the file's last name.
	Fail map[string]error
	// Natural are the drivers that devices have without an override, by PCI
	// address. What a device is unbound from is remembered here.
	Natural map[string]string
	// MaxPages is the most pages one pool can get; 0 = as many as are asked for.
	MaxPages uint64

	root    string
	log     []string
	netdevs map[string]map[string]string // PCI address -> name -> the target of its class link
}

// NewKernel returns a kernel for f, and f with its writes going to that kernel.
// It panics below "/", where the real kernel is.
func NewKernel(f host.FS) (host.FS, *Kernel) {
	if f.Root() == "/" {
		panic("hosttest: the running machine has a kernel")
	}
	k := &Kernel{root: f.Root(), Natural: map[string]string{}, netdevs: map[string]map[string]string{}}
	return f.WithWriter(k), k
}

// Do carries out an action and returns its error. It fails the test, and does
// nothing, where the action would change devices or memory of the running machine.
func Do(t testing.TB, f host.FS, a host.Action) error {
	t.Helper()
	_, network := a.(host.SetAddresses)
	if f.Root() == "/" && !network {
		t.Fatalf("a test must not do this to the running machine: %s", a)
		return errors.New("not done")
	}
	return f.Do(t.Context(), a)
}

// Log returns the writes so far, one a line, as a shell would make them.
func (k *Kernel) Log() string {
	return strings.Join(k.log, "")
}

// WriteSysfs implements host.Writer.
func (k *Kernel) WriteSysfs(name, data string) error {
	k.log = append(k.log, fmt.Sprintf("echo %s > %s\n", strings.TrimSuffix(data, "\n"), name))
	if err := k.Fail[filepath.Base(name)]; err != nil {
		return &os.PathError{Op: "write", Path: name, Err: err}
	}
	file := filepath.Join(k.root, name)
	switch filepath.Base(name) {
	case "driver_override":
		return k.override(file, data)
	case "unbind":
		return k.unbind(data, filepath.Base(filepath.Dir(name)))
	case "drivers_probe":
		return k.probe(data)
	case "nr_hugepages":
		return k.grow(file, data)
	}
	return fmt.Errorf("the kernel of this test has no answer to a write to %s", name)
}

func (k *Kernel) device(pci string) string {
	return filepath.Join(k.root, "sys/bus/pci/devices", pci)
}

// bound returns the driver of a device; "" = none.
func (k *Kernel) bound(pci string) string {
	target, err := os.Readlink(filepath.Join(k.device(pci), "driver"))
	if err != nil {
		return ""
	}
	return filepath.Base(target)
}

func (k *Kernel) override(file, data string) error {
	if data == "\n" {
		data = "(null)"
	}
	return os.WriteFile(file, []byte(data+"\n"), 0o644)
}

func (k *Kernel) unbind(pci, driver string) error {
	was := k.bound(pci)
	if was == "" || was != driver {
		return fmt.Errorf("unbind %s: no such device on %s", pci, driver)
	}
	if err := os.Remove(filepath.Join(k.device(pci), "driver")); err != nil || was == "vfio-pci" || was == "uio_pci_generic" {
		return err // they take a device by its override only
	}
	k.Natural[pci] = was
	k.netdevs[pci] = map[string]string{}
	class := filepath.Join(k.root, "sys/class/net")
	entries, err := os.ReadDir(class)
	if err != nil {
		return err
	}
	for _, e := range entries {
		link := filepath.Join(class, e.Name())
		target, err := os.Readlink(link)
		if err != nil || !strings.Contains(target, "/"+pci+"/") {
			continue
		}
		k.netdevs[pci][e.Name()] = target
		if err := os.Remove(link); err != nil {
			return err
		}
	}
	return nil
}

func (k *Kernel) probe(pci string) error {
	if k.bound(pci) != "" {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(k.device(pci), "driver_override"))
	if err != nil {
		return err
	}
	driver := strings.TrimSpace(string(text))
	if driver == "(null)" {
		driver = k.Natural[pci]
	}
	if driver == "" || k.Reject[driver] {
		return nil // the kernel only logs that a probe failed
	}
	if driver == k.Natural[pci] {
		for name, target := range k.netdevs[pci] {
			if err := os.Symlink(target, filepath.Join(k.root, "sys/class/net", name)); err != nil {
				return err
			}
		}
	}
	return os.Symlink("../../../bus/pci/drivers/"+driver, filepath.Join(k.device(pci), "driver"))
}

// grow changes a pool, and its free pages by as many.
func (k *Kernel) grow(file, data string) error {
	want, err := strconv.ParseUint(data, 10, 64)
	if err != nil {
		return err
	}
	if k.MaxPages > 0 {
		want = min(want, k.MaxPages)
	}
	freeFile := filepath.Join(filepath.Dir(file), "free_hugepages")
	had, err := count(file)
	if err != nil {
		return err
	}
	free, err := count(freeFile)
	if err != nil {
		return err
	}
	free += want - had
	err = os.WriteFile(file, []byte(strconv.FormatUint(want, 10)+"\n"), 0o644)
	return errors.Join(err, os.WriteFile(freeFile, []byte(strconv.FormatUint(free, 10)+"\n"), 0o644))
}

func count(file string) (uint64, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	return strconv.ParseUint(strings.TrimSpace(string(b)), 10, 64)
}
