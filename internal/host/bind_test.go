package host_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/golden"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/host/hosttest"
)

// bindCase is one attempt; testdata/bind.golden shows what each wrote and said.
type bindCase struct {
	title, machine string
	extra          string // added to the machine
	kernel         func(*hosttest.Kernel)
	do             []host.BindDriver
}

func bindCases() []bindCase {
	vfio := func(pci string) host.BindDriver { return host.BindDriver{PCI: pci, Driver: "vfio-pci"} }
	const ens5, x710 = "0000:d8:00.0", "0000:af:00.0"
	one := func(b ...host.BindDriver) []host.BindDriver { return b }
	allowed := vfio("0000:19:00.0")
	allowed.AllowDefaultRoute = true
	const dir = "/sys/bus/pci/devices/" + ens5
	return []bindCase{
		{title: "an ixgbe goes to vfio-pci, and stays there", machine: "two-socket", do: one(vfio(ens5), vfio(ens5))},
		{title: "it goes there and back, and stays", machine: "two-socket", do: one(vfio(ens5), host.BindDriver{PCI: ens5}, host.BindDriver{PCI: ens5})},
		{title: "already bound: nothing to write", machine: "two-socket", do: one(vfio(x710))},
		{
			title: "a killed pass had unbound it: only the probe is left", machine: "two-socket",
			extra: "! " + dir + "/driver\n" + dir + "/driver_override: vfio-pci\n! /sys/class/net/ens5\n", do: one(vfio(ens5)),
		},
		{
			title: "a killed pass had cleared the override and unbound it", machine: "two-socket",
			extra:  "! " + dir + "/driver\n! /sys/class/net/ens5\n",
			kernel: func(k *hosttest.Kernel) { k.Natural[ens5] = "ixgbe" }, do: one(host.BindDriver{PCI: ens5}),
		},
		{
			title: "the driver does not take it: it goes back", machine: "two-socket",
			kernel: func(k *hosttest.Kernel) { k.Reject = map[string]bool{"vfio-pci": true} }, do: one(vfio(ens5)),
		},
		{
			title: "nobody takes it", machine: "two-socket",
			kernel: func(k *hosttest.Kernel) { k.Reject = map[string]bool{"vfio-pci": true, "ixgbe": true} }, do: one(vfio(ens5)),
		},
		{
			title: "unbind fails: the override goes back", machine: "two-socket",
			kernel: func(k *hosttest.Kernel) { k.Fail = map[string]error{"unbind": errors.New("device or resource busy")} }, do: one(vfio(ens5)),
		},
		{title: "the default route by a VLAN device on it, allowed", machine: "two-socket", do: one(allowed)},

		{title: "refused: the default route by a VLAN device on it", machine: "two-socket", do: one(vfio("0000:19:00.0"))},
		{title: "refused: the default route by the device itself", machine: "epyc8", do: one(vfio("0000:a1:00.0"))},
		{title: "refused: no such device", machine: "two-socket", do: one(vfio("0000:ff:00.0"))},
		{title: "refused: no address but a path", machine: "two-socket", do: one(vfio("../../../etc"))},
		{title: "refused: a bifurcated driver", machine: "two-socket", do: one(vfio("0000:3b:00.0"))},
		{title: "refused: no such driver", machine: "two-socket", do: one(host.BindDriver{PCI: ens5, Driver: "uio_pci_generic"})},
		{title: "refused: no driver name", machine: "two-socket", do: one(host.BindDriver{PCI: ens5, Driver: "../ixgbe"})},
		{title: "refused: no IOMMU", machine: "no-hugepages", do: one(vfio("0000:01:00.0"))},
		{
			title: "no IOMMU, and the unsafe mode is on", machine: "no-hugepages",
			extra: "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode: Y\n", do: one(vfio("0000:01:00.0")),
		},
		{
			title: "refused: no network controller", machine: "vm2",
			extra: "/sys/devices/pci0000:00/0000:00:00.0/driver_override: (null)\n", do: one(vfio("0000:00:00.0")),
		},
		{title: "refused: a port of a bond", machine: "holes", extra: bondWithoutRoute, do: one(vfio("0000:04:00.1"))},
		{
			title: "refused: a running switch uses it", machine: "two-socket",
			extra: "/proc/4711/comm: ovs-vswitchd\n/proc/4711/fd/33 -> /dev/vfio/74\n/proc/12/fd/0 -> /dev/null\n", do: one(host.BindDriver{PCI: x710}),
		},
		{
			title: "refused: a program uses it through iommufd", machine: "two-socket",
			extra: x710Dev + "/vfio-dev/vfio3/dev: 244:3\n/proc/4711/comm: qemu-system-x86\n/proc/4711/fd/33 -> /dev/vfio/devices/vfio3\n",
			do:    one(host.BindDriver{PCI: x710}),
		},
		{
			title: "refused: a program uses it through UIO", machine: "two-socket",
			extra: onUIO + "/proc/4711/comm: ovs-vswitchd\n/proc/4711/fd/33 -> /dev/uio7\n", do: one(host.BindDriver{PCI: x710}),
		},
		{
			title: "others use what is theirs", machine: "two-socket",
			extra:  onUIO + "/proc/4711/comm: ovs-vswitchd\n/proc/4711/fd/33 -> /dev/uio70\n/proc/4711/fd/34 -> /dev/vfio/75\n/proc/4711/fd/35 -> /dev/vfio/devices/vfio7\n/sys/bus/pci/drivers/i40e/module: ''\n",
			kernel: func(k *hosttest.Kernel) { k.Natural[x710] = "i40e" }, do: one(host.BindDriver{PCI: x710}),
		},
		{
			title: "refused: a process does not show its files", machine: "two-socket",
			extra: "/proc/12/fd/0 -> /dev/null\n/proc/4711/comm: ovs-vswitchd\n/proc/4711/fd: ''\n", do: one(host.BindDriver{PCI: x710}),
		},
		{
			title: "refused: a process does not show what its files are", machine: "two-socket",
			extra: "/proc/4711/comm: ovs-vswitchd\n/proc/4711/fd/33: ''\n", do: one(host.BindDriver{PCI: x710}),
		},
		{
			title: "refused: what uses it is found behind one that does not show its files", machine: "two-socket",
			extra: "/proc/12/fd: ''\n/proc/4711/comm: ovs-vswitchd\n/proc/4711/fd/33 -> /dev/vfio/noiommu-74\n", do: one(host.BindDriver{PCI: x710}),
		},
		{
			title: "who does not show its files does not matter where no program can hold it", machine: "two-socket",
			extra: "/proc/4711/fd: ''\n", do: one(vfio(ens5)),
		},
		{title: "refused: it has virtual functions", machine: "two-socket", extra: dir + "/sriov_numvfs: 8\n", do: one(vfio(ens5))},
		{title: "refused: nobody knows the default route", machine: "two-socket", extra: "! /proc/net/route\n", do: one(vfio(ens5))},
	}
}

