package bench

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/internal/build"
)

// Machine is where and with what a run was made. What could not be read is empty.
type Machine struct {
	CPU       string `json:"cpu"` // model name
	Cores     int    `json:"cores"`
	Virtual   bool   `json:"virtual"` // the processor says that it runs under a hypervisor
	MemoryMiB uint64 `json:"memoryMiB"`
	System    string `json:"system"` // "Debian GNU/Linux 12 (bookworm)"
	Kernel    string `json:"kernel"`
	OVS       string `json:"ovs"`  // of the ovs-vswitchd built with DPDK, else of the plain one
	DPDK      string `json:"dpdk"` // that it was built with
	Go        string `json:"go"`
	Revision  string `json:"revision"` // of Sluice; "+" at the end: with changes not committed
	// Load is the load average of the minute before the run: what else was going on.
	Load float64 `json:"load"`
}

// dpdkVswitchd is where Debian and Ubuntu put the build with DPDK.
const dpdkVswitchd = "/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk"

// DescribeMachine reads what there is to know.
func DescribeMachine(ctx context.Context) Machine {
	version := build.Version()
	m := Machine{Cores: runtime.NumCPU(), Go: version.Go, Revision: revision(ctx, version)}
	m.CPU, m.Virtual = parseCPU(read("/proc/cpuinfo"))
	m.MemoryMiB = parseMemory(read("/proc/meminfo"))
	m.System = parseSystem(read("/etc/os-release"))
	m.Kernel = strings.TrimSpace(read("/proc/sys/kernel/osrelease"))
	m.Load = parseLoad(read("/proc/loadavg"))
	for _, program := range []string{dpdkVswitchd, "ovs-vswitchd"} {
		out, err := exec.CommandContext(ctx, program, "--version").Output()
		if err == nil {
			m.OVS, m.DPDK = parseVersions(string(out))
			break
		}
	}
	return m
}

// revision is what the build recorded, or else what is checked out where the
// program lies: builds with -buildvcs=false record nothing.
func revision(ctx context.Context, v build.Info) string {
	if v.Revision == "" {
		self, err := os.Executable()
		if err != nil {
			return ""
		}
		git := func(args ...string) (string, error) {
			out, err := exec.CommandContext(ctx, "git", append([]string{"-C", filepath.Dir(self)}, args...)...).Output()
			return strings.TrimSpace(string(out)), err
		}
		changes, err := git("status", "--porcelain", "--untracked-files=no")
		if err != nil {
			return ""
		}
		v.Dirty = changes != ""
		if v.Revision, err = git("rev-parse", "HEAD"); err != nil {
			return ""
		}
	}
	if v.Dirty {
		return v.Revision + "+"
	}
	return v.Revision
}

func read(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(text)
}

// parseCPU reads /proc/cpuinfo (proc_pid_cpuinfo of x86; other architectures may
// have no model name).
func parseCPU(text string) (model string, virtual bool) {
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(line, ":")
		switch strings.TrimSpace(key) {
		case "model name":
			model = strings.Join(strings.Fields(value), " ")
		case "flags":
			virtual = virtual || strings.Contains(value+" ", " hypervisor ")
		}
	}
	return model, virtual
}

// parseMemory reads MemTotal of /proc/meminfo in MiB.
func parseMemory(text string) uint64 {
	_, rest, _ := strings.Cut(text, "MemTotal:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kib, err := strconv.ParseUint(fields[0], 10, 64)
	if err != nil {
		return 0
	}
	return kib / 1024
}

// parseSystem reads PRETTY_NAME of os-release(5).
func parseSystem(text string) string {
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, "PRETTY_NAME="); ok {
			return strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	return ""
}

// parseLoad reads the first number of /proc/loadavg.
func parseLoad(text string) float64 {
	first, _, _ := strings.Cut(text, " ")
	load, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return 0
	}
	return load
}

// parseVersions reads `ovs-vswitchd --version` (lib/util.c, ovs_set_program_name
// and ovs_print_version; lib/dpdk.c prints the second line): "ovs-vswitchd (Open
// vSwitch) 3.1.0", "DPDK 22.11.11".
func parseVersions(text string) (ovs, dpdk string) {
	for line := range strings.Lines(text) {
		if _, v, ok := strings.Cut(line, "(Open vSwitch) "); ok {
			ovs = strings.TrimSpace(v)
		}
		if v, ok := strings.CutPrefix(line, "DPDK "); ok {
			dpdk = strings.TrimSpace(v)
		}
	}
	return ovs, dpdk
}
