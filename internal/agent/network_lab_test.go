package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/store"
	"github.com/sluice-nfv/sluice/monitor"
)

// plainOverlay is a host of an overlay without DPDK, whose underlay and guests are
// somebody else's.
func plainOverlay(name, address, more string) string {
	return `
apiVersion: sluice/v1
kind: HostProfile
name: ` + name + `
overlay: {bridge: "", address: ` + address + more + `}
`
}

// plainRig is a host of an overlay without DPDK, with an agent not yet started. Its
// store is the host's own.
func plainRig(t *testing.T, name, address string) *rig {
	t.Helper()
	r := prepare(t, lab.Options{Unconfigured: true})
	r.networkStore()
	// A database that is added cuts all connections, one that is just being made
	// included, which libovsdb 0.8.1 is not safe against (client.go:303).
	l := r.opt.Network.Local
	r.must(store.EnsureLocal(r.limit(), l.Server, l.File, l.Like))
	r.write(plainOverlay(name, address, ""))
	return r
}

func (r *rig) networkStore() {
	r.opt.Network = &NetworkOptions{Local: LocalStore{
		RunDir: r.host.RunDir(), File: r.host.Path("sluice.db"), Like: r.host.Path("conf.db"),
		Server: &unixctl.Client{Program: "ovsdb-server", Socket: r.host.DBCtl()},
	}}
}

// begin starts the agent and waits for a network that is laid.
func (r *rig) begin() {
	r.t.Helper()
	r.start()
	r.await(monitor.ResultConverged)
	r.laid(1)
}

// storeOf is a client of a host's own store.
func storeOf(r *rig) *store.Client {
	r.t.Helper()
	c, err := store.New(store.Options{Endpoints: []string{"unix:" + r.host.DBSocket()}})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(c.Close)
	return c
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// macOf and addressOf are those of guest n.
func macOf(n byte) net.HardwareAddr { return net.HardwareAddr{2, 0, 0, 0, 0, n} }
func addressOf(n byte) netip.Addr   { return netip.AddrFrom4([4]byte{10, 0, 0, n}) }
func guestOf(n byte) string         { return fmt.Sprintf("vm%d", n) }
func guestPort(n byte) logical.SwitchPort {
	return logical.SwitchPort{Name: guestOf(n), MAC: logical.MAC(macOf(n)), Addresses: []netip.Addr{addressOf(n)}, Security: true}
}

// tap is the kernel's side of a guest's interface.
type tap struct {
	r     *rig
	fd    int
	n     byte
	close func() // before the end of the test
}

// plug makes an interface for guest n on br-int, and opens its other end. That outlives
// ovs-vswitchd when it is killed: OVS makes its tap devices persistent.
func (r *rig) plug(n byte) *tap {
	r.t.Helper()
	name := guestOf(n)
	if _, err := r.host.VSCtl(r.limit(), "add-port", "br-int", name, "--", "set", "Interface", name, "type=internal", "external_ids:iface-id="+name); err != nil {
		r.t.Fatal(err)
	}
	return r.open(name, n)
}

// open opens an interface of the host's.
func (r *rig) open(name string, n byte) *tap {
	r.t.Helper()
	g := &tap{r: r, n: n}
	r.until(name+" is there", func() error {
		return r.host.Do(func() error {
			dev, err := net.InterfaceByName(name)
			if err != nil {
				return err
			}
			g.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0x0300) // ETH_P_ALL, big endian
			if err != nil {
				return err
			}
			return unix.Bind(g.fd, &unix.SockaddrLinklayer{Protocol: 0x0300, Ifindex: dev.Index})
		})
	})
	g.close = sync.OnceFunc(func() { _ = unix.Close(g.fd) })
	r.t.Cleanup(g.close)
	for _, args := range [][]string{{"sysctl", "-qw", "net.ipv6.conf." + name + ".disable_ipv6=1"}, {"ip", "link", "set", name, "arp", "off", "up"}} {
		if out, err := r.host.Command(r.limit(), args[0], args[1:]...).CombinedOutput(); err != nil {
			r.t.Fatalf("%s: %v %s", strings.Join(args, " "), err, out)
		}
	}
	return g
}

// frame is a UDP packet to a guest, over Ethernet, with a word that tells it from
// others.
func (g *tap) frame(to byte, word string) []byte {
	ethertype, b := udp(addressOf(g.n), addressOf(to), frameTTL, word)
	return ethernet(logical.MAC(macOf(to)), logical.MAC(macOf(g.n)), ethertype, b)
}

// send sends a frame; one that the interface does not take, as while the switch is
// away, is lost like any other.
func (g *tap) send(frame []byte) { _, _ = unix.Write(g.fd, frame) }

// heard takes all frames that came, and tells whether one had the word.
func (g *tap) heard(word string) bool {
	found := false
	b := make([]byte, 2048)
	for {
		n, from, err := unix.Recvfrom(g.fd, b, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return found
		}
		if l, ok := from.(*unix.SockaddrLinklayer); ok && l.Pkttype != unix.PACKET_OUTGOING && strings.Contains(string(b[:n]), word) {
			found = true
		}
	}
}

// reaches waits until what a guest sends to another is heard there, and returns how
// long that took.
func (g *tap) reaches(other *tap, what string) time.Duration {
	g.r.t.Helper()
	start := time.Now()
	word := fmt.Sprintf("<%s %d>", what, start.UnixNano())
	err := lab.Until(g.r.limit(), guestOf(g.n)+" reaches "+guestOf(other.n)+": "+what, func(context.Context) error {
		g.send(g.frame(other.n, word))
		if other.heard(word) {
			return nil
		}
		return errors.New("it does not")
	})
	if err != nil {
		g.r.t.Fatal(err)
	}
	return time.Since(start)
}

// ofctl runs ovs-ofctl on br-int, as another program would.
func (r *rig) ofctl(args ...string) string {
	r.t.Helper()
	all := []string{"-O", "OpenFlow15", args[0], r.host.Path("br-int.mgmt")}
	out, err := r.host.Command(r.limit(), "ovs-ofctl", append(all, args[1:]...)...).CombinedOutput()
	if err != nil {
		r.t.Fatalf("ovs-ofctl %s: %v %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// held is the flows of br-int, without counters.
func (r *rig) held() string {
	r.t.Helper()
	return r.ofctl("dump-flows", "--no-stats", "--sort=priority")
}

// quiet waits until the bridge holds for a while what it held at its start.
func (r *rig) quiet() {
	r.t.Helper()
	held, since := "", time.Now()
	r.until("the bridge is quiet", func() error {
		if now := r.held(); now != held {
			held, since = now, time.Now()
		}
		if d := time.Since(since); d < 400*time.Millisecond {
			return fmt.Errorf("for %v only", d)
		}
		return nil
	})
}

// groups is the groups of br-int, by their numbers.
func (r *rig) groups() string {
	r.t.Helper()
	lines := strings.Split(r.ofctl("dump-groups"), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
