package agent

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
)

// After a restart of ovs-vswitchd the database may go on saying that a guest is
// not connected that is. Explain knows by the port's counters, and its remedy helps.
func TestGuestThatTheDatabaseDenies(t *testing.T) {
	lab.Require(t, lab.MissingGuests()...)
	r := newRig(t, lab.Options{DPDK: true}, guests("vm1", "vm2"))
	r.await(monitor.ResultConverged)
	if _, err := r.host.StartVirtioUser(r.limit(), lab.GuestOptions{Socket: r.socketOf("vm1"), MAC: []byte{2, 0, 0, 0, 1, 1}, Mode: lab.TxOnly}); err != nil {
		t.Fatal(err)
	}
	r.connected("vm1", true)
	r.vsctl("set", "Interface", "vm1", "status:status=disconnected", "link_state=down") // OVS does not heed these columns
	r.until("explain knows that packets came in", func() error {
		explained, err := r.api.Explain(r.limit(), "vm1")
		if err != nil {
			return err
		}
		if said := text(explained); !strings.HasPrefix(said, "the database says that no guest is connected, but the port has received ") ||
			!strings.Contains(said, "ovs-vsctl set Interface vm1 external_ids:refresh=1") {
			return errors.New("it says\n" + said)
		}
		return nil
	})
	if explained, err := r.api.Explain(r.limit(), "vm2"); err != nil || strings.Contains(text(explained), "received") {
		t.Errorf("of a guest that never came: %v\n%s", err, text(explained))
	}
	if _, err := r.host.VSCtl(r.limit(), "set", "Interface", "vm1", "external_ids:refresh=1"); err != nil {
		t.Fatal(err)
	}
	r.connected("vm1", true)
}

// Such a guest keeps its port as any other does, until somebody gives his word.
func TestGuestThatTheDatabaseDeniesKeepsItsPort(t *testing.T) {
	lab.Require(t, lab.MissingGuests()...)
	r := newRig(t, lab.Options{DPDK: true}, guests("vm1", "vm2"))
	r.await(monitor.ResultConverged)
	r.stop()
	if _, err := r.host.StartVirtioUser(r.limit(), lab.GuestOptions{Socket: r.socketOf("vm1"), MAC: []byte{2, 0, 0, 0, 1, 1}, Mode: lab.TxOnly}); err != nil {
		t.Fatal(err)
	}
	r.reads("connected", "get", "Interface", "vm1", "status:status")
	deny := func() { r.vsctl("set", "Interface", "vm1", "status:status=disconnected", "link_state=down") }
	deny() // OVS does not heed these columns
	r.start()
	r.until("the facts tell of the guest of vm1 alone", func() error {
		facts, err := r.agent.facts(r.limit())
		if err != nil {
			return err
		}
		for port, want := range map[string]bool{"vm1": true, "vm2": false} {
			row, _ := facts.Observed().Row(vswitch.ID{Table: vswitch.IfaceTable, Name: port})
			if row.Status == nil || strings.Contains(row.Status.Guest, " packets came from its guest") != want {
				return fmt.Errorf("of %s they say %+v", port, row.Status)
			}
		}
		return nil
	})

	socket := filepath.Join(r.sockets, "other", "vm1", "s")
	if err := os.MkdirAll(filepath.Dir(socket), 0o755); err != nil {
		t.Fatal(err)
	}
	r.write(guests("vm1 socket: "+socket, "vm2"))
	r.until("vm1 waits to be made again", func() error {
		s := r.agent.state.get()
		if len(s.pending) < 3 || s.pending[0].Op != vswitch.Delete || s.pending[1].Op != vswitch.Create || s.pending[0].Class != vswitch.PortRestart {
			return fmt.Errorf("pending is %v", s.pending)
		}
		return nil
	})
	r.write(guests("vm2"))
	r.until("the deletion of vm1 waits", func() error {
		s := r.agent.state.get()
		if len(s.pending) != 1 || s.pending[0].Op != vswitch.Delete || !strings.HasPrefix(s.pending[0].Note, "in use: its traffic ends; OVS says that vm1 is disconnected, but ") {
			return fmt.Errorf("pending is %v", s.pending)
		}
		return nil
	})
	if result, err := r.apply(api.ApplyRequest{}); err != nil || len(result.Pending)+len(result.Refused) > 0 {
		t.Fatalf("apply: %v, %+v", err, result)
	}
	r.await(monitor.ResultConverged)
}

// While ovs-vswitchd starts anew no guest is connected: who was before keeps the
// port for a while, though nothing tells of a guest but what the daemon has seen.
func TestGuestKeepsItsPortOverARestart(t *testing.T) {
	r := newRig(t, lab.Options{DPDK: true}, guests("vm1", "vm2"))
	r.host.Allow(regexp.MustCompile(`last_used_idx .* mismatches|some packets maybe resent`))
	r.await(monitor.ResultConverged)
	guest := r.guest(r.socketOf("vm1"), 1)
	r.connected("vm1", true)
	r.write(guests("vm2"))
	r.await(monitor.ResultPending)
	was := r.port("vm1").UUID
	r.step(r.host.StopVswitchd)
	if err := guest.Close(); err != nil {
		t.Fatal(err)
	}
	r.step(r.host.StartVswitchd)
	r.connected("vm1", false)
	s := r.await(monitor.ResultPending)
	const note = "OVS says that vm1 is disconnected, but its guest was connected before ovs-vswitchd started anew, and may be about to come back"
	if len(s.pending) != 1 || s.pending[0].ID.Name != "vm1" || !strings.Contains(s.pending[0].Note, note) {
		t.Errorf("pending is %v, want the deletion of vm1\n%s", s.pending, note)
	}
	if is := r.port("vm1").UUID; is != was {
		t.Error("the port was made again")
	}
}
