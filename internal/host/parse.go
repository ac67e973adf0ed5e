package host

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/internal/cpuset"
)

func parseText(b []byte) (string, error) { return string(bytes.TrimSpace(b)), nil }

func parseInt(b []byte) (int, error) {
	n, err := strconv.Atoi(string(bytes.TrimSpace(b)))
	if err != nil {
		return 0, fmt.Errorf("%q is no number", clip(b))
	}
	return n, nil
}

func parseCount(b []byte) (uint64, error) {
	n, err := strconv.ParseUint(string(bytes.TrimSpace(b)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no count", clip(b))
	}
	return n, nil
}

// parseCPUs reads the CPU lists of sysfs and cgroups ("%*pbl", lib/vsprintf.c).
// Kernels before 6.9 print an unset nohz_full mask as "(null)"
// (drivers/base/cpu.c, print_cpus_nohz_full).
func parseCPUs(b []byte) (cpuset.Set, error) {
	s := string(bytes.TrimSpace(b))
	if s == "(null)" {
		return cpuset.Set{}, nil
	}
	return cpuset.Parse(s)
}

// parseOverride reads driver_override, which prints "(null)" when unset
// (Documentation/ABI/testing/sysfs-bus-pci; drivers/pci/pci-sysfs.c).
func parseOverride(b []byte) (string, error) {
	if s := string(bytes.TrimSpace(b)); s != "(null)" {
		return s, nil
	}
	return "", nil
}

// parseDistances reads node*/distance: the SLIT's row of this node, one number
// for each online node in ascending order (Documentation/ABI/stable/sysfs-devices-node).
func parseDistances(b []byte) ([]int, error) {
	out := []int{}
	for f := range strings.FieldsSeq(string(b)) {
		d, err := strconv.Atoi(f)
		if err != nil || d < 0 {
			return nil, fmt.Errorf("distance %q is no number", f)
		}
		out = append(out, d)
	}
	return out, nil
}

// parseMemTotal reads MemTotal in MiB from node*/meminfo ("Node 0 MemTotal:
// 6121676 kB", drivers/base/node.c, node_read_meminfo) or from /proc/meminfo,
// which has the same line without the node (Documentation/filesystems/proc.rst).
func parseMemTotal(b []byte) (uint64, error) {
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) > 2 && f[0] == "Node" {
			f = f[2:]
		}
		if len(f) < 3 || f[0] != "MemTotal:" || f[2] != "kB" {
			continue
		}
		kib, err := strconv.ParseUint(f[1], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("MemTotal %q is no number", f[1])
		}
		return kib / 1024, nil
	}
	return 0, fmt.Errorf("no MemTotal line")
}

// clip shortens foreign text for a message.
func clip(b []byte) string {
	const most = 40
	if len(b) > most {
		return string(b[:most]) + "…"
	}
	return string(b)
}
