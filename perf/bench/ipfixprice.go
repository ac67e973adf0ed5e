package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// The sides of the scenario: who samples, and how often.
const (
	ipfixOff       = "off"
	ipfixBridge400 = "bridge-wide, 1 in 400"
	ipfixPorts400  = "per flow, 1 in 400"
	ipfixOne400    = "per flow, of a packet to or from another host, 1 in 400"
	ipfixBridge1   = "bridge-wide, 1 in 1"
	ipfixPorts1    = "per flow, 1 in 1"
)

func ipfixPriceScenario() Scenario {
	var metrics []Metric
	for _, c := range ipfixCases() {
		metrics = append(metrics, Metric{c.metric(), Cycles})
	}
	const cheapest = "The default, per flow and 1 in 400, is the cheapest that still counts every logical port: cheaper than bridge-wide for a packet to or from another host"
	return Scenario{
		Name: "ipfix-price", Issue: 4,
		Title: "PMD cycles per packet with IPFIX sampling",
		Method: "Host, bridge and guests of `datapath`, with its bare flows and without port security, so that what is added is the sampling's. Bridge-wide is an IPFIX row of the bridge: each packet passes a sampler on its way in and one on its way out, by whichever ports, tunnels too. " +
			"Per flow is the action `sample` with a Flow_Sample_Collector_Set in the flows themselves, as the pipeline has it at guests' ports: before the rewrite with the port it came in by, and before the output with the port it goes out by, which counts every logical port both ways, as bridge-wide does. " +
			"A packet between two guests of the host passes both; one to or from another host passes only one of them on each, as tunnels are not sampled: that side has the sampler on the way in. The exporters' rows are those of a profile that says nothing of them but the mode: OVS gathers flows and exports them to a socket of loopback that nobody reads. " +
			"Measured as in `datapath`: " + bedWindowWords + ". The datapath's entry must sample, or with sampling off must not; the notes show it.",
		Metrics: metrics, Sides: []string{ipfixOff, ipfixBridge400, ipfixPorts400, ipfixOne400, ipfixBridge1, ipfixPorts1},
		Bars: []Bar{
			{Text: cheapest + ", L2", Metric: datapathCase{way: switched}.metric(), Of: ipfixOne400, Against: ipfixBridge400, Limit: Limit{Below, 1}},
			{Text: cheapest + ", L3", Metric: datapathCase{way: byRouter}.metric(), Of: ipfixOne400, Against: ipfixBridge400, Limit: Limit{Below, 1}},
		},
		Repeats: Repeats{Least: 5, Most: 5, Budget: 4 * time.Minute},
		Missing: missingBed, Table: true,
		Prepare: prepareIPFIXPrice,
	}
}

// ipfixCases are the ways through the switch that sampling is priced on.
func ipfixCases() []datapathCase {
	return []datapathCase{{way: switched}, {way: byRouter}, {way: switched, emc: true}, {way: byRouter, emc: true}}
}

// ipfixRig is a bed with a collector that takes everything and looks at nothing.
type ipfixRig struct {
	*bed
	sink *net.UDPConn
}

// sampling is how a side samples.
type sampling struct {
	bridge int // 1 in so many, by the bridge; 0 = not at all
	flows  flowSet
}

// samples tells whether the side samples at all.
func (s sampling) samples() bool {
	return s.bridge > 0 || strings.Contains(s.flows.bundle(), "sample(")
}