// x710Dev is a device on vfio-pci; onUIO puts it on uio_pci_generic instead.
const (
	x710Dev = "/sys/devices/pci0000:ae/0000:ae:00.0/0000:af:00.0"
	onUIO   = x710Dev + "/driver -> ../../../../bus/pci/drivers/uio_pci_generic\n" + x710Dev + "/driver_override: uio_pci_generic\n" +
		x710Dev + "/uio/uio7/name: uio_pci_generic\n/sys/bus/pci/drivers/uio_pci_generic/module: ''\n"
)

const bondWithoutRoute = `/sys/bus/pci/devices/0000:04:00.1/iommu_group -> ../../../../kernel/iommu_groups/7
/proc/net/route: Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
`

func TestBindDriver(t *testing.T) {
	var out strings.Builder
	for _, c := range bindCases() {
		t.Run(c.title, func(t *testing.T) {
			f, kernel := hosttest.NewKernel(hosttest.Tree(t, c.machine))
			hosttest.Add(t, f, c.extra)
			if c.kernel != nil {
				c.kernel(kernel)
			}
			fmt.Fprintf(&out, "# %s (%s)\n", c.title, c.machine)
			for _, a := range c.do {
				before := kernel.Log()
				err := hosttest.Do(t, f, a)
				fmt.Fprintf(&out, "%s:\n%s", a, indent(strings.TrimPrefix(kernel.Log(), before)))
				refused := strings.HasPrefix(c.title, "refused")
				if _, is := errors.AsType[*host.RefusalError](err); is != refused {
					t.Errorf("refused = %v, want %v: %v", is, refused, err)
				}
				if refused && kernel.Log() != "" {
					t.Errorf("wrote although it refused:\n%s", kernel.Log())
				}
				if err != nil {
					fmt.Fprintf(&out, "  %v\n", err)
				}
				fmt.Fprintf(&out, "  now: %s\n", binding(t, f, a.PCI))
			}
			out.WriteString("\n")
		})
	}
	golden.Check(t, "testdata/bind.golden", out.String())
}

// binding tells a function's driver and override as they are now.
func binding(t *testing.T, f host.FS, pci string) string {
	t.Helper()
	topo, err := f.Topology(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n, ok := topo.NICByPCI(pci)
	if !ok {
		return "no such network device"
	}
	text := "driver " + n.Driver
	if n.Driver == "" {
		text = "no driver"
	}
	if n.Override != "" {
		text += ", override " + n.Override
	}
	if n.Name != "" {
		text += ", netdev " + n.Name
	}
	return text
}

func indent(s string) string {
	if s == "" {
		return "  (nothing written)\n"
	}
	return "  " + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n  ") + "\n"
}

// TestPlainWriter proves the path without a stand-in: single writes to files
// that are there, and none made where there is none.
func TestPlainWriter(t *testing.T) {
	f := hosttest.Tree(t, "two-socket")
	hosttest.Add(t, f, "/sys/bus/pci/drivers/ixgbe/unbind: ''\n/sys/bus/pci/drivers_probe: ''\n")
	err := hosttest.Do(t, f, host.BindDriver{PCI: "0000:d8:00.0", Driver: "vfio-pci"})
	// Nobody answers, so the driver link stays and the override goes back.
	const want = "bind 0000:d8:00.0 to vfio-pci: the driver did not take the device (bound now: ixgbe); the kernel log says why"
	if err == nil || err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
	for name, want := range map[string]string{
		"sys/bus/pci/drivers/ixgbe/unbind":                 "0000:d8:00.0",
		"sys/bus/pci/drivers_probe":                        "0000:d8:00.0",
		"sys/bus/pci/devices/0000:d8:00.0/driver_override": "\n",
	} {
		got, err := os.ReadFile(filepath.Join(f.Root(), name))
		if err != nil || string(got) != want {
			t.Errorf("%s holds %q (%v), want %q", name, got, err, want)
		}
	}
	bare := hosttest.Tree(t, "two-socket")
	if err := hosttest.Do(t, bare, host.BindDriver{PCI: "0000:d8:00.0", Driver: "vfio-pci"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without an unbind file: %v", err)
	}
	if _, err := os.Stat(filepath.Join(bare.Root(), "sys/bus/pci/drivers/ixgbe/unbind")); !os.IsNotExist(err) {
		t.Errorf("the writer made the file: %v", err)
	}
}
