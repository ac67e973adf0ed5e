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
			Bar{Text: what + "within 5 % of a hand-written bare flow doing the same" + c.same(), Metric: c.metric(), Of: sluicedSide, Against: bareSide, Limit: Limit{AtMost, 1.05}},
			Bar{Text: what + "ahead of OVN" + c.beside(), Metric: c.metric(), Of: sluicedSide, Against: ovnDatSide, Limit: Limit{AtMost, 1}})
	}
	return Scenario{
		Name: "datapath", Issue: 3,
		Title: "PMD cycles per packet, guest to guest on one host",
		Method: "One OVS-DPDK with one PMD thread that never sleeps, one integration bridge, and one set of guests (virtio-user, testpmd) for all sides: they differ in the bridge's OpenFlow flows and groups alone. " +
			"The built sluiced makes bridge and ports of its profile and lays the network's flows; they are dumped with port security off and on, and sluiced ends. " +
			"ovn-controller then gets that bridge, with the same logical network and ports, and its flows are dumped likewise. The bare flows are by hand " +
			"(L2: port and destination MAC to output; L3: port, destination MAC and address: set both MACs, decrement the TTL, output; with port security: the source MAC and address besides). " +
			"For a sample a side's flows and groups replace all others in one bundle. The datapath is emptied (`revalidator/purge`), and a guest (txonly) sends 64-byte packets of one UDP flow to another (rxonly) " +
			"on the same switch (L2), or by the router to one on another switch (L3); the guests share the other core. Once packets have arrived, and " + bedWindowWords + ". " +
			"EMC off is `emc-insert-inv-prob=0`, EMC on OVS's default of 1/100. The notes say what each side's entry in the datapath matches and does, as the run found it, and every sample is made sure of: where two are alike, the datapath does the same work for both, and what is between them is noise.",
		Metrics: metrics, Sides: []string{sluicedSide, bareSide, ovnDatSide}, Bars: bars,
		Repeats: Repeats{Least: 6, Most: 20, Budget: 3 * time.Minute},
		Missing: missingBed,
		Prepare: prepareDatapath,
	}
}

// missingBed lists what is lacking for a bed.
func missingBed(env Env) []string {
	return append(append(missingSwitch(bedMemory), lab.MissingGuests()...), missingBinary(env, "sluiced")...)
}

// datapathCase is one way through the switch.
type datapathCase struct{ routed, secure, emc bool }

// datapathCases are in an order in which flows and settings change seldom.
func datapathCases() []datapathCase {
	var cases []datapathCase
	for _, secure := range []bool{false, true} {
		for _, emc := range []bool{false, true} {
			cases = append(cases, datapathCase{false, secure, emc}, datapathCase{true, secure, emc})
		}
	}
	return cases
}

func (c datapathCase) metric() string {
	name := "l2"
	if c.routed {
		name = "l3"
	}
	if c.secure {
		name += "-security"
	}
	if c.emc {
		name += "-emc"
	}
	return name
}

func (c datapathCase) words() string {
	words := c.way()
	if c.emc {
		return words + ", EMC on"
	}
	return words + ", EMC off"
}

// way is the case without the EMC, which no flow knows of.
func (c datapathCase) way() string {
	words := "L2"
	if c.routed {
		words = "L3"
	}
	if c.secure {
		words += " with port security"
	}
	return words
}

// same is what the bare flow does as well.
func (c datapathCase) same() string {
	if c.secure {
		return " rewrite and the same checks"
	}
	return " rewrite"
}

// beside is what OVN has as well.
func (c datapathCase) beside() string {
	if c.secure {
		return " with its port security"
	}
	return ""
}

func prepareDatapath(ctx context.Context, env Env) (Rig, error) {
	return newDatapathRig(ctx, env)
}
