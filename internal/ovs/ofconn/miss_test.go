package ofconn_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// missActions is what the datapath does with a packet that no flow of the bridge is for.
func missActions(t *testing.T, trace func(args ...string) string) string {
	t.Helper()
	out := trace("ofproto/trace", bridge, "in_port=p1,dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02")
	_, actions, ok := strings.Cut(out, "Datapath actions: ")
	if !ok {
		t.Fatal(out)
	}
	return strings.TrimSpace(actions)
}

// TestMissesStayInTheDatapath: a session that is held, and asks for counters alone,
// sends no miss to the slow path; one that has only said hello does, for OVS does not
// know then which version it speaks (ofproto/connmgr.c, update_want_packet_in_on_miss).
func TestMissesStayInTheDatapath(t *testing.T) {
	h := startSwitch(t)
	trace := func(args ...string) string {
		out, err := h.AppCtl(t.Context(), args...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := missActions(t, trace); got != "drop" {
		t.Fatalf("with nobody connected: %s", got)
	}
	s := dial(t, h)
	for range 3 {
		if got := missActions(t, trace); got != "drop" {
			t.Errorf("with a session: %s", got)
		}
		if _, err := s.TableStats(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := net.Dial("unix", ofconn.Socket(h.RunDir(), bridge))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(of.AppendHello(nil, 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, of.HeaderLen)); err != nil { // its hello: unread, it would be a reset
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(missActions(t, trace), "userspace"); {
		if time.Now().After(deadline) {
			t.Fatal("a connection of an unknown version changes nothing: the test proves nothing")
		}
	}
}
