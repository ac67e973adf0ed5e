package bench

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCountRecords(t *testing.T) {
	f, err := os.Open("testdata/conf.db")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	// The schema, `ovs-vsctl init`, and `ovs-vsctl add-br`.
	if n, err := countRecords(f); err != nil || n != 3 {
		t.Errorf("%d records, %v", n, err)
	}
	for _, text := range []string{"", "OVSDB CLUSTER 12 abc\n{}\n"} {
		if _, err := countRecords(strings.NewReader(text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestCountWrites(t *testing.T) {
	// Of ovs-vsctl: set, get, set.
	log, err := os.ReadFile("testdata/ovsdb-server.log")
	if err != nil {
		t.Fatal(err)
	}
	for after, want := range []int{2, 1, 1, 0} {
		if n, err := countWrites(strings.NewReader(string(log)), after); err != nil || n != want {
			t.Errorf("%d writes after connection %d, %v; want %d", n, after, err, want)
		}
	}
	if n, err := lastConnection(strings.NewReader(string(log))); err != nil || n != 3 {
		t.Errorf("last connection %d, %v", n, err)
	}
	torn := `x|jsonrpc|DBG|unix#9: received request, method="transact", params=["Open_vSwitch",{"op":`
	if _, err := countWrites(strings.NewReader(torn), 0); err == nil {
		t.Error("half a request was taken")
	}
}

func TestRequestWrites(t *testing.T) {
	for params, want := range map[string]bool{
		`["Open_vSwitch"]`: false,
		`["Open_vSwitch",{"op":"select","table":"Interface","where":[]}]`:   false,
		`["Open_vSwitch",{"op":"wait"},{"op":"comment"},{"op":"assert"}]`:   false,
		`["Open_vSwitch",{"op":"wait"},{"op":"mutate"}], id=3`:              true,
		`["Open_vSwitch",{"op":"insert","row":{"name":"], id=4"}}], id="x"`: true,
	} {
		if got, err := (dbRequest{method: "transact", params: params}).writes(); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", params, got, err, want)
		}
	}
	if got, err := (dbRequest{method: "monitor", params: "x"}).writes(); err != nil || got {
		t.Errorf("monitor: %v, %v", got, err)
	}
}

// As OVS 3.1.0 prints it.
const dumpPorts = `OFPST_PORT reply (xid=0x2): 3 ports
  port  1: rx pkts=9984, bytes=638976, drop=1, errs=?, frame=?, over=?, crc=?
           tx pkts=10048, bytes=643072, drop=2, errs=?, coll=?
  port LOCAL: rx pkts=0, bytes=0, drop=0, errs=0, frame=0, over=0, crc=0
           tx pkts=0, bytes=0, drop=768, errs=0, coll=0
  port  2: rx pkts=?, bytes=?, drop=?, errs=?, frame=?, over=?, crc=?
           tx pkts=7, bytes=448, drop=?, errs=?, coll=?
`

func TestParsePortStats(t *testing.T) {
	got, err := parsePortStats(dumpPorts)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]portStats{"1": {9984, 10048, 1, 2}, "LOCAL": {txDrop: 768}, "2": {tx: 7}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(portStats{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for _, text := range []string{"", "OFPST_PORT reply (xid=0x2): 0 ports\n", "  port 1: rx pkts=x, drop=0\n", "  port 1: rx pkts=1\n"} {
		if got, err := parsePortStats(text); err == nil {
			t.Errorf("%q was taken as %v", text, got)
		}
	}
}

func FuzzParsePortStats(f *testing.F) {
	f.Add(dumpPorts)
	f.Fuzz(func(_ *testing.T, text string) { _, _ = parsePortStats(text) })
}

func FuzzDatabaseLogs(f *testing.F) {
	f.Add(`x|jsonrpc|DBG|unix#9: received request, method="transact", params=["Open_vSwitch",{"op":"insert"}], id=1`)
	f.Add("OVSDB JSON 12 abc\n{}\n")
	f.Fuzz(func(_ *testing.T, text string) {
		_, _ = countRecords(strings.NewReader(text))
		_, _ = lastConnection(strings.NewReader(text))
		_, _ = countWrites(strings.NewReader(text), 0)
	})
}
