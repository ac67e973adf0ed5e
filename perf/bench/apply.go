package bench

import (
	"context"
	"time"
)

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
		Title: "applying 4 DPDK vdevs and 64 vhost ports, by the running daemon",
		Method: "The built sluiced, running and converged on the profile without ports, is given the profile with them: a file is renamed into place. " +
			"Timed from the rename until the daemon tells systemd's notification socket that its pass is over: it has read the profile and the host, planned, " +
			"made 64 directories, written one transaction, waited for `cur_cfg`, and read back what OVS made of it. " + applyHosts,
		Metrics: []Metric{{"time", Seconds}, {"work", Seconds}}, Sides: []string{sluicedSide, vsctlSide},
		Bars:    []Bar{{Text: applyBar, Metric: "time", Of: sluicedSide, Against: vsctlSide, Limit: Limit{AtMost, 1.3}}},
		Repeats: Repeats{Least: 9, Most: 21, Budget: 2 * time.Minute}, Quick: true,
		Missing: func(env Env) []string { return append(missingApply(), missingBinary(env, "sluiced")...) },
		Prepare: func(ctx context.Context, env Env) (Rig, error) {
			return prepareApply(ctx, env, sluicedSide, (*applyRig).byDaemon)
		},
	}
}

func applyCommandScenario() Scenario {
	return Scenario{
		Name: "apply-command", Issue: 2,
		Title: "applying 4 DPDK vdevs and 64 vhost ports, by the operator's command",
		Method: "As `apply`, but the profile is given by `sluicectl host apply -f FILE` to the running daemon, " +
			"timed from the start of that process to its end. " + applyHosts,
		Metrics: []Metric{{"time", Seconds}, {"work", Seconds}}, Sides: []string{sluicectlSide, vsctlSide},
		Bars:    []Bar{{Text: applyBar, Metric: "time", Of: sluicectlSide, Against: vsctlSide, Limit: Limit{AtMost, 1.3}}},
		Repeats: Repeats{Least: 9, Most: 21, Budget: 2 * time.Minute},
		Missing: func(env Env) []string {
			return append(append(missingApply(), missingBinary(env, "sluiced")...), missingBinary(env, "sluicectl")...)
		},
		Prepare: func(ctx context.Context, env Env) (Rig, error) {
			return prepareApply(ctx, env, sluicectlSide, (*applyRig).byCommand)
		},
	}
}

func missingApply() []string { return missingSwitch(2 * switchMemory) }