func prepareIPFIXPrice(ctx context.Context, env Env) (_ Rig, err error) {
	r := &ipfixRig{bed: &bed{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, overlayPatience)
	defer cancel()
	if err := r.start(ctx, env); err != nil {
		return Rig{}, err
	}
	if err := r.daemon.stop(ctx); err != nil {
		return Rig{}, err
	}
	if err := r.listen(ctx); err != nil {
		return Rig{}, err
	}
	if err := r.plug(ctx); err != nil {
		return Rig{}, err
	}
	rig := Rig{Measure: map[string]func(context.Context) (Sample, error){}, Close: r.close}
	for _, side := range ipfixPriceScenario().Sides {
		s := ipfixSides()[side]
		rig.Measure[side] = func(ctx context.Context) (Sample, error) { return r.measure(ctx, s) }
		if err := r.use(ctx, s); err != nil {
			return Rig{}, err
		}
		entry, _, err := r.entry(ctx, byRouter)
		if err != nil {
			return Rig{}, fmt.Errorf("%s: %w", side, err)
		}
		rig.Notes = append(rig.Notes, fmt.Sprintf("Entry of the datapath, L3, %s: `%s`.", side, shapeOf(entry)))
	}
	return rig, nil
}

// ipfixSides says how each side samples. Of the action the probability is of 65535.
func ipfixSides() map[string]sampling {
	sample := func(probability int, way string) func(port int) string {
		return func(port int) string {
			return fmt.Sprintf("sample(probability=%d,collector_set_id=1,obs_domain_id=1,obs_point_id=%d,sampling_port=%s,%s),", probability, port+1, bedPort(port), way)
		}
	}
	in400, out400, in1, out1 := sample(65535/400, "ingress"), sample(65535/400, "egress"), sample(65535, "ingress"), sample(65535, "egress")
	none := func(int) string { return "" }
	plain := bareFlows(none, none, none, decTTL)
	return map[string]sampling{
		ipfixOff:       {0, plain},
		ipfixBridge400: {400, plain},
		ipfixPorts400:  {0, bareFlows(none, in400, out400, decTTL)},
		ipfixOne400:    {0, bareFlows(none, in400, none, decTTL)},
		ipfixBridge1:   {1, plain},
		ipfixPorts1:    {0, bareFlows(none, in1, out1, decTTL)},
	}
}

// listen makes the collector and tells the switch of it.
func (r *ipfixRig) listen(ctx context.Context) error {
	err := r.host.Do(func() (err error) {
		r.sink, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		return err
	})
	if err != nil {
		return err
	}
	exporter, err := r.exporter(ipfixDefault)
	if err != nil {
		return err
	}
	args := append([]string{"--id=@bridge", "get", "Bridge", integration, "--", "--id=@ipfix", "create", "IPFIX"}, exporter...)
	_, err = r.host.VSCtl(ctx, append(args, "--", "create", "Flow_Sample_Collector_Set", "id=1", "bridge=@bridge", "ipfix=@ipfix")...)
	return err
}

// ipfixDefault is how many packets there are to a sample where a profile does not say.
const ipfixDefault = 400

// exporter is the row that a profile makes, as ovs-vsctl takes it, with another sampling.
func (r *ipfixRig) exporter(sampling int) ([]string, error) {
	text := fmt.Sprintf("apiVersion: sluice/v1\nkind: HostProfile\nname: bench\nbridges: [{name: br0}]\nmonitor: {ipfix: {mode: bridge, bridges: [br0], sampling: %d, listen: %q}}\n", sampling, r.sink.LocalAddr())
	p, err := configs.Parse([]byte(text), configs.Options{File: "bench.yaml"})
	if err != nil {
		return nil, err
	}
	settings := ipfix.Decide(p.IPFIX, "")[0].Settings
	var args []string
	for _, name := range settings.Names() {
		value := settings[name]
		if name == "targets" {
			value = strconv.Quote(value) // one string
		}
		args = append(args, name+"="+value)
	}
	return args, nil
}

// use lets the switch sample so from now on.
func (r *ipfixRig) use(ctx context.Context, s sampling) error {
	args := []string{"clear", "Bridge", integration, "ipfix"}
	if s.bridge > 0 {
		exporter, err := r.exporter(s.bridge)
		if err != nil {
			return err
		}
		args = append(append(args, "--", "--id=@ipfix", "create", "IPFIX"), exporter...)
		args = append(args, "--", "set", "Bridge", integration, "ipfix=@ipfix")
	}
	if _, err := r.host.VSCtl(ctx, args...); err != nil {
		return err
	}
	return r.install(ctx, s.flows)
}

func (r *ipfixRig) measure(ctx context.Context, s sampling) (Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, overlayPatience)
	defer cancel()
	if err := r.use(ctx, s); err != nil {
		return nil, err
	}
	good := func(entry string) error {
		if strings.Contains(entry, "userspace(") != s.samples() {
			return fmt.Errorf("the packets went by %s", entry)
		}
		return nil
	}
	sample := Sample{}
	for _, c := range ipfixCases() {
		if err := r.setEMC(ctx, c.emc); err != nil {
			return nil, err
		}
		cycles, err := r.prices(ctx, c.way, good)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.words(), err)
		}
		sample[c.metric()] = cycles
	}
	return sample, nil
}

func (r *ipfixRig) close() error {
	var err error
	if r.sink != nil {
		err = r.sink.Close()
	}
	return errors.Join(err, r.bed.close())
}
