package agent

import (
	"context"
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

// A port whose guest is connected is deleted with the operator's word only, and
// until then its guest notices nothing.
func TestConnectedGuestKeepsItsPort(t *testing.T) {
	r := newRig(t, lab.Options{DPDK: true}, guests("vm1", "vm2"))
	r.await(monitor.ResultConverged)
	socket := r.socketOf("vm1")
	r.guest(socket, 1)
	r.connected("vm1", true)
	r.write(guests("vm2"))
	s := r.await(monitor.ResultPending)
	if len(s.pending) != 1 || s.pending[0].Op != vswitch.Delete || s.pending[0].ID.Name != "vm1" || !strings.Contains(s.pending[0].Note, "in use") {
		t.Errorf("pending is %v, want the deletion of vm1", s.pending)
	}
	if got := r.metric(`sluice_pending_changes{class="port_restart"}`); got != "1" {
		t.Errorf("the metric says %q port restarts wait", got)
	}
	if status := r.status(); len(status.Pending) != 1 || status.Pending[0].Automatic {
		t.Errorf("status says pending is %+v", status.Pending)
	}
	r.connected("vm1", true)
	if _, err := os.Lstat(socket); err != nil {
		t.Errorf("the socket of the connected guest: %v", err)
	}
	result, err := r.apply(api.ApplyRequest{})
	if err != nil || len(result.Pending)+len(result.Refused) > 0 {
		t.Fatalf("apply: %v, %+v", err, result)
	}
	if _, still := r.observed().Row(vswitch.ID{Table: vswitch.PortTable, Name: "vm1"}); still {
		t.Error("the port is still there after the apply")
	}
	if _, err := os.Lstat(filepath.Dir(socket)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory of the deleted port: %v", err)
	}
	r.await(monitor.ResultConverged)
}

// Another socket is another port to OVS: it is made again in a second step, by
// itself while nobody is connected, with the word while somebody is.
func TestChangedSocketTakesTwoSteps(t *testing.T) {
	r := newRig(t, lab.Options{DPDK: true}, guests("vm1"))
	r.await(monitor.ResultConverged)
	at := func(dir string) (profile, socket string) {
		socket = filepath.Join(r.sockets, dir, "vm1", "s")
		if err := os.MkdirAll(filepath.Dir(socket), 0o755); err != nil {
			t.Fatal(err)
		}
		return guests("vm1 socket: " + socket), socket
	}
	was := r.port("vm1").UUID
	profile, socket := at("a")
	r.write(profile)
	r.reads(fmt.Sprintf("%q", socket), "get", "Interface", "vm1", "options:vhost-server-path")
	r.await(monitor.ResultConverged)
	if is := r.port("vm1").UUID; is == was {
		t.Error("the port was not made again: OVS reads a socket's path once")
	}
	r.guest(socket, 1)
	r.connected("vm1", true)

	was = r.port("vm1").UUID
	profile, next := at("b")
	r.write(profile)
	r.await(monitor.ResultPending)
	if is := r.port("vm1").UUID; is != was {
		t.Error("the port of a connected guest was made again without a word")
	}
	r.connected("vm1", true)
	result, err := r.apply(api.ApplyRequest{})
	if err != nil || len(result.Pending)+len(result.Refused) > 0 {
		t.Fatalf("apply: %v, %+v", err, result)
	}
	if len(result.Plan.Steps) != 2 {
		t.Errorf("the plan has %d steps, want 2: %+v", len(result.Plan.Steps), result.Plan.Steps)
	}
	r.guest(next, 2)
	r.connected("vm1", true)
}

// The daemon ends, the switch restarts, the daemon starts: guests find the switch
// again, packets flow, and nobody had to write anything for that.
func TestGuestsReconnect(t *testing.T) {
	lab.Require(t, lab.MissingGuests()...)
	r := newRig(t, lab.Options{DPDK: true}, guests("vm1", "vm2"))
	// Guests that outlive the switch have packets in flight.
	r.host.Allow(regexp.MustCompile(`last_used_idx .* mismatches|some packets maybe resent`))
	r.await(monitor.ResultConverged)
	for i, name := range []string{"vm1", "vm2"} {
		mode := []lab.Mode{lab.TxOnly, lab.RxOnly}[i]
		if _, err := r.host.StartVirtioUser(r.limit(), lab.GuestOptions{Socket: r.socketOf(name), MAC: []byte{2, 0, 0, 0, 1, byte(i)}, Mode: mode}); err != nil {
			t.Fatal(err)
		}
	}
	flows := func() {
		t.Helper()
		before := r.counter("vm2", "tx_packets")
		r.until("packets reach vm2", func() error {
			if now := r.counter("vm2", "tx_packets"); now < before+1000 {
				return fmt.Errorf("%d packets, then %d", before, now)
			}
			return nil
		})
	}
	r.connected("vm1", true)
	r.connected("vm2", true)
	flows()
	before := r.observed()
	r.stop()
	r.step(r.host.StopVswitchd)
	r.step(r.host.StartVswitchd)
	r.start()
	r.await(monitor.ResultConverged)
	// By their packets: of a guest that is there again at once, OVS 3.1 may go on
	// saying what was true before it was, see docs/operation.md.
	flows()
	if now := r.observed(); now.NextCfg != before.NextCfg {
		t.Errorf("next_cfg went from %d to %d", before.NextCfg, now.NextCfg)
	}
}

// counter reads one counter of a port, as status tells it.
func (r *rig) counter(port, name string) int64 {
	r.t.Helper()
	p, err := r.api.Port(r.limit(), port)
	if err != nil {
		r.t.Fatal(err)
	}
	return p.Counters[name]
}

// port returns a Port row.
func (r *rig) port(name string) vswitch.ObservedRow {
	r.t.Helper()
	row, ok := r.observed().Row(vswitch.ID{Table: vswitch.PortTable, Name: name})
	if !ok {
		r.t.Fatalf("no port %s", name)
	}
	return row
}

// socketOf is where a port's socket is by default.
func (r *rig) socketOf(port string) string {
	r.t.Helper()
	socket := filepath.Join(r.sockets, port, port+".sock")
	if err := os.MkdirAll(filepath.Dir(socket), 0o755); err != nil {
		r.t.Fatal(err)
	}
	return socket
}

// guest starts a guest and waits until the switch has found it.
func (r *rig) guest(socket string, last byte) *lab.Guest {
	r.t.Helper()
	lab.Require(r.t, lab.MissingGuests()...)
	g, err := r.host.StartVirtioUser(r.limit(), lab.GuestOptions{Socket: socket, MAC: []byte{2, 0, 0, 0, 1, last}})
	if err != nil {
		r.t.Fatal(err)
	}
	if err := g.Connected(r.limit()); err != nil {
		r.t.Fatal(err)
	}
	return g
}

// connected waits until status says so of a port's guest.
func (r *rig) connected(port string, want bool) {
	r.t.Helper()
	err := lab.Until(r.limit(), fmt.Sprintf("status says connected=%v of %s", want, port), func(ctx context.Context) error {
		p, err := r.api.Port(ctx, port)
		switch {
		case err != nil:
			return err
		case p.Connected == nil || *p.Connected != want:
			return fmt.Errorf("it says %+v", p)
		}
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
}
