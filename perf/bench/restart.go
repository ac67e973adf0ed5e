package bench

import (
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// The sides of the restart scenario.
const (
	restartSide = "sluiced restarts"
	nothingSide = "nothing happens"
	controlSide = "control"
)

const (
	writesNothing = "Restarting the daemon writes nothing to a converged Open_vSwitch database"
	losesNothing  = "Restarting the daemon loses no packet of a running stream"
)

// restartTime is how long a side has the stream for itself, so that the longest
// gaps of all are of times of the same length.
const restartTime = time.Second

func restartScenario() Scenario {
	every := func(what, metric, side string, l Limit) Bar {
		return Bar{Text: what, Metric: metric, Of: side, Limit: l, Judged: ByWorst}
	}
	return Scenario{
		Name: "restart", Issue: 2, Title: "restarting the daemon under a running stream",
		Method: "A lab host with OVS-DPDK and two vhost ports that the built sluiced made. Two virtio-user guests (testpmd, macswap) send the same 128 packets to and fro: " +
			"fewer than a virtqueue has room for, so that a guest that is not running for a moment costs nothing, and a packet that is dropped is gone for good. " +
			"While they flow the daemon is ended by SIGTERM and started again, until it says that it is converged; the stream is watched for a second, and for a thousand packets more. Then the guests stop, and " +
			"`lost` is what they sent less what the switch put into their queues, exact to the packet. " +
			"`writes` are the transactions with an insert, update, mutate or delete that ovsdb-server was asked for on connections made since (its jsonrpc log), " +
			"`records` those that reached the database file, by anybody: ovs-vswitchd's own are on ephemeral columns, which are not written. " +
			"`gap` is the longest time in which the PMD thread received nothing, seen every 2 ms or so; beside it is the same with nothing happening (the guests share a core). " +
			"The control shows that the method sees what it looks for: the bridge's flows are deleted and put back, and one transaction is made by ovs-vsctl.",
		Metrics: []Metric{{"lost", Count}, {"writes", Count}, {"records", Count}, {"gap", Seconds}},
		Sides:   []string{restartSide, nothingSide, controlSide},
		Bars: []Bar{
			every(writesNothing+": 0 transactions asked for", "writes", restartSide, Limit{AtMost, 0}),
			every(writesNothing+": 0 transactions in its file", "records", restartSide, Limit{AtMost, 0}),
			every(losesNothing, "lost", restartSide, Limit{AtMost, 0}),
			every("Control of the method: it sees lost packets", "lost", controlSide, Limit{AtLeast, 1}),
			every("Control of the method: it sees a transaction", "writes", controlSide, Limit{AtLeast, 1}),
			every("Control of the method: it sees a transaction in the file", "records", controlSide, Limit{AtLeast, 1}),
		},
		Repeats: Repeats{Least: 5, Most: 5}, Quick: true,
		Missing: func(env Env) []string {
			return append(append(missingSwitch(switchMemory), lab.MissingGuests()...), missingBinary(env, "sluiced")...)
		},
		Prepare: prepareRestart,
	}
}
