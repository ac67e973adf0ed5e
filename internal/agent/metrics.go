package agent

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
)

// metricsHandler serves the switch's metrics and the daemon's own.
func (a *Agent) metricsHandler(ctx context.Context) (http.Handler, error) {
	registry, err := monitor.NewRegistry(a.recorder)
	if err != nil {
		return nil, err
	}
	collector := monitor.NewCollector(ctx, a.newScraper(ctx), monitor.Options{Now: a.now, Without: a.opt.MetricsWithout})
	return monitor.NewHandler(monitor.HandlerOptions{Registry: registry, Collector: collector, Ready: a.ready, Status: a.statusLines, Log: a.log}), nil
}

// ready says why the host is not served: no pass yet, or the newest one broke off.
func (a *Agent) ready() error {
	s := a.state.get()
	switch s.result {
	case monitor.ResultWaiting, monitor.ResultFailed:
		return errors.New(summary(s, nil))
	case monitor.ResultConverged, monitor.ResultChanged, monitor.ResultPending, monitor.ResultRefused:
	}
	return nil
}

func (a *Agent) statusLines() []monitor.StatusLine {
	s := a.state.get()
	_, loaded, err := a.profile.get()
	profile := a.opt.Profile + ", loaded " + loaded.Format("2006-01-02 15:04:05")
	if err != nil {
		profile = "not in force: " + err.Error()
	}
	return []monitor.StatusLine{
		{Name: "Profile", Value: profile, Bad: err != nil},
		{Name: "Newest pass", Value: fmt.Sprintf("%s, %s", s.at.Format("2006-01-02 15:04:05"), summary(s, nil))},
	}
}

// record counts a pass for the daemon's own metrics.
func (a *Agent) record(s passState, profileValid bool) {
	a.recorder.Pass(s.result, s.duration, s.at.Add(s.duration))
	a.recorder.Profile(profileValid)
	var p monitor.Pending
	for _, c := range s.pending {
		switch {
		case c.TakeOver:
			p.TakeOver++
		case c.Class == vswitch.Live:
			p.Live++
		case c.Class == vswitch.PMDRecreation:
			p.PMDRecreation++
		case c.Class == vswitch.PortRestart:
			p.PortRestart++
		case c.Class == vswitch.RestartNeeded:
			p.RestartNeeded++
		}
	}
	a.recorder.Pending(p)
}
