package bench

import (
	"runtime"
	"testing"
)

// As Linux 6.1 prints them.
const (
	cpuinfo = "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R) Processor   @ 2.80GHz\n" +
		"flags\t\t: fpu vme hypervisor lahf_lm\n\nprocessor\t: 1\nmodel name\t: Intel(R) Xeon(R) Processor   @ 2.80GHz\n"
	meminfo   = "MemTotal:       24683520 kB\nMemFree:         1234 kB\n"
	osRelease = "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"
	vswitchd  = "ovs-vswitchd (Open vSwitch) 3.1.0\nDPDK 22.11.11\n"
)

func TestParseMachine(t *testing.T) {
	if model, virtual := parseCPU(cpuinfo); model != "Intel(R) Xeon(R) Processor @ 2.80GHz" || !virtual {
		t.Errorf("CPU %q, virtual %v", model, virtual)
	}
	if _, virtual := parseCPU("flags : fpu nohypervisor\n"); virtual {
		t.Error("a part of a word is no hypervisor flag")
	}
	if mib := parseMemory(meminfo); mib != 24105 {
		t.Errorf("memory %d MiB", mib)
	}
	if system := parseSystem(osRelease); system != "Debian GNU/Linux 12 (bookworm)" {
		t.Errorf("system %q", system)
	}
	if load := parseLoad("1.25 0.50 0.10 2/345 6789\n"); load != 1.25 {
		t.Errorf("load %v", load)
	}
	if ovs, dpdk := parseVersions(vswitchd); ovs != "3.1.0" || dpdk != "22.11.11" {
		t.Errorf("OVS %q, DPDK %q", ovs, dpdk)
	}
	if ovs, dpdk := parseVersions("ovs-vswitchd (Open vSwitch) 3.3.0\n"); ovs != "3.3.0" || dpdk != "" {
		t.Errorf("OVS %q, DPDK %q", ovs, dpdk)
	}
}

// What is not there is unknown, not a crash.
func FuzzParseMachine(f *testing.F) {
	for _, text := range []string{"", cpuinfo, meminfo, osRelease, vswitchd, "MemTotal:", "1"} {
		f.Add(text)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		parseCPU(text)
		parseMemory(text)
		parseSystem(text)
		parseLoad(text)
		parseVersions(text)
	})
}

func TestDescribeMachine(t *testing.T) {
	m := DescribeMachine(t.Context())
	if m.Cores != runtime.NumCPU() || m.Go != runtime.Version() || m.Kernel == "" || m.MemoryMiB == 0 {
		t.Errorf("%+v", m)
	}
}
