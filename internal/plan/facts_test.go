package plan_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/host/hosttest"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// plain compares values that planners made: empty and nil are the same to a
// reader, and addresses are values.
func plain() cmp.Options {
	return cmp.Options{cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}), cmpopts.IgnoreUnexported(configs.Profile{})}
}

// TestFactsTellAll: a plan made of a facts file is the plan made of the host.
func TestFactsTellAll(t *testing.T) {
	topo := hosttest.Topology(t, "two-socket")
	p := profile(t, `
cpu: {pmd: "2-3,30-31"}
dpdk: {memory: {sockets: [1024, 1024]}}
bridges: [{name: br0, addresses: [172.16.0.1/24], ports: [{name: p1, device: "0000:af:00.0"}]}]
vhost: {ports: [{name: p2, bridge: br0}]}
`)
	for seed := range uint64(50) {
		m := maker{Rand: rand.New(rand.NewPCG(seed, 5))}
		o := m.host(&topo)
		o.Schema = vswitch.Schema{Version: "8.3.1", Columns: map[vswitch.Table][]string{vswitch.PortTable: {"name", "tag"}}}
		o.IfaceTypes, o.DatapathTypes = []string{"dpdk", "internal"}, []string{"netdev"}
		for i := range o.Rows {
			if m.IntN(2) == 0 {
				o.Rows[i].Mark = vswitch.Mark{Owner: vswitch.OwnerAdopted, Keys: o.Rows[i].Settings.Names(), Former: map[string]string{"tag": ""}}
			}
		}
		text, err := json.Marshal(plan.NewFacts(topo, &o))
		if err != nil {
			t.Fatal(err)
		}
		facts, err := plan.ReadFacts(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		told := facts.Observed()
		live := o
		for i := range live.Rows {
			live.Rows[i].UUID = "" // of this database alone
		}
		if diff := cmp.Diff(live, told, plain()); diff != "" {
			t.Fatalf("seed %d: observed (-live +facts):\n%s", seed, diff)
		}
		want := plan.Make(plan.Input{Profile: p, Topology: topo, Observed: live})
		got := plan.Make(plan.Input{Profile: p, Topology: facts.Host, Observed: told})
		if diff := cmp.Diff(want, got, plain()); diff != "" {
			t.Fatalf("seed %d: plan (-live +facts):\n%s", seed, diff)
		}
	}
}

// TestFactsWithoutOVS: "none" is written and read, and is not an empty switch.
func TestFactsWithoutOVS(t *testing.T) {
	text, err := json.Marshal(plan.NewFacts(hosttest.Topology(t, "vm2"), nil))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasSuffix(text, []byte(`,"ovs":"none"}`)) {
		t.Errorf("facts end with %s", text[len(text)-20:])
	}
	facts, err := plan.ReadFacts(bytes.NewReader(text))
	if err != nil || facts.OVS != nil || facts.Host.Hostname != "vm2" {
		t.Errorf("read back: %v, %+v", err, facts.OVS)
	}
	if diff := cmp.Diff(vswitch.Observed{}, facts.Observed()); diff != "" {
		t.Error(diff)
	}
}

// TestFactsRoundTrip: all that facts hold is read back, with OVS and without: a
// switch whose database is not reached may hold hugepages all the same.
func TestFactsRoundTrip(t *testing.T) {
	topo := hosttest.Topology(t, "vm2")
	for name, o := range map[string]*vswitch.Observed{"without OVS": nil, "with OVS": {OVSVersion: "3.1.0", IfaceTypes: []string{"dpdk"}}} {
		t.Run(name, func(t *testing.T) {
			want := plan.NewFacts(topo, o)
			want.Directories = []host.File{{Path: "/var/lib/vhost_sockets/vm1", Exists: true, Mode: fs.ModeDir | fs.ModeSetgid | 0o750, UID: 64055, GID: 107}}
			want.Process = &plan.Process{Hugepages: []host.HeldPages{{Node: 0, SizeKiB: 2048, Pages: 128}}}
			text, err := json.Marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := plan.ReadFacts(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, plain()); diff != "" {
				t.Errorf("read back (-written +read):\n%s", diff)
			}
		})
	}
}

func TestReadFactsErrors(t *testing.T) {
	const advice = "not a facts file (make one with `sluicectl host facts`): "
	for text, want := range map[string]string{
		"":                           advice + "unexpected end of JSON input",
		"host: x":                    advice + "invalid character 'h' looking for beginning of value",
		"{}":                         advice + `apiVersion is "", this release reads "sluice/v1"`,
		`{"apiVersion":"sluice/v2"}`: advice + `apiVersion is "sluice/v2", this release reads "sluice/v1"`,
		`{"apiVersion":"sluice/v1","host":{"nodes":[{"id":2000000000}]},"ovs":"none"}`: advice + "host.nodes: there is no NUMA node 2000000000; valid: 0 to 1023",
		`{"apiVersion":"sluice/v1","ovs":7}`:                                           advice + "json: cannot unmarshal number into Go value of type plan.OVSFacts",
	} {
		if _, err := plan.ReadFacts(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	if _, err := plan.ReadFacts(blanks{}); err == nil || !strings.HasPrefix(err.Error(), "more than 64 MiB") {
		t.Errorf("an endless file: %v", err)
	}
}

// blanks is an endless file.
type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// FuzzReadFacts: no text makes reading, planning or describing panic, and what
// is read is written back to the same.
func FuzzReadFacts(f *testing.F) {
	// Small seeds: the fuzzer takes long to shorten those of a whole machine.
	f.Add([]byte(`{"apiVersion":"sluice/v1","host":{"cpus":[{"id":1,"online":true,"node":0,"siblings":"1"}],"nodes":[{"id":0,"cpus":"1","memoryMiB":4096,` +
		`"hugepages":[{"sizeKiB":2048,"total":9,"free":9}]}],"nics":[{"name":"br0","addresses":["10.0.0.1/8"]}],"allowed":"1"},"ovs":"none"}`))
	f.Add([]byte(`{"apiVersion":"sluice/v1","host":{},"ovs":{"version":"3.1.0","dpdkInitialized":true,"rows":[` +
		`{"table":"Open_vSwitch","name":".","settings":{"other_config:dpdk-init":"try","other_config:pmd-cpu-mask":"2"},"mark":{"keys":["other_config:dpdk-init"]}},` +
		`{"table":"Bridge","name":"br0","in":{"table":"Open_vSwitch","name":"."},"settings":{"datapath_type":"netdev"}},` +
		`{"table":"Port","name":"br0","in":{"table":"Bridge","name":"br0"}},{"table":"Interface","name":"br0","in":{"table":"Port","name":"br0"}},` +
		`{"table":"Port","name":"p1","in":{"table":"Bridge","name":"br0"},"settings":{"tag":"5"}},` +
		`{"table":"Interface","name":"p1","in":{"table":"Port","name":"p1"},"settings":{"type":"dpdk","options:dpdk-devargs":"net_null0"},"status":{"mtu":1500}}]}}`))
	p := profile(f, "cpu: {pmd: \"1\"}\ndpdk: {}\nbridges: [{name: br0, ports: [{name: p1, device: {vdev: net_null0}}]}]\nvhost: {ports: [{name: p2, bridge: br0}]}\n")
	f.Fuzz(func(t *testing.T, text []byte) {
		facts, err := plan.ReadFacts(bytes.NewReader(text))
		if err != nil {
			return
		}
		plan.Make(plan.Input{Profile: p, Topology: facts.Host, Observed: facts.Observed()})
		plan.Describe(facts.Observed(), facts.Host)
		again, err := json.Marshal(facts)
		if err != nil {
			t.Fatal(err)
		}
		back, err := plan.ReadFacts(bytes.NewReader(again))
		if err != nil {
			t.Fatalf("%v\n%s", err, again)
		}
		if diff := cmp.Diff(facts, back, plain()); diff != "" {
			t.Errorf("read back (-was +is):\n%s", diff)
		}
	})
}
