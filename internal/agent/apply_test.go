package agent

import (
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
)

// A port that OVS refuses rolls the whole of an atomic apply back.
func TestAtomicApplyRollsBack(t *testing.T) {
	r := newRig(t, lab.Options{DPDK: true}, guests("vm1", "vm2 rateLimit: {egress: {rate: 1G}}", "vm4"))
	r.await(monitor.ResultConverged)
	r.host.Allow(regexp.MustCompile(`nonsense0|bad0|Failed to attach device on primary process|Invalid port_id=32`))
	before := r.observed()
	text, err := os.ReadFile(r.profile)
	if err != nil {
		t.Fatal(err)
	}
	socket := r.socketOf("vm4")
	r.guest(socket, 1)

	wanted := guests("vm1 rateLimit: {egress: {rate: 2G}, ingress: {rate: 1G}}, vlan: {mode: access, tag: 5}", "vm2", "vm3 bridge: br1")
	wanted = strings.Replace(wanted, "  - name: br1", "    ports:\n      - {name: bad0, device: {vdev: net_nonsense0}}\n  - name: br1\n    failMode: secure", 1)
	result, err := r.apply(api.ApplyRequest{Profile: wanted, Atomic: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Refused) == 0 || !strings.Contains(strings.Join(result.Refused, "\n"), "bad0") {
		t.Errorf("apply refused %q, want a word on bad0", result.Refused)
	}
	if len(result.RolledBack) == 0 {
		t.Error("apply tells of nothing rolled back")
	}
	if strings.Contains(strings.Join(result.RolledBack, "\n"), "not") {
		t.Errorf("not all was rolled back: %q", result.RolledBack)
	}
	if diff := cmp.Diff(dump(before), dump(r.observed())); diff != "" {
		t.Errorf("the rolled back apply left (-before +after):\n%s", diff)
	}
	if now, err := os.ReadFile(r.profile); err != nil || string(now) != string(text) {
		t.Errorf("the profile is now\n%s\n%v; want\n%s", now, err, text)
	}
	if _, err := os.Lstat(socket); err != nil {
		t.Errorf("the socket of a guest that stays: %v", err)
	}
	r.await(monitor.ResultConverged)
	if diff := cmp.Diff(dump(before), dump(r.observed())); diff != "" {
		t.Errorf("the pass after the roll-back changed (-before +after):\n%s", diff)
	}
}

// Without --atomic the rest stands, and the refusal is told, by apply and after.
func TestApplyTellsOfRefusals(t *testing.T) {
	r := newRig(t, lab.Options{DPDK: true}, guests("vm1"))
	r.await(monitor.ResultConverged)
	r.host.Allow(regexp.MustCompile(`nonsense0|bad0|Failed to attach device on primary process|Invalid port_id=32`))
	wanted := strings.Replace(guests("vm1", "vm2"), "  - name: br1", "    ports:\n      - {name: bad0, device: {vdev: net_nonsense0}}\n  - name: br1", 1)
	result, err := r.apply(api.ApplyRequest{Profile: wanted})
	if err != nil {
		t.Fatal(err)
	}
	const says = "port bad0: OVS says: could not set configuration"
	if len(result.Refused) != 1 || !strings.Contains(result.Refused[0], "port bad0: OVS says: ") {
		t.Errorf("apply refused %q, want %q", result.Refused, says)
	}
	if len(result.RolledBack) > 0 {
		t.Errorf("apply rolled back %q", result.RolledBack)
	}
	if _, ok := r.observed().Row(vswitch.ID{Table: vswitch.IfaceTable, Name: "vm2"}); !ok {
		t.Error("vm2, which nobody refused, is not there")
	}
	s := r.await(monitor.ResultRefused)
	if diff := cmp.Diff(result.Refused, s.refused); diff != "" {
		t.Errorf("the pass after it says otherwise (-apply +pass):\n%s", diff)
	}
	explained, err := r.api.Explain(r.limit(), "bad0")
	if err != nil || explained.Healthy || len(explained.Reasons) == 0 || explained.Reasons[0].Fix == "" {
		t.Errorf("explain bad0: %+v, %v", explained, err)
	}
}

// Who leaves in the middle of an atomic apply leaves nothing half done.
func TestAtomicApplyLeftBehind(t *testing.T) {
	r := newRig(t, dummy, twoBridges)
	r.await(monitor.ResultConverged)
	before := r.observed()
	ctx, leave := context.WithCancel(r.limit())
	defer leave()
	wanted := strings.Replace(twoBridges, "1400", "1300", 1) + "  - {name: br2}\n"
	result, err := r.api.Apply(ctx, api.ApplyRequest{Profile: wanted, Atomic: true}, func(line string) {
		if strings.HasPrefix(line, "step 1") {
			leave()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("apply: %v; want context.Canceled", err)
	}
	if diff := cmp.Diff(dump(before), dump(r.observed())); diff != "" {
		t.Errorf("the apply left (-before +after):\n%s\nrolled back: %q", diff, result.RolledBack)
	}
	if text, err := os.ReadFile(r.profile); err != nil || string(text) != twoBridges {
		t.Errorf("the profile is now\n%s\n%v", text, err)
	}
}

// What cannot be undone is refused by name before anything is done.
func TestAtomicApplyRefusesOneWay(t *testing.T) {
	r := newRig(t, lab.Options{DPDK: true}, guests("vm1"))
	r.await(monitor.ResultConverged)
	before := dump(r.observed())
	_, err := r.apply(api.ApplyRequest{Atomic: true, Profile: strings.Replace(guests("vm1"), "extra:", "tso: true\n  extra:", 1)})
	if err == nil || !strings.Contains(err.Error(), "userspace-tso-enable") || !strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("apply: %v", err)
	}
	if diff := cmp.Diff(before, dump(r.observed())); diff != "" {
		t.Errorf("the refused apply changed (-before +after):\n%s", diff)
	}
}

// A profile that cannot be planned is not installed.
func TestApplyOfNonsense(t *testing.T) {
	r := newRig(t, dummy, twoBridges)
	r.await(monitor.ResultConverged)
	before := dump(r.observed())
	for _, tt := range []struct{ name, profile, says string }{
		{"no profile at all", "nonsense", ""},
		{"what the host cannot carry", strings.Replace(twoBridges, `pmd: "1"`, `pmd: "7"`, 1), "7"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := r.apply(api.ApplyRequest{Profile: tt.profile})
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("apply: %v; want %q in it", err, tt.says)
			}
			if text, err := os.ReadFile(r.profile); err != nil || string(text) != twoBridges {
				t.Errorf("the profile is now\n%s\n%v", text, err)
			}
			if diff := cmp.Diff(before, dump(r.observed())); diff != "" {
				t.Errorf("it changed (-before +after):\n%s", diff)
			}
		})
	}
}
