package host

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/sluice-nfv/sluice/internal/cpuset"
)

// String returns the host as tables for people: `sluicectl host facts` in words.
// It is deterministic.
func (t Topology) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "host %s, kernel %s\n", or(t.Hostname, "?"), or(t.Kernel, "?"))
	fmt.Fprintf(&b, "command line: %s\n\n", or(t.CommandLine, "?"))
	t.describeCPUs(&b)
	t.describeNodes(&b)
	t.describeNICs(&b)
	if len(t.Missing) > 0 {
		b.WriteString("\nnot known:\n")
	}
	for _, m := range t.Missing {
		fmt.Fprintf(&b, "  %s\n", m)
	}
	return b.String()
}

func (t Topology) describeCPUs(b *strings.Builder) {
	var offline cpuset.Set
	for _, c := range t.CPUs {
		if !c.Online {
			offline = offline.Union(cpuset.Of(c.ID))
		}
	}
	quota := "no quota"
	if t.CPUQuota > 0 {
		quota = fmt.Sprintf("a quota of %g cores", t.CPUQuota)
	}
	w := tabwriter.NewWriter(b, 0, 0, 1, ' ', 0)
	row := func(name string, s cpuset.Set) {
		fmt.Fprintf(w, "%s\t%s\n", name, count(s))
	}
	row("online CPUs:", t.Online())
	row("offline:", offline)
	fmt.Fprintf(w, "allowed to us:\t%s, %s\n", count(t.Allowed), quota)
	row("isolated:", t.Isolated)
	row("nohz_full:", t.NoHzFull)
	row("rcu_nocbs:", t.RCUNoCBs)
	_ = w.Flush() // a strings.Builder takes everything
}

func (t Topology) describeNodes(b *strings.Builder) {
	for _, n := range t.Nodes {
		fmt.Fprintf(b, "\nnode %d: CPUs %s, %d MiB, distances %s\n", n.ID, count(n.CPUs), n.MemoryMiB,
			or(strings.Trim(fmt.Sprint(n.Distances), "[]"), "?"))
		for _, h := range n.Hugepages {
			fmt.Fprintf(b, "  hugepages of %7d kB: %d, %d free\n", h.SizeKiB, h.Total, h.Free)
		}
		cores := t.PhysicalCores(n.ID)
		const perLine = 10
		for i, c := range cores {
			switch {
			case i == 0:
				b.WriteString("  physical cores: ")
			case i%perLine == 0:
				b.WriteString("\n                  ")
			default:
				b.WriteString("  ")
			}
			fmt.Fprintf(b, "%d %s", t.coreID(c.First()), braces(c))
		}
		if len(cores) > 0 {
			b.WriteString("\n")
		}
	}
}

func (t Topology) describeNICs(b *strings.Builder) {
	iommu := "with IOMMU"
	if !t.IOMMU {
		iommu = "no IOMMU"
	}
	fmt.Fprintf(b, "\nnetwork devices (%s):\n", iommu)
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  NAME\tPCI\tNODE\tDRIVER\tID\tMAC\tMbit/s\tRXQ\tIOMMU\tNOTES")
	for _, n := range t.NICs {
		fmt.Fprintf(w, "  %s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", or(n.Name, "-"), or(n.PCI, "-"), n.Node, or(n.Driver, "-"),
			or(strings.Trim(n.Vendor+" "+n.Device, " "), "-"), or(n.MAC, "-"), number(n.SpeedMbs), number(n.RxQueues), or(n.IOMMU, "-"), n.notes())
	}
	_ = w.Flush()
}

func (n NIC) notes() string {
	var notes []string
	add := func(is bool, note string) {
		if is {
			notes = append(notes, note)
		}
	}
	add(n.DefaultRoute, "default route")
	add(n.Bifurcated, "bifurcated")
	add(n.Override != "", "driver_override "+n.Override)
	add(n.Master != "", "port of "+n.Master)
	for _, a := range n.Addresses {
		add(true, a.String())
	}
	return or(strings.Join(notes, ", "), "-")
}

func (t Topology) coreID(cpu int) int {
	c, _ := t.CPU(cpu)
	return c.Core
}

// count writes a set with its size: "0-3 (4)"; "none" for the empty one.
func count(s cpuset.Set) string {
	if s.IsEmpty() {
		return "none"
	}
	return fmt.Sprintf("%s (%d)", s, s.Len())
}

func braces(s cpuset.Set) string { return "{" + s.String() + "}" }

func number(n int) string {
	if n == 0 {
		return "?"
	}
	return fmt.Sprint(n)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
