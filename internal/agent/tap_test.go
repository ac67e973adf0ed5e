package agent

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/lab"
)

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
			if err := unix.SetsockoptInt(g.fd, unix.SOL_PACKET, unix.PACKET_AUXDATA, 1); err != nil {
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

// read takes all frames that came, each with its VLAN apart.
func (g *tap) read(each func(f frame, tag uint16)) {
	b, more := make([]byte, 4096), make([]byte, 64)
	for {
		n, m, _, from, err := unix.Recvmsg(g.fd, b, more, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return
		}
		if l, ok := from.(*unix.SockaddrLinklayer); ok && l.Pkttype != unix.PACKET_OUTGOING {
			each(slices.Clone(frame(b[:n])), vlanOf(more[:m]))
		}
	}
}

// vlanOf is the VLAN of a frame that the kernel has taken the tag of: struct
// tpacket_auxdata of linux/if_packet.h.
func vlanOf(control []byte) uint16 {
	all, _ := unix.ParseSocketControlMessage(control)
	for _, m := range all {
		if m.Header.Level == unix.SOL_PACKET && m.Header.Type == unix.PACKET_AUXDATA && len(m.Data) >= 20 &&
			binary.NativeEndian.Uint32(m.Data)&unix.TP_STATUS_VLAN_VALID != 0 {
			return binary.NativeEndian.Uint16(m.Data[16:]) & 0xfff
		}
	}
	return 0
}

// heard takes all frames that came, and tells whether one had the word.
func (g *tap) heard(word string) (found bool) {
	g.read(func(f frame, _ uint16) { found = found || f.has(word) })
	return found
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
