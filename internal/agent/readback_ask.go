package agent

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/pmd"
)

// question is what a read back must ask the running switch beside
// pmd-rxq-show, which is asked always. Its zero value costs nothing.
type question struct {
	options  bool // dpctl/show: there is a port of DPDK
	policers []policer
}

// replies is what the running switch told. What it did not tell is nil.
type replies struct {
	rxqs     *pmd.RxqShow
	unread   error                          // why rxqs is nil
	ports    map[string]appctl.DatapathPort // of the userspace datapath, by name
	policers []policer                      // those asked for whose device told
}

// ask asks the running switch. One round of its main loop answers all that came
// before it, so the two long answers are asked for together: with 64 ports each
// round less is milliseconds less.
func (a *Agent) ask(ctx context.Context, q question) replies {
	ctx, cancel := context.WithTimeout(ctx, readPatience)
	defer cancel()
	var r replies
	var options error
	var both sync.WaitGroup
	both.Go(func() { r.rxqs, r.unread = a.rxqShow(ctx) })
	if q.options {
		both.Go(func() { r.ports, options = a.datapathPorts(ctx) })
	}
	both.Wait()
	if silent(options) {
		r.rxqs, r.unread = nil, options
	}
	if silent(r.unread) {
		return r
	}
	for _, p := range q.policers {
		var err error
		if p.runs, err = a.qos(ctx, p.iface); silent(err) {
			r.rxqs, r.unread = nil, err
			return r
		}
		if p.runs != nil {
			r.policers = append(r.policers, p)
		}
	}
	return r
}

// rxqShow reads which PMD polls what.
func (a *Agent) rxqShow(ctx context.Context) (*pmd.RxqShow, error) {
	show, err := appctl.Ask(ctx, a.ctl, pmd.ParseRxqShow, "dpif-netdev/pmd-rxq-show")
	if err != nil {
		return nil, err
	}
	return &show, nil
}

// silent tells whether an error is of a switch that would not answer the next
// question either.
func silent(err error) bool {
	var answered *unixctl.CommandError
	return err != nil && !errors.As(err, &answered) && !errors.Is(err, appctl.ErrFormat)
}

// datapathPorts reads the ports of the userspace datapath; without -s, which
// leaks on OVS before 3.1.6. Where there is no such datapath it is an error of
// the command.
func (a *Agent) datapathPorts(ctx context.Context) (map[string]appctl.DatapathPort, error) {
	text, err := a.ctl.Call(ctx, "dpctl/show", appctl.UserspaceDatapath)
	if err != nil {
		return nil, err
	}
	paths, err := appctl.ParseDatapaths(strings.NewReader(text))
	if err != nil {
		a.unreadable("dpctl/show", err)
		return nil, err
	}
	ports := map[string]appctl.DatapathPort{}
	for _, d := range paths {
		for _, p := range d.Ports {
			ports[p.Name] = p
		}
	}
	return ports, nil
}

// qos reads what an interface's device does of its QoS. An interface that the
// switch does not have (yet) is an error of the command; it is told elsewhere.
func (a *Agent) qos(ctx context.Context, iface string) (*appctl.QoS, error) {
	text, err := a.ctl.Call(ctx, "qos/show", iface)
	if err != nil {
		return nil, err
	}
	q, err := appctl.ParseQoS(strings.NewReader(text))
	if err != nil {
		a.unreadable("qos/show", err)
		return nil, err
	}
	return &q, nil
}

// unreadable warns that a release prints what no parser knows, once for each
// command: what it would tell is not verified then.
func (a *Agent) unreadable(command string, err error) {
	if known := a.release.Load(); known != nil {
		command += " of " + known.release
	}
	if _, warned := a.warned.LoadOrStore(command, true); !warned {
		a.log.Warn("cannot read back what ovs-vswitchd made of ports: it is not verified", "error", err)
	}
}

// questions are what must be asked to verify the wanted rows. A limit that still
// waits to be written asks nothing.
func questions(want vswitch.Desired, o vswitch.Observed, m meanings) question {
	q := question{policers: wantedPolicers(want, o, m)}
	for _, r := range want.Rows {
		if r.Table == vswitch.IfaceTable && ofDPDK(r.Settings) {
			q.options = true
			break
		}
	}
	return q
}
