package lab

import (
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// From an ovs-vswitchd 3.1.0 with DPDK 22.11.
const logText = `2026-11-21T07:54:26.326Z|00013|dpdk|WARN|EAL: No free 1048576 kB hugepages reported on node 0
2026-11-21T07:54:27.801Z|00062|dpdk|WARN|VHOST_CONFIG: (/run/x/vhost1.sock) failed to connect: No such file or directory
2026-11-21T07:53:34.873Z|00001|dpdk(pmd-c01/id:8)|INFO|PMD thread uses DPDK lcore 1.
2026-11-21T07:53:37.656Z|00109|dpif_netdev|ERR|Failed to set interface tap0 new configuration
a line that continues
2026-11-21T07:53:37.656Z|00114|bridge|WARN|could not add network device tap0 to ofproto (Invalid argument)
2026-11-21T07:53:35.867Z|00001|ovs_rcu(urcu3)|WARN|blocked 1000 ms waiting for main to quiesce
`

func TestParseLog(t *testing.T) {
	lines, err := parseLog(strings.NewReader(logText))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	var a allowlist
	a.lines = []*regexp.Regexp{regexp.MustCompile(`\|bridge\|WARN\|could not add`)}
	for _, l := range lines {
		word := "fine"
		if l.isTrouble() {
			word = "trouble"
			if a.has(l) {
				word = "allowed"
			}
		}
		got = append(got, word+" "+l.Module+" "+l.Severity+" "+l.Message)
	}
	want := []string{
		"allowed dpdk WARN EAL: No free 1048576 kB hugepages reported on node 0",
		"allowed dpdk WARN VHOST_CONFIG: (/run/x/vhost1.sock) failed to connect: No such file or directory",
		"fine dpdk INFO PMD thread uses DPDK lcore 1.",
		"trouble dpif_netdev ERR Failed to set interface tap0 new configuration",
		"allowed bridge WARN could not add network device tap0 to ofproto (Invalid argument)",
		"allowed ovs_rcu WARN blocked 1000 ms waiting for main to quiesce",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

// A line that no program of ours would print must be told, not skipped.
func TestParseLogTooLong(t *testing.T) {
	if _, err := parseLog(strings.NewReader(strings.Repeat("x", 2<<20))); err == nil {
		t.Error("a line of 2 MiB gave no error")
	}
}

func FuzzParseLog(f *testing.F) {
	f.Add(logText)
	f.Add("||||\n|||WARN|\n")
	f.Fuzz(func(t *testing.T, text string) {
		lines, err := parseLog(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, l := range lines {
			if !strings.Contains(text, l.Raw) || !strings.HasSuffix(l.Raw, "|"+l.Severity+"|"+l.Message) {
				t.Errorf("%+v is not a line of %q", l, text)
			}
		}
	})
}

// From dpdk-testpmd 22.11.
const statsText = `
  ######################## NIC statistics for port 0  ########################
  RX-packets: 279201     RX-missed: 3          RX-bytes:  17868928
  RX-errors: 1
  RX-nombuf:  2         
  TX-packets: 28591040   TX-errors: 4          TX-bytes:  1829826560

  Throughput (since last show)
  Rx-pps:            7          Rx-bps:            8
  Tx-pps:            9          Tx-bps:            10
  ############################################################################
`

func TestParseStats(t *testing.T) {
	got, err := parseStats(statsText)
	if err != nil {
		t.Fatal(err)
	}
	want := Stats{
		RxPackets: 279201, RxBytes: 17868928, RxErrors: 1, RxMissed: 3, RxNoMbuf: 2,
		TxPackets: 28591040, TxBytes: 1829826560, TxErrors: 4,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
	for name, text := range map[string]string{
		"empty":        "",
		"cut short":    statsText[:200],
		"no port":      "Invalid port 0\n",
		"out of range": strings.Replace(statsText, "279201", "99999999999999999999", 1),
	} {
		if s, err := parseStats(text); err == nil {
			t.Errorf("%s: got %+v, want an error", name, s)
		}
	}
}

func FuzzParseStats(f *testing.F) {
	f.Add(statsText)
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := parseStats(text); err != nil && s != (Stats{}) {
			t.Errorf("an error and numbers: %+v, %v", s, err)
		}
	})
}

func TestID(t *testing.T) {
	self, err := identify(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if !self.alive() {
		t.Error("this process is not alive")
	}
	if other := (identity{PID: self.PID, Start: self.Start + 1}); other.alive() {
		t.Error("a process that has this one's number and another start is alive")
	}
	i := id{owner: self, n: 3}
	if back, err := parseID(i.String()); err != nil || back != i {
		t.Errorf("%v read back is %v, %v", i, back, err)
	}
	for _, s := range []string{"", "1", "1-2", "1-2-3-4", "1-2-3x", "01-2-3", "1-2-x", "a-b-c", " 1-2-3"} {
		if i, err := parseID(s); err == nil {
			t.Errorf("%q was read as %v", s, i)
		}
	}
	if _, err := identify(1 << 30); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a process that is not there: %v", err)
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("17766-98213-1")
	f.Fuzz(func(t *testing.T, s string) {
		if i, err := parseID(s); err == nil && i.String() != s {
			t.Errorf("%q was read as %v", s, i)
		}
	})
}

// The archive is one that cpio reads.
func TestArchive(t *testing.T) {
	if _, err := exec.LookPath("cpio"); err != nil {
		t.Skip("this machine lacks cpio")
	}
	var a archive
	a.dir("bin")
	a.file("bin/one", []byte("x"))
	a.file("init", []byte("1234"))
	c := exec.Command("cpio", "--list", "--quiet")
	c.Stdin = strings.NewReader(string(a.bytes()))
	out, err := c.CombinedOutput()
	if err != nil || string(out) != "bin\nbin/one\ninit\n" {
		t.Errorf("cpio lists %q, %v", out, err)
	}
}

func TestOptionsRefused(t *testing.T) {
	for want, o := range map[string]Options{
		"dummy host cannot run DPDK":   {DPDK: true, Dummy: true},
		"DummyNUMA is for dummy hosts": {DummyNUMA: []int{0}},
		"Tunnels is for dummy hosts":   {Tunnels: true},
		"no such file":                 {Dummy: true, Schema: "/nonesuch"},
	} {
		h, err := Start(t.Context(), o)
		if err == nil || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(want)) {
			t.Errorf("%+v: %v, %v; want an error with %q", o, h, err, want)
		}
	}
	var h Host
	mac := []byte{0x52, 0x54, 0, 0, 0, 1}
	for want, o := range map[string]GuestOptions{
		"no absolute path":    {Socket: "vm0.sock", MAC: mac},
		"MAC \"\" is not":     {Socket: "/tmp/vm0.sock"},
		"peer MAC":            {Socket: "/tmp/vm0.sock", MAC: mac, PeerMAC: mac[:4]},
		"is no socket":        {Socket: "/dev/null", MAC: mac},
		"set together or not": {Socket: "/tmp/vm0.sock", MAC: mac, TxSource: netip.MustParseAddr("192.0.2.1")},
	} {
		if _, err := h.StartVirtioUser(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v; want an error with %q", o, err, want)
		}
	}
}
