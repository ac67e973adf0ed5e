package bench

import "time"

// The sides of the apply scenarios.
const (
	sluicedSide   = "sluiced"
	sluicectlSide = "sluicectl host apply"
	vsctlSide     = "ovs-vsctl"
)

const (
	applyNICs   = 4
	applyGuests = 64
	applyBar    = "Applying 4 DPDK vdevs + 64 vhost ports: at most 1.3 times one `ovs-vsctl` invocation with the same rows in one transaction"
)

const applyHosts = "Two lab hosts, each with OVS-DPDK running and EAL started from the same profile without ports, 128 MiB of hugepages each. " +
	"The other side is one `ovs-vsctl` with the same bridge, ports and settings in one transaction, timed from the start of the process to its end: " +
	"it waits for ovs-vswitchd (`cur_cfg`). Between samples the bridge and the sockets' directories are deleted, not timed. " +
	"`work` is the processor time of ovs-vsctl, and of the daemon. With every sample the two databases are compared: each setting must be the same, and no interface in error. The vdevs are `net_null` without packets."

func applyScenario() Scenario {
	return Scenario{
		Name: "apply", Issue: 2,
		Title: "applying 4 DPDK vdevs and 64 vhost ports",
		Method: "The built sluiced, running and converged on the profile without ports, is given the profile with them: a file is renamed into place. " +
			"Timed from the rename until the daemon tells systemd's notification socket that its pass is over: it has read the profile and the host, planned, " +
			"made 64 directories, written one transaction, waited for `cur_cfg`, and read back what OVS made of it. " +
			"By the operator's command, `sluicectl host apply -f FILE`, it is timed from the start of that process to its end: it has the plan made and shown first, " +
			"keeps the former profile and syncs the new one to disk, and plans once more at the end; the bar is not about it. " + applyHosts,
		Metrics: []Metric{{"time", Seconds}, {"work", Seconds}}, Sides: []string{sluicedSide, vsctlSide, sluicectlSide},
		Bars:    []Bar{{Text: applyBar, Metric: "time", Of: sluicedSide, Against: vsctlSide, Limit: Limit{AtMost, 1.3}}},
		Repeats: Repeats{Least: 11, Most: 31, Budget: 3 * time.Minute}, Quick: true,
		Missing: func(env Env) []string {
			return append(append(missingApply(), missingBinary(env, "sluiced")...), missingBinary(env, "sluicectl")...)
		},
		Prepare: prepareApply,
	}
}

func missingApply() []string { return missingSwitch(2 * switchMemory) }
