package bench

import (
	"fmt"
	"runtime"
	"time"
)

// The sides of the scenario.
const (
	ipfixRateSide    = "100,000 records a second"
	ipfixHighestSide = "the highest rate without loss"
	ipfixControlSide = "control: the daemon is stopped for a second"
)

const (
	ipfixRate = 100_000 // records a second that the issue asks for
	// ipfixPace is what the sender is asked for, so that the mean over a sample is not
	// below ipfixRate for the time that its last packets take.
	ipfixPace = 1.01 * ipfixRate
	// ipfixTime is how long a sample sends, ipfixStepTime one of the steps upwards.
	ipfixTime     = 5 * time.Second
	ipfixStepTime = time.Second
	// ipfixStep is from one step to the next, and ipfixHeld the part of its rate that
	// the sender must reach in one that counts.
	ipfixStep = 1.25
	ipfixHeld = 0.98
)

func ipfixRateScenario() Scenario {
	every := func(what, metric, side string, l Limit) Bar {
		return Bar{Text: what, Metric: metric, Of: side, Limit: l, Judged: ByWorst}
	}
	const asked = "100,000 records a second decoded on one core without loss on loopback"
	return Scenario{
		Name: "ipfix-rate", Issue: 4, Title: "flow records decoded and accounted for by the daemon, on one core",
		Method: fmt.Sprintf("The built sluiced on a plain lab host of a fleet of %d, with %d guests' ports, monitor.ipfix.mode `ports`. First those guests send UDP, TCP and ICMP to each other and to other hosts, and every packet is sampled; "+
			"what OVS exports for it to a further collector, the harness, is the recording: thousands of datagrams, each of one record, as OVS sends them, of as many flows as its cache has room for, and its templates. "+
			"Then the daemon is started anew on one CPU, with every thread it has, and the harness replays the recording to it from another: every datagram with the sequence number and the time that are next, 32 in a system call, evenly over %s. "+
			"`rate` is what was sent per second. `lost` are records that the daemon missed by their numbers, `dropped` the datagrams that its socket dropped by the kernel's count (/proc/net/udp), "+
			"`missing` what was sent less what is in the daemon's counts of traffic, hidden ones included, in packets and records, whichever is more. `core` is the daemon's processor time, all threads, over the time from the first datagram until its socket was empty, `waited` the time that its threads could have run then and others had the CPU (their schedstat): where that is no small part, the machine was not quiet, and what is lost says little of the daemon; "+
			"`allocated` what its heap handed out (`go_memstats_alloc_bytes_total`), the scrapes before and after included, for each record. "+
			"The second side sends for %s at a time and %g times as fast from one to the next, until records are lost or the sender falls behind; its numbers are those of the last time without loss, but `lost` and `dropped`, which are those of the next: 0 where it was the sender that fell behind. "+
			"The control shows that the method sees a loss: in the middle of the first side's job the daemon is stopped for a second, which is longer than its socket has room for.",
			ipfixFleet.hosts, len(ipfixFleet.local()), ipfixTime, ipfixStepTime, ipfixStep),
		Metrics: []Metric{
			{"rate", PerSecond}, {"lost", Count}, {"dropped", Count}, {"missing", Count}, {"core", Cores}, {"waited", Cores}, {"allocated", PerRecord},
		},
		Sides: []string{ipfixRateSide, ipfixHighestSide, ipfixControlSide},
		Bars: []Bar{
			every(asked+": the rate", "rate", ipfixRateSide, Limit{AtLeast, ipfixRate}),
			every(asked+": none missed by its number", "lost", ipfixRateSide, Limit{AtMost, 0}),
			every(asked+": none dropped at the socket", "dropped", ipfixRateSide, Limit{AtMost, 0}),
			every(asked+": every one in the counts of traffic", "missing", ipfixRateSide, Limit{AtMost, 0}),
			every("IPFIX: 200 bytes or fewer allocated per record in the steady state", "allocated", ipfixRateSide, Limit{AtMost, 200}),
			every("Control of the method: it sees records missed by their numbers", "lost", ipfixControlSide, Limit{AtLeast, 1}),
			every("Control of the method: it sees datagrams dropped at the socket", "dropped", ipfixControlSide, Limit{AtLeast, 1}),
			every("Control of the method: it sees records that are not in the counts of traffic", "missing", ipfixControlSide, Limit{AtLeast, 1}),
		},
		Repeats: Repeats{Least: 3, Most: 5, Budget: 2 * time.Minute},
		Missing: func(env Env) []string {
			missing := missingOverlay(env)
			if runtime.NumCPU() < 2 {
				missing = append(missing, "a second core: one for the sender")
			}
			return missing
		},
		Prepare: prepareIPFIXRate,
	}
}
