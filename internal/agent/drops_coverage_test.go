package agent

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/monitor"
)

// TestInternals reads a running switch: every part is told and none failed, and
// the counters that are shown as 0 are counters which this switch has.
func TestInternals(t *testing.T) {
	r := newRig(t, lab.Options{Dummy: true}, "")
	scraper := r.agent.newScraper(t.Context())
	r.until("a snapshot without a datapath tells the rest", func() error {
		s, err := scraper.Snapshot(r.limit())
		if err != nil {
			return err
		}
		if s.Internals.Coverage == nil || s.Internals.Memory == nil || s.Internals.Process == 0 || len(s.Internals.Datapaths) > 0 {
			return fmt.Errorf("%+v", s.Internals)
		}
		return failed(s, "coverage", "datapath", "memory", "upcall")
	})
	r.vsctl("add-br", "br0", "--", "set", "Bridge", "br0", "datapath_type=netdev", "--", "set", "Open_vSwitch", ".", "other_config:stats-update-interval=7000")
	var s monitor.Snapshot
	r.until("a snapshot tells of the datapath", func() (err error) {
		s, err = scraper.Snapshot(r.limit())
		if err != nil {
			return err
		}
		i := s.Internals
		if len(i.Datapaths) != 1 || len(i.Upcalls) != 1 || i.Datapaths[0].Name != appctl.UserspaceDatapath || i.Datapaths[0].Flows == nil ||
			i.Memory["rules"] == 0 || len(i.Upcalls[0].Revalidators) == 0 || i.StatsInterval.Milliseconds() != 7000 {
			return fmt.Errorf("%+v", i)
		}
		return failed(s, "coverage", "datapath", "memory", "upcall")
	})
	known := monitor.KnownEvents(s.Switch.OVSVersion)
	if len(known) == 0 {
		t.Fatalf("no events are known of OVS %q", s.Switch.OVSVersion)
	}
	for _, event := range known {
		text, err := r.agent.ctl.Call(context.Background(), "coverage/read-counter", event)
		if err != nil {
			t.Errorf("OVS %s: %s: %v", s.Switch.OVSVersion, event, err)
			continue
		}
		if _, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64); err != nil {
			t.Errorf("%s: %q", event, text)
		}
	}
	r.step(r.host.StopVswitchd)
	r.until("a switch that is gone tells nothing of its inside", func() error {
		s, err := scraper.Snapshot(r.limit())
		if err == nil && (s.Internals.Coverage != nil || s.Internals.Memory != nil) {
			err = fmt.Errorf("%+v", s.Internals)
		}
		if err == nil && failed(s, "coverage") == nil {
			err = errors.New("and says that it could be read")
		}
		return err
	})
}

// failed returns why one of the collectors failed, or that it is missing.
func failed(s monitor.Snapshot, names ...string) error {
	at := map[string]error{}
	for _, name := range names {
		at[name] = errors.New(name + " is missing")
	}
	for _, c := range s.Collectors {
		if _, ours := at[c.Name]; ours {
			at[c.Name] = c.Error
		}
	}
	var all []error
	for _, err := range at {
		all = append(all, err)
	}
	return errors.Join(all...)
}
