package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/host/hosttest"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
)

// fakeSwitch answers a control socket as a release of OVS was recorded to, or not
// at all, beside a real database without a switch.
type fakeSwitch struct {
	t    *testing.T
	host *lab.Host
	dir  string // of the recorded replies

	mu    sync.Mutex
	spoil func(command, text string) []byte // what goes over the wire instead; nil = nothing, and the connection stays open
	asked map[string]int
	clock *shiftedClock
}

// shiftedClock is the machine's clock, put forward as a test wants.
type shiftedClock struct{ shift atomic.Int64 }

// Now is the machine's time and what was added to it.
func (c *shiftedClock) Now() time.Time { return time.Now().Add(time.Duration(c.shift.Load())) }

// After waits on the machine's clock.
func (c *shiftedClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// later puts the daemon's clock forward.
func (f *fakeSwitch) later(d time.Duration) { f.clock.shift.Add(int64(d)) }

// newFakeSwitch serves the replies of a release.
func newFakeSwitch(t *testing.T, release string) *fakeSwitch {
	t.Helper()
	f := &fakeSwitch{t: t, host: lab.New(t, lab.Options{Dummy: true, DBOnly: true, Unconfigured: true}), dir: filepath.Join("testdata", "scrape", release), asked: map[string]int{}, clock: &shiftedClock{}}
	pid := os.Getpid()
	l, err := net.Listen("unix", f.host.Path(fmt.Sprintf("ovs-vswitchd.%d.ctl", pid)))
	if err != nil {
		t.Fatal(err)
	}
	pidfile := f.host.Path("ovs-vswitchd.pid")
	if err := os.WriteFile(pidfile, fmt.Appendln(nil, pid), 0o644); err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	ctx, end := context.WithCancel(context.Background())
	served.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			served.Go(func() { f.serve(ctx, conn) })
		}
	})
	t.Cleanup(func() { end(); _ = l.Close(); served.Wait(); _ = os.Remove(pidfile) })
	return f
}

func (f *fakeSwitch) serve(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	requests := json.NewDecoder(conn)
	for f.answer(conn, requests) {
	}
}

// answer answers one request, and tells whether the connection goes on.
func (f *fakeSwitch) answer(conn net.Conn, requests *json.Decoder) bool {
	var request struct {
		ID     int      `json:"id"`
		Method string   `json:"method"`
		Params []string `json:"params"`
	}
	if requests.Decode(&request) != nil {
		return false
	}
	f.mu.Lock()
	f.asked[request.Method]++
	spoil := f.spoil
	f.mu.Unlock()
	reply := map[string]any{"id": 1, "error": nil}
	text, err := os.ReadFile(filepath.Join(f.dir, strings.NewReplacer("/", "_", " ", "_").Replace(request.Method)+".txt"))
	if err != nil {
		reply = map[string]any{"id": 1, "error": fmt.Sprintf("%q is not a valid command (use \"list-commands\" to see a list of valid commands)\n", request.Method)}
	} else {
		reply["result"] = string(text)
	}
	wire, _ := json.Marshal(reply)
	if spoil != nil && request.Method != "version" {
		if wire = spoil(request.Method, string(text)); wire == nil {
			_, _ = io.Copy(io.Discard, conn) // until the daemon gives up
			return false
		}
	}
	wire = bytes.Replace(wire, []byte(`"id":1`), fmt.Appendf(nil, `"id":%d`, request.ID), 1)
	_, err = conn.Write(wire)
	return err == nil && json.Valid(wire)
}

// spoiled makes the switch answer otherwise; nil = as recorded.
func (f *fakeSwitch) spoiled(with func(command, text string) []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.spoil = with
}

func (f *fakeSwitch) times(command string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked[command]
}

func (f *fakeSwitch) vsctl(args ...string) {
	f.t.Helper()
	if out, err := f.host.VSCtl(f.t.Context(), append([]string{"--no-wait"}, args...)...); err != nil {
		f.t.Fatalf("%v: %v %s", args, err, out)
	}
}

// furnish fills the database with what such a switch writes into it.
func (f *fakeSwitch) furnish() {
	f.t.Helper()
	f.vsctl("set", "Open_vSwitch", ".", "dpdk_initialized=true", `dpdk_version="DPDK 22.11.11"`)
	f.vsctl("add-br", "br0", "--", "set", "Bridge", "br0", "datapath_type=netdev", "fail_mode=standalone")
	f.vsctl("add-bond", "br0", "bond0", "b1", "b2", "lacp=active")
	f.vsctl("add-port", "br0", "g0", "--", "set", "Interface", "g0", "type=dpdkvhostuserclient", "external_ids:iface-id=lp0",
		"admin_state=up", "link_state=up", "mtu=1500", "link_resets=2", "status:mode=client", "status:status=connected", "status:numa=1",
		"status:num_of_vrings=2", "status:vring_0_size=256", "status:vring_1_size=1024", "status:features=0x0000000950008000", "status:socket=/run/g0",
		"statistics:rx_packets=7", "statistics:ovs_tx_retries=3", "statistics:rx_q0_good_packets=7")
	f.vsctl("add-port", "br0", "q\"uo\nte\\", "--", "set", "Interface", "b1", "statistics:tx_packets=-1", "statistics:rx_packets=9007199254740992")
	f.vsctl("add-port", "br0", "gnv", "--", "set", "Interface", "gnv", "type=geneve", "options:remote_ip=192.0.2.9", "options:key=flow",
		"bfd_status:state=up", "bfd_status:flap_count=3", "bfd_status:forwarding=true", "error=boom",
		"status:tunnel_egress_iface=br-phy", "status:tunnel_egress_iface_carrier=down")
}

// agent is a daemon's reading side: nothing is reconciled.
func (f *fakeSwitch) agent() *rig {
	f.t.Helper()
	r := &rig{t: f.t, host: f.host, log: &logBook{t: f.t}}
	r.opt = Options{
		Profile: filepath.Join(f.t.TempDir(), "host.yaml"), Hostname: "lab", Database: f.host.DBEndpoint(), RunDir: f.host.RunDir(),
		Host: hosttest.Tree(f.t, "vm2"), Clock: f.clock,
	}
	r.agent = New(r.opt)
	db, err := ovsdb.Dial(r.limit(), r.opt.Database, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(db.Close)
	r.agent.db.set(db, nil)
	return r
}
