package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// dropProfile is a host with DPDK; the bridges are the test's own.
const dropProfile = `
apiVersion: sluice/v1
kind: HostProfile
cpu: {pmd: "1", reserved: "0", sleepMax: 200us}
dpdk:
  memory: {model: per-port, sockets: [512], headroom: 0}
  vhost: {socketDir: ${socket_dir}}
  extra: ["--no-pci"]
`

// dropRig is a real OVS with DPDK on which packets are dropped by number: a
// bridge "drop" with a NIC "wire" (net_af_packet), a guest "vm" that takes
// nothing off its queue, and a kernel device "slow" that lets long frames in.
type dropRig struct {
	*rig
	metrics http.Handler
	proved  map[string]bool
	toggle  int
	types   uint16
	clock   *aheadClock
}

// aheadClock is the wall's, and ahead of it.
type aheadClock struct {
	wallClock
	ahead atomic.Int64
}

func (c *aheadClock) Now() time.Time { return c.wallClock.Now().Add(time.Duration(c.ahead.Load())) }

// leaves are the drops of a scrape by "cause", or by "interface direction cause".
type leaves map[string]int64

func newDropRig(t *testing.T) *dropRig {
	t.Helper()
	lab.Require(t, lab.MissingGuests()...)
	r := &dropRig{rig: prepare(t, lab.Options{DPDK: true, Unconfigured: true}), clock: &aheadClock{}, proved: map[string]bool{}, types: 0x9900}
	r.opt.Clock = r.clock
	r.write(dropProfile)
	r.start()
	r.await(monitor.ResultConverged)
	// No device of the host is to speak by itself.
	err := r.host.Do(func() error { return os.WriteFile("/proc/sys/net/ipv6/conf/default/disable_ipv6", []byte("1"), 0o644) })
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	registry, err := monitor.NewRegistry(r.agent.recorder)
	if err != nil {
		t.Fatal(err)
	}
	collector := monitor.NewCollector(t.Context(), r.agent.newScraper(t.Context()), monitor.Options{Now: time.Now, MaxAge: time.Nanosecond})
	r.metrics = monitor.NewHandler(monitor.HandlerOptions{Registry: registry, Collector: collector})
	return r
}

// cable lays a veth pair and returns what sends frames on its far end; the near
// one is named name.
func (r *dropRig) cable(name string) *sender {
	r.t.Helper()
	_, far, err := lab.Link(r.host, name, r.host, name+"far")
	if err != nil {
		r.t.Fatal(err)
	}
	return r.socket(far.Name)
}

// socket is a raw socket on a device of the host.
func (r *dropRig) socket(device string) *sender {
	r.t.Helper()
	s := &sender{t: r.t}
	if err := r.host.Do(func() error { return s.open(device) }); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = unix.Close(s.fd) })
	return s
}

// next is an Ethernet type that no case used before: no cache knows it.
func (r *dropRig) next() uint16 {
	r.types++
	return r.types
}

// line is one series of ovs_drops_total.
var dropLine = regexp.MustCompile(`^ovs_drops_total\{bridge="([^"]*)",cause="([^"]*)",direction="([^"]*)",interface="([^"]*)",scope="([^"]*)"\} (\S+)$`)

// scrape is what the daemon tells.
func (r *dropRig) scrape() string {
	reply := httptest.NewRecorder()
	r.metrics.ServeHTTP(reply, httptest.NewRequestWithContext(r.t.Context(), http.MethodGet, "/metrics", nil))
	return reply.Body.String()
}

// drops scrapes the daemon.
func (r *dropRig) drops() leaves {
	r.t.Helper()
	all := leaves{}
	for text := range strings.Lines(r.scrape()) {
		m := dropLine.FindStringSubmatch(strings.TrimSpace(text))
		if m == nil {
			continue
		}
		n, err := strconv.ParseFloat(m[6], 64)
		if err != nil {
			r.t.Fatal(err)
		}
		name := m[2]
		if m[5] == "port" {
			name = m[4] + " " + m[3] + " " + m[2]
		}
		all[name] = int64(n)
	}
	return all
}

// refresh makes OVS write its statistics now: it does when their interval
// changes (vswitchd/bridge.c, run_stats_update).
func (r *dropRig) refresh() {
	r.t.Helper()
	r.toggle++
	r.vsctl("set", "Open_vSwitch", ".", fmt.Sprintf("other_config:stats-update-interval=%d", 5000+r.toggle%2))
}

// dropsBy drops packets, and waits until exactly the wanted leaves went up by
// exactly so much, and nothing else; then looks again, when every counter was
// written anew.
func (r *dropRig) dropsBy(what string, want leaves, drop func()) {
	r.t.Run(what, func(t *testing.T) {
		outer := r.t
		r.t = t
		defer func() { r.t = outer }()
		r.refresh()
		before := r.drops()
		drop()
		differ := func() error {
			r.refresh()
			if diff := cmp.Diff(want, r.drops().since(before)); diff != "" {
				return errors.New("-want +got:\n" + diff)
			}
			return nil
		}
		if err := lab.Until(r.limit(), "the drops are counted", func(context.Context) error { return differ() }); err != nil {
			t.Fatalf("%v\n%s", err, r.appctl("dpctl/dump-flows", "-m", "netdev@ovs-netdev"))
		}
		for range 2 {
			if err := differ(); err != nil {
				t.Errorf("a moment later: %v", err)
			}
		}
		for name := range want {
			words := strings.Fields(name)
			r.proved[strings.Join(words[max(len(words)-2, 0):], " ")] = true
		}
	})
}

// since is what went up.
func (l leaves) since(before leaves) leaves {
	more := leaves{}
	for name, n := range l {
		if d := n - before[name]; d != 0 {
			more[name] = d
		}
	}
	return more
}

