package agent

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch/vswitchtest"
	"github.com/sluice-nfv/sluice/monitor"
)

// TestAdoptAndRelease takes over a host that was set up by hand, and gives it
// back: all the while it is the same to everybody else.
func TestAdoptAndRelease(t *testing.T) {
	r := prepare(t, lab.Options{DPDK: true})
	r.start()
	socket := filepath.Join(r.host.SocketDir(), "vm1", "vm1.sock")
	if err := os.MkdirAll(filepath.Dir(socket), 0o750); err != nil {
		t.Fatal(err)
	}
	if out, err := r.host.VSCtl(t.Context(),
		"add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev", "--",
		"add-port", "br0", "null0", "tag=7", "--", "set", "interface", "null0", "type=dpdk", "options:dpdk-devargs=net_null0", "options:n_rxq=2", "--",
		"add-port", "br0", "vm1", "--", "set", "interface", "vm1", "type=dpdkvhostuserclient", "options:vhost-server-path="+socket, "--",
		"add-port", "br0", "gnv", "--", "set", "interface", "gnv", "type=geneve", "options:remote_ip=192.0.2.1"); err != nil {
		t.Fatal(out, err)
	}
	before := r.seen()
	dry, err := r.api.Adopt(t.Context(), api.AdoptRequest{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s\n%q", dry.Profile, dry.Left)
	if diff := cmp.Diff(before, r.seen()); diff != "" {
		t.Fatalf("a dry run changed (-was +is):\n%s", diff)
	}
	if _, err := r.api.Adopt(t.Context(), api.AdoptRequest{}); err != nil {
		t.Fatal(err)
	}
	if s := r.await(monitor.ResultConverged); s.made != 0 {
		t.Errorf("the pass after adoption made %d changes", s.made)
	}
	adopted := r.seen()
	for _, id := range []vswitch.ID{{Table: vswitch.PortTable, Name: "null0"}, {Table: vswitch.IfaceTable, Name: "vm1"}, {Table: vswitch.BridgeTable, Name: "br0"}} {
		if row, ok := adopted.Row(id); !ok || row.Mark.Owner != vswitch.OwnerAdopted {
			t.Errorf("%s has owner %q, want adopted", id, row.Mark.Owner)
		}
	}
	if diff := cmp.Diff(vswitchtest.Unmarked(before), vswitchtest.Unmarked(adopted)); diff != "" {
		t.Errorf("adoption changed (-was +is):\n%s", diff)
	}
	if _, err := r.api.Release(t.Context(), api.ReleaseRequest{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, r.seen()); diff != "" {
		t.Errorf("adoption and release changed (-was +is):\n%s", diff)
	}
	if info, err := os.Stat(filepath.Dir(socket)); err != nil || info.Mode().Perm() != 0o750 {
		t.Errorf("the socket's directory: %v, %v", info.Mode(), err)
	}
}

// seen returns the database as observed, without what OVS itself reports.
func (r *rig) seen() vswitch.Observed {
	r.t.Helper()
	db, err := r.agent.db.get()
	if err != nil {
		r.t.Fatal(err)
	}
	o, err := db.Observe(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	for i := range o.Rows {
		o.Rows[i].Status = nil
		if len(o.Rows[i].Mark.Keys) == 0 {
			o.Rows[i].Mark.Keys = nil
		}
	}
	return vswitch.Observed{Rows: o.Rows}
}
