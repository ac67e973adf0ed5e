package agent

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

const (
	// askExporters is how often OVS is asked about its exporters, one small message for
	// each.
	askExporters = 15 * time.Second
	// askTimeout bounds the questions of one round.
	askTimeout = 5 * time.Second
)

// askAll asks OVS about its exporters. Those that do not answer are not known.
func (c *collector) askAll(ctx context.Context, spec *ipfix.Spec) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	exporters, err := c.ask(ctx, spec)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.exporters = exporters
	if err != nil && (c.unasked == nil || c.unasked.Error() != err.Error()) {
		c.log.Warn("what OVS's exporters of flow records say is not known", "error", err)
	}
	c.unasked = err
}

// exporters asks the bridges that the profile lets export.
func (a *Agent) exporters(ctx context.Context, spec *ipfix.Spec) ([]monitor.ExporterSample, error) {
	bridges, flows := spec.Bridges, false
	if overlay, _ := a.overlay(); spec.Mode == ipfix.ModePorts && overlay != nil {
		bridges, flows = []string{overlay.Integration}, true
	}
	db, err := a.db.get()
	if err != nil {
		return nil, err
	}
	o, err := a.see(ctx, db)
	if err != nil {
		return nil, err
	}
	var all []monitor.ExporterSample
	var errs []error
	for _, bridge := range bridges {
		if !a.connects(o, bridge) {
			continue
		}
		stats, err := askExporter(ctx, ofconn.Socket(a.opt.RunDir, bridge), flows)
		if err != nil {
			errs = append(errs, fmt.Errorf("bridge %s: %w", bridge, err))
		}
		for _, s := range stats {
			all = append(all, exporterSample(bridge, s, flows))
		}
	}
	return all, errors.Join(errs...)
}

// connects says whether a bridge may be connected to again and again: OVS's own flow of a
// standalone one and those of the logical network leave no packet without a flow. Of
// others, a megaflow for such packets that is made in the instant before OVS knows the
// version of the connection sends them to the slow path until it is revalidated: of 189
// that were made while a connection was, one did (OVS 3.1).
func (a *Agent) connects(o vswitch.Observed, bridge string) bool {
	if a.network != nil {
		if overlay, _ := a.overlay(); overlay != nil && overlay.Integration == bridge {
			return true
		}
	}
	row, _ := o.Row(vswitch.ID{Table: vswitch.BridgeTable, Name: bridge})
	return row.Settings["fail_mode"] != "secure"
}

func askExporter(ctx context.Context, socket string, flows bool) ([]openflow.IPFIXStats, error) {
	session, err := ofconn.Dial(ctx, socket)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	return session.IPFIX(ctx, flows)
}

func exporterSample(bridge string, s openflow.IPFIXStats, flows bool) monitor.ExporterSample {
	x := monitor.ExporterSample{Bridge: bridge, ExporterStats: ipfix.ExporterStats{
		Flows: s.Flows, CurrentFlows: s.CurrentFlows, SampledPackets: s.Packets, IPv4: s.IPv4, IPv6: s.IPv6,
		IPv4Errors: s.IPv4Errors, IPv6Errors: s.IPv6Errors, TxMessages: s.TxPackets, TxErrors: s.TxErrors,
	}}
	if known := s.IPv4Errors + s.IPv6Errors; s.Errors > known {
		x.OtherErrors = s.Errors - known
	}
	if flows {
		x.CollectorSet = strconv.FormatUint(uint64(s.CollectorSet), 10)
	}
	return x
}
