package lab

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// Options say what kind of host Start makes. The zero value is a plain Open
// vSwitch, without DPDK, in a network namespace of its own.
type Options struct {
	// DPDK takes the ovs-vswitchd that is built with DPDK, and sets dpdk-init
	// and what goes with it before it starts, unless Unconfigured.
	DPDK bool
	// Dummy replaces every device by OVS's own imitation of it
	// (ovs-vswitchd --enable-dummy=override): it needs neither root nor a network
	// namespace, and reads and writes packets through unixctl and pcap files.
	// It excludes DPDK.
	Dummy bool
	// Tunnels leaves a Dummy host its tunnel ports (--enable-dummy=system): they go
	// by the routes and neighbours that unixctl is told (ovs/route/add, tnl/arp/set).
	Tunnels bool
	// DummyNUMA is the CPU map a Dummy host believes in: the NUMA node of core
	// 0, 1, ...; empty means the machine's own.
	DummyNUMA []int

	// Unconfigured leaves the database as ovs-vsctl init makes it: the program
	// under test is to set dpdk-init and the rest.
	Unconfigured bool
	// DBOnly does not start ovs-vswitchd: StartVswitchd does, later.
	DBOnly bool

	// SocketMem is OVS's hugepage memory in MiB, set as dpdk-socket-mem and as
	// its limit; 0 means 256. Each port with an MTU of 1500 takes about 70 MiB of
	// it: the lab sets per-port-memory. The shared mempool would start at 752 MiB
	// and be halved until it fits; each attempt takes all there is for a moment,
	// and a guest that connects in that moment is turned away.
	SocketMem int
	// PMDSleep is how long an idle PMD thread may sleep, in microseconds; 0 means
	// 200, so that several hosts share two cores. Negative means never: for
	// measurements.
	PMDSleep int

	// Schema is the file of the Open_vSwitch schema the database is made with;
	// empty means the installed one.
	Schema string
}

const installedSchema = "/usr/share/openvswitch/vswitch.ovsschema"

// Where Debian and Ubuntu put the two builds. The alternatives link
// /usr/sbin/ovs-vswitchd may point at either.
const (
	plainVswitchd = "/usr/lib/openvswitch-switch/ovs-vswitchd"
	dpdkVswitchd  = "/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk"
)

func (o *Options) validate() error {
	if o.DPDK && o.Dummy {
		return fmt.Errorf("a dummy host cannot run DPDK: set one of DPDK and Dummy")
	}
	if len(o.DummyNUMA) > 0 && !o.Dummy {
		return fmt.Errorf("DummyNUMA is for dummy hosts: set Dummy too")
	}
	if o.Tunnels && !o.Dummy {
		return fmt.Errorf("the option Tunnels is for dummy hosts, others have them: set Dummy too")
	}
	if o.SocketMem == 0 {
		o.SocketMem = 256
	}
	if o.PMDSleep == 0 {
		o.PMDSleep = 200
	}
	if o.Schema == "" {
		o.Schema = installedSchema
	}
	return nil
}

func (o *Options) vswitchd() string {
	if o.DPDK {
		return dpdkVswitchd
	}
	return plainVswitchd
}

// vswitchdArgs are the arguments that depend on the kind of host.
func (o *Options) vswitchdArgs() []string {
	if !o.Dummy {
		return nil
	}
	level := "override"
	if o.Tunnels {
		level = "system"
	}
	args := []string{"--enable-dummy=" + level, "--disable-system", "--disable-system-route"}
	if len(o.DummyNUMA) > 0 {
		nodes := make([]string, len(o.DummyNUMA))
		for i, n := range o.DummyNUMA {
			nodes[i] = strconv.Itoa(n)
		}
		args = append(args, "--dummy-numa="+strings.Join(nodes, ","))
	}
	return args
}

// settings are the other_config of a configured host.
func (o *Options) settings() []string {
	if o.Unconfigured {
		return nil
	}
	var set []string
	if o.PMDSleep > 0 {
		// Renamed in OVS 3.2; a version reads its own key and ignores the other.
		set = append(set, "pmd-maxsleep="+strconv.Itoa(o.PMDSleep), "pmd-sleep-max="+strconv.Itoa(o.PMDSleep))
	}
	if o.DPDK {
		mem := strconv.Itoa(o.SocketMem)
		set = append(set, "dpdk-init=true", "per-port-memory=true", "dpdk-socket-mem="+mem, "dpdk-socket-limit="+mem, "dpdk-extra=--no-pci")
	}
	return set
}

// Missing lists what this machine lacks to run such a host, in words that say
// how to get it; empty means nothing.
func Missing(o Options) []string {
	var missing []string
	if !o.Dummy && os.Geteuid() != 0 {
		missing = append(missing, "root, for network namespaces")
	}
	need := map[string]string{
		plainVswitchd: "openvswitch-switch", installedSchema: "openvswitch-common", "/usr/bin/ovs-vsctl": "openvswitch-common",
	}
	if o.DPDK {
		need[dpdkVswitchd] = "openvswitch-switch-dpdk"
	}
	missing = append(missing, missingFiles(need)...)
	if o.DPDK {
		if err := o.validate(); err == nil {
			missing = append(missing, missingHugepages(o.SocketMem)...)
		}
	}
	return missing
}

// MissingGuests lists what this machine lacks to run virtio-user guests.
func MissingGuests() []string {
	var missing []string
	if _, err := exec.LookPath("dpdk-testpmd"); err != nil {
		missing = append(missing, "package dpdk-dev (dpdk-testpmd)")
	}
	return missing
}
