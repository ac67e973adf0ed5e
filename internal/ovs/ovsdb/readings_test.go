package ovsdb_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
)

// TestReadings: what vswitchd writes of an interface, and that an empty column
// is told from a 0.
func TestReadings(t *testing.T) {
	h := server(t)
	c := dial(t, h)
	vsctl(t, h, "add-br", "br0")
	vsctl(t, h, "add-port", "br0", "p0")
	vsctl(t, h, "set", "Interface", "p0", "statistics:rx_packets=5", "statistics:tx_q0_good_bytes=9007199254740991",
		"link_resets=0", "lacp_current=false", "bfd_status:state=up", "bfd_status:flap_count=3")
	got, err := c.Readings(limit(t))
	if err != nil {
		t.Fatal(err)
	}
	zero, not := int64(0), false
	want := map[string]ovsdb.Reading{
		"br0": {Statistics: map[string]int64{}},
		"p0": {
			Statistics: map[string]int64{"rx_packets": 5, "tx_q0_good_bytes": 9007199254740991},
			LinkResets: &zero, LACPCurrent: &not, BFD: map[string]string{"state": "up", "flap_count": "3"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("readings (-want +got):\n%s", diff)
	}
}

// TestReadingsAreSelected: after any change, the readings are those that a select tells,
// also when the connection by which they are followed has ended meanwhile, and those
// that were told before stay as they were.
func TestReadingsAreSelected(t *testing.T) {
	h := server(t)
	c := dial(t, h)
	random := rand.New(rand.NewPCG(1, 2))
	vsctl(t, h, "add-br", "br0")
	ports := []string{"br0"}
	var before, kept map[string]ovsdb.Reading
	for step := range 60 {
		port := ports[random.IntN(len(ports))]
		key := []string{"rx_packets", "tx_packets", "rx_q0_good_packets"}[random.IntN(3)]
		switch change := random.IntN(8); {
		case change == 0 && len(ports) < 8:
			port = fmt.Sprintf("p%d", step)
			ports = append(ports, port)
			vsctl(t, h, "add-port", "br0", port, "--", "set", "Interface", port, "statistics:rx_packets=1", "lacp_current=true")
		case change == 1 && port != "br0":
			ports = slices.DeleteFunc(ports, func(p string) bool { return p == port })
			vsctl(t, h, "del-port", "br0", port)
		case change == 2:
			vsctl(t, h, "remove", "Interface", port, "statistics", key)
		case change == 3:
			vsctl(t, h, "clear", "Interface", port, []string{"statistics", "bfd_status", "lacp_current", "link_resets"}[random.IntN(4)])
		case change == 4:
			vsctl(t, h, "set", "Interface", port, fmt.Sprintf("link_resets=%d", random.IntN(3)), "lacp_current=false", fmt.Sprintf("bfd_status:state=%d", random.IntN(2)))
		case change == 5:
			c.DropFollower()
		default:
			vsctl(t, h, "set", "Interface", port, fmt.Sprintf("statistics:%s=%d", key, random.IntN(4)-1))
		}
		want, err := c.Selected(limit(t))
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Readings(limit(t))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("step %d (-selected +followed):\n%s", step, diff)
		}
		if diff := cmp.Diff(kept, before); diff != "" {
			t.Fatalf("step %d: what was told before is now (-was +is):\n%s", step, diff)
		}
		before, kept = got, want
	}
}

// TestReadingsOfASilentServer: who asks a server that hangs waits as long as it wants to,
// and is served again when the server is well.
func TestReadingsOfASilentServer(t *testing.T) {
	h := server(t)
	c := dial(t, h)
	vsctl(t, h, "add-br", "br0")
	if _, err := c.Readings(limit(t)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(h.Path("ovsdb-server.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGCONT) })
	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := c.Readings(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the deadline", err)
	}
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Readings(limit(t)); err != nil || len(got) != 1 {
		t.Errorf("%v, %v", got, err)
	}
}
