package difftest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/flows/simulate"
	"github.com/sluice-nfv/sluice/internal/golden"
)

// recordings are the traces of TestFollow, by name: "HOST: in_port=N,FLOW", then
// the reply.
func recordings(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/*/*.trace")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d recordings: %v", len(files), err)
	}
	all := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(file, "testdata/")] = string(text)
	}
	return all
}

// TestExecute: what recorded traces do to their packets.
func TestExecute(t *testing.T) {
	var got strings.Builder
	for _, file := range []string{
		"ARP", "ND", "daemon", "dropped", "echo", "flooded", "routed", "routed-v6", "tagged", "too-big", "too-old",
	} {
		head, text, _ := strings.Cut(recordings(t)["3.1.0/"+file+".trace"], "\n")
		_, flow, _ := strings.Cut(head, ",")
		p, err := simulate.ParsePacket(flow)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		trace, err := ParseTrace(text)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out, err := Execute(trace, p)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		fmt.Fprintf(&got, "%s: %s\n", file, flow)
		for _, e := range out {
			switch {
			case e.Punt != nil:
				fmt.Fprintf(&got, "  for the daemon: reason %d, userdata %q\n", e.Punt.Reason, e.Punt.Userdata)
			case e.Tunnel != nil:
				fmt.Fprintf(&got, "  to port %d in a tunnel %s > %s, VNI %d, option %s: %s\n", e.Port, e.Tunnel.Src, e.Tunnel.Dst, e.Tunnel.VNI, e.Tunnel.Option, e.Packet)
			default:
				fmt.Fprintf(&got, "  to port %d: %s\n", e.Port, e.Packet)
			}
		}
	}
	golden.Check(t, "testdata/executed.txt", got.String())
}

// TestExecuteRefuses: what the tests have no words for is an error, never passed by.
func TestExecuteRefuses(t *testing.T) {
	for actions, want := range map[string]string{
		"set(mpls(label=5)),4":                  "a field that the tests do not know",
		"set(ipv4(src=10.0.0.0/255.0.255.0)),4": "is not the whole field",
		"set(ipv4(src=10.0.0.0/255.128.0.0)),4": "is not the whole field",
		"ct(commit),4":                          "an action that the tests do not know",
		"recirc(0x7)":                           "the trace has no such pass",
		"userspace(pid=0,sFlow(vid=0))":         "not for the controller",
		"tnl_push(tnl_port(1),header(size=50,type=4,vxlan(flags=0x8000000,vni=0x7)),out_port(1)),1": "no Geneve header",
	} {
		a, err := ParseActions(actions)
		if err != nil {
			t.Fatalf("%s: %v", actions, err)
		}
		_, err = Execute(Trace{Passes: []Pass{{Actions: a}}}, simulate.Packet{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", actions, err, want)
		}
	}
}

// TestRecirculation: the pass that a recirculation begins goes on with the packet.
func TestRecirculation(t *testing.T) {
	trace, err := ParseTrace(`Megaflow: recirc_id=0,eth,ip
Datapath actions: set(ipv4(ttl=9)),hash(l4(0)),recirc(0x1)

===============================================================================
recirc(0x1) - resume conntrack with default ct_state=trk|new (use --ct-next to customize)
===============================================================================
Megaflow: recirc_id=0x1,eth,ip
Datapath actions: clone(push_vlan(vid=7,pcp=0),3),4
`)
	if err != nil {
		t.Fatal(err)
	}
	out, err := Execute(trace, simulate.Packet{TTL: 64})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(len(out), out[0].Port, out[0].Packet.VLAN, out[0].Packet.TTL, out[1].Port, out[1].Packet.VLAN)
	if want := "2 3 7 9 4 0"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// FuzzParseTrace: no text of a switch makes the reader panic or go on for ever.
func FuzzParseTrace(f *testing.F) {
	for _, text := range recordings(f) {
		f.Add(text)
	}
	f.Add("Datapath actions: recirc(0)\nrecirc(0)\nDatapath actions: recirc(0),recirc(0)")
	f.Fuzz(func(t *testing.T, text string) {
		trace, err := ParseTrace(text)
		if err != nil {
			return
		}
		for _, p := range trace.Passes {
			again, err := ParseActions(format(p.Actions))
			if err != nil {
				t.Fatalf("%q of %q: %v", format(p.Actions), text, err)
			}
			if format(again) != format(p.Actions) {
				t.Fatalf("%q becomes %q", format(p.Actions), format(again))
			}
		}
		_, _ = Execute(trace, simulate.Packet{}) // it ends
	})
}