// written waits until OVS has written that a port dropped so many packets more, lets it
// read all counters twice more, and says that the time of two intervals has passed: only
// then is it known that no cause explains them (monitor.DropLedger).
func (r *dropRig) written(port string, packets int64, drop func()) {
	r.t.Helper()
	dropped := func() int64 {
		n, err := strconv.ParseInt(strings.TrimSpace(r.vsctl("get", "Interface", port, "statistics:tx_dropped")), 10, 64)
		if err != nil {
			r.t.Fatal(err)
		}
		return n
	}
	before := dropped()
	drop()
	r.until("OVS has written what port "+port+" dropped", func() error {
		r.refresh()
		if n := dropped() - before; n != packets {
			return fmt.Errorf("%d packets", n)
		}
		return nil
	})
	for range 2 {
		r.refresh()
		r.drops()
	}
	r.clock.ahead.Add(int64(11 * time.Second))
}

// settled are the drops when two looks a second apart agree: threads add their
// counts once a second.
func (r *dropRig) settled() leaves {
	r.t.Helper()
	var last leaves
	var at time.Time
	r.until("the drops stand still", func() error {
		r.refresh()
		now := r.drops()
		if !maps.Equal(now, last) {
			last, at = now, time.Now()
		}
		if time.Since(at) < 1200*time.Millisecond {
			return errors.New("not for a second yet")
		}
		return nil
	})
	return last
}

// ofctl runs ovs-ofctl.
func (r *dropRig) ofctl(args ...string) {
	r.t.Helper()
	if out, err := r.host.Command(r.limit(), "ovs-ofctl", append([]string{"-O", "OpenFlow15"}, args...)...).CombinedOutput(); err != nil {
		r.t.Fatalf("ovs-ofctl %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// appctl runs ovs-appctl.
func (r *dropRig) appctl(args ...string) string {
	r.t.Helper()
	out, err := r.host.AppCtl(r.limit(), args...)
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

// flows replaces the flows of a bridge, and forgets the megaflows of the former.
func (r *dropRig) flows(bridge string, flows ...string) {
	r.t.Helper()
	r.ofctl("del-flows", bridge)
	for _, f := range flows {
		r.ofctl("add-flow", bridge, f)
	}
	r.appctl("revalidator/purge")
}

// portNumber is a port's number in the datapath.
func (r *dropRig) portNumber(name string) string {
	r.t.Helper()
	number := ""
	r.until("the datapath has port "+name, func() error {
		m := regexp.MustCompile(`port (\d+): ` + regexp.QuoteMeta(name) + `\s`).FindStringSubmatch(r.appctl("dpctl/show", "netdev@ovs-netdev") + "\n")
		if m == nil {
			return errors.New("it has not")
		}
		number = m[1]
		return nil
	})
	return number
}

// sync lets ovs-vsctl wait for the switch.
func (r *dropRig) sync(args ...string) {
	r.t.Helper()
	if _, err := r.host.VSCtl(r.limit(), args...); err != nil {
		r.t.Fatal(err)
	}
}

// unproved returns the causes that the tests dropped nothing by, though the table
// says so, and those that it calls unproved, though they did.
func (r *dropRig) unproved() (missing, surplus []string) {
	for _, c := range monitor.DropCauses() {
		name := strings.TrimSpace(string(c.Direction) + " " + c.Cause)
		switch proved := r.proved[name]; {
		case !proved && c.Unproved == "":
			missing = append(missing, name)
		case proved && c.Unproved != "":
			surplus = append(surplus, name)
		}
	}
	return slices.Sorted(slices.Values(missing)), slices.Sorted(slices.Values(surplus))
}

// idleGuest starts the guest of port vm, which takes nothing off its queue.
func (r *dropRig) idleGuest() {
	r.t.Helper()
	socket := r.socketOf("vm")
	r.sync("add-port", "drop", "vm", "--", "set", "Interface", "vm", "type=dpdkvhostuserclient", "options:vhost-server-path="+socket)
	g, err := r.host.StartVirtioUser(r.limit(), lab.GuestOptions{Socket: socket, MAC: []byte{2, 0, 0, 0, 1, 9}, Idle: true})
	if err != nil {
		r.t.Fatal(err)
	}
	if err := g.Connected(r.limit()); err != nil {
		r.t.Fatal(err)
	}
	r.until("the guest is connected", func() error {
		out, err := r.host.VSCtl(r.limit(), "get", "Interface", "vm", "link_state")
		if err == nil && strings.TrimSpace(out) != "up" {
			err = fmt.Errorf("link %s", out)
		}
		return err
	})
}

// megaflow adds a flow to the datapath past all bridges; revalidators would take
// it back, so they are to be paused.
func (r *dropRig) megaflow(recirculation int, in string, etherType uint16, actions string) {
	r.t.Helper()
	key := fmt.Sprintf("recirc_id(%d),in_port(%s),packet_type(ns=0,id=0),eth(),eth_type(0x%04x)", recirculation, in, etherType)
	r.appctl("dpctl/add-flow", "netdev@ovs-netdev", key, actions)
}

// errNotYet is what a wait says that has nothing to add.
var errNotYet = errors.New("not yet")

// dropLog matches the warnings of modules of ovs-vswitchd.
func dropLog(modules string) *regexp.Regexp {
	return regexp.MustCompile(`\|(` + modules + `)`)
}

// long raises the MTU of devices, so that frames longer than a port of DPDK
// takes come in.
func (r *dropRig) long(devices ...string) {
	r.t.Helper()
	for _, d := range devices {
		if out, err := r.host.Command(r.limit(), "ip", "link", "set", d, "mtu", "9000").CombinedOutput(); err != nil {
			r.t.Fatalf("%v: %s", err, out)
		}
	}
}
