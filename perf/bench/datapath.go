package bench

import (
	"context"
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// The sides of the datapath scenario, beside sluicedSide.
const (
	bareSide   = "bare flow"
	ovnDatSide = "OVN"
)

func datapathScenario() Scenario {
	var metrics []Metric
	var bars []Bar
	for _, c := range datapathCases() {
		metrics = append(metrics, Metric{c.metric(), Cycles})
		what := "PMD cycles per packet, " + c.words() + ": "
		bars = append(bars,
			Bar{Text: what + "within 5 % of a hand-written bare flow doing the same rewrite", Metric: c.metric(), Of: sluicedSide, Against: bareSide, Limit: Limit{AtMost, 1.05}},
			Bar{Text: what + "ahead of OVN", Metric: c.metric(), Of: sluicedSide, Against: ovnDatSide, Limit: Limit{AtMost, 1}})
	}
	return Scenario{
		Name: "datapath", Issue: 3,
		Title: "PMD cycles per packet, guest to guest on one host",
		Method: "One OVS-DPDK with one PMD thread that never sleeps, and three bridges: br-int of the built sluiced, br-ovn of ovn-controller with the same network and port security, and one with the bare flows by hand " +
			"(L2: port and destination MAC to output; L3: port, both MACs, destination address: set both MACs, decrement the TTL, output). On each the same virtio-user guest (testpmd, txonly) sends 64-byte packets of one UDP flow to another " +
			"on the same switch (L2), or by the router to one on another switch (L3); the guests share the other core. A tenth of a second after packets have arrived the PMD's counters are cleared, and read a tenth later, four times: `cycles/pkt` of `dpif-netdev/pmd-perf-show`, " +
			"which is busy cycles for each packet received, vhost included, and the least of the four, as the clock counts on while the core is another program's. In a window (which is longer where that takes longer) there are 5,000 packets at least, of which not one in a thousand is an upcall. " +
			"EMC off is `emc-insert-inv-prob=0`, EMC on OVS's default of 1/100; sluiced, which would put the setting back, is ended once its flows are in.",
		Metrics: metrics, Sides: []string{sluicedSide, bareSide, ovnDatSide}, Bars: bars,
		Repeats: Repeats{Least: 4, Most: 8, Budget: 40 * time.Second},
		Missing: func(env Env) []string {
			return append(append(missingSwitch(datapathMemory), lab.MissingGuests()...), missingBinary(env, "sluiced")...)
		},
		Prepare: prepareDatapath,
	}
}

// datapathCase is one way through the switch.
type datapathCase struct{ routed, emc bool }

func datapathCases() []datapathCase {
	return []datapathCase{{false, false}, {false, true}, {true, false}, {true, true}}
}

func (c datapathCase) metric() string {
	name := "l2"
	if c.routed {
		name = "l3"
	}
	if c.emc {
		return name + "-emc"
	}
	return name
}

func (c datapathCase) words() string {
	words := "L2"
	if c.routed {
		words = "L3"
	}
	if c.emc {
		return words + ", EMC on"
	}
	return words + ", EMC off"
}

func prepareDatapath(ctx context.Context, env Env) (Rig, error) {
	return newDatapathRig(ctx, env)
}
