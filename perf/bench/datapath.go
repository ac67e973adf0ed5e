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
		ahead := Limit{AtMost, 1}
		if c.how == ttlNone {
			ahead = Limit{Below, 1} // OVN's entry does more
		}
		bars = append(bars,
			Bar{Text: what + "within 5 % of a hand-written bare flow doing the same rewrite" + c.how.checks(), Metric: c.metric(), Of: sluicedSide, Against: bareSide, Limit: Limit{AtMost, 1.05}},
			Bar{Text: what + "ahead of OVN" + c.how.beside(), Metric: c.metric(), Of: sluicedSide, Against: ovnDatSide, Limit: ahead})
	}
	return Scenario{
		Name: "datapath", Issue: 3,
		Title: "PMD cycles per packet, guest to guest on one host",
		Method: "One OVS-DPDK with one PMD thread that never sleeps, one integration bridge, and one set of guests (virtio-user, testpmd) for all sides: they differ in the bridge's OpenFlow flows and groups alone. " +
			"The built sluiced makes bridge and ports of its profile and lays the network's flows; they are dumped as they are, with port security, and with the router's TTL mode `none`, and sluiced ends. " +
			"ovn-controller then gets that bridge, with the same logical network and ports, and its flows are dumped likewise; it has no TTL modes. The bare flows are by hand " +
			"(L2: port and destination MAC to output; L3: port, destination MAC and address: set both MACs, decrement the TTL, output; with port security: the source MAC and address besides; with `ttl none` without the TTL). " +
			"For a sample a side's flows and groups replace all others in one bundle. The datapath is emptied (`revalidator/purge`), and a guest (txonly) sends 64-byte packets of one UDP flow to another (rxonly) " +
			"on the same switch (L2), or by the router to one on another switch (L3); the guests share the other core. " + crowdWords + ". Once packets have arrived, and " + bedWindowWords + ". " +
			"EMC off is `emc-insert-inv-prob=0`, EMC on OVS's default of 1/100. The notes say what each side's entry in the datapath matches and does, as the run found it, and every sample is made sure of: where two are alike, the datapath does the same work for both, and what is between them is noise.",
		Metrics: metrics, Sides: []string{sluicedSide, bareSide, ovnDatSide}, Bars: bars,
		Repeats: Repeats{Least: 6, Most: 20, Budget: 4 * time.Minute},
		Missing: missingBed,
		Prepare: prepareDatapath,
	}
}

// missingBed lists what is lacking for a bed.
func missingBed(env Env) []string {
	return append(append(missingSwitch(bedMemory), lab.MissingGuests()...), missingBinary(env, "sluiced")...)
}

// variant is how a network is set up, and so of which flows it is.
type variant string

// The variants.
const (
	asItIs  variant = ""
	secured variant = "port security"
	ttlNone variant = "`ttl none`"
)

// checks is what the bare flow does as well.
func (v variant) checks() string {
	if v == secured {
		return " and the same checks"
	}
	return ""
}

// beside is what OVN has as well, or has not.
func (v variant) beside() string {
	switch v {
	case secured:
		return " with its port security"
	case ttlNone:
		return ", which has no TTL modes"
	default:
		return ""
	}
}

// way is one through the switch.
type way string

// The ways.
const (
	switched way = "L2"
	byRouter way = "L3"
	crowded  way = "L3, 10,000 flows"
)

func (w way) metric() string {
	return map[way]string{switched: "l2", byRouter: "l3", crowded: "l3-crowd"}[w]
}

// datapathCase is what is measured at once.
type datapathCase struct {
	way way
	how variant
	emc bool
}

// datapathCases are in an order in which flows and settings change seldom.
func datapathCases() []datapathCase {
	var cases []datapathCase
	for _, v := range []struct {
		how  variant
		ways []way
	}{{asItIs, []way{switched, byRouter, crowded}}, {secured, []way{switched, byRouter}}, {ttlNone, []way{byRouter, crowded}}} {
		for _, emc := range []bool{false, true} {
			for _, w := range v.ways {
				cases = append(cases, datapathCase{w, v.how, emc})
			}
		}
	}
	return cases
}

func (c datapathCase) metric() string {
	name := c.way.metric() + map[variant]string{secured: "-security", ttlNone: "-ttl-none"}[c.how]
	if c.emc {
		name += "-emc"
	}
	return name
}

func (c datapathCase) words() string {
	if c.emc {
		return c.path() + ", EMC on"
	}
	return c.path() + ", EMC off"
}

// path is the case without the EMC, which no flow knows of.
func (c datapathCase) path() string {
	if c.how == asItIs {
		return string(c.way)
	}
	return string(c.way) + " with " + string(c.how)
}

func prepareDatapath(ctx context.Context, env Env) (Rig, error) {
	return newDatapathRig(ctx, env)
}
