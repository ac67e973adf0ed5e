package configs

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/golden"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/pmd"
	"github.com/sluice-nfv/sluice/vhost"
)

// sameProfile compares profiles without the lines of the file.
func sameProfile() cmp.Options {
	return cmp.Options{
		cmpopts.IgnoreUnexported(Profile{}),
		cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
		cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b }),
		cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
	}
}

// roundTrip renders a profile and reads it back.
func roundTrip(t *testing.T, p *Profile) {
	t.Helper()
	data, err := Render(p)
	if err != nil {
		t.Fatal(err)
	}
	// No variables and no host name: what is rendered stands alone.
	again, err := Parse(data, Options{File: "rendered.yaml"})
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	if diff := cmp.Diff(p, again, sameProfile()); diff != "" {
		t.Fatalf("read back (-want +got):\n%s\n%s", diff, data)
	}
}

func TestRenderShipped(t *testing.T) {
	files := map[string][]byte{"reference": Reference(), "minimal": []byte(minimal)}
	for _, name := range Shipped() {
		files[name], _ = ShippedProfile(name)
	}
	for name, data := range files {
		p, err := parseTest(name, data)
		if err != nil {
			t.Fatal(err)
		}
		roundTrip(t, p)
	}
}

// TestRender shows what `host adopt` writes of a profile made from a running host.
func TestRender(t *testing.T) {
	yes := true
	p := &Profile{
		Name:       "010",
		Disruptive: Ask,
		CPU: &pmd.Spec{
			Reserved: pmd.CoreSpec{Set: cpuset.Of(0)}, PMD: pmd.CoreSpec{PerNode: 2}, Assign: pmd.Cycles, SleepMax: 50 * time.Microsecond,
			Isolate:   true,
			Rebalance: pmd.RebalanceSpec{Mode: pmd.Off, BusyAbove: 0.8, GainAbove: 0, Every: time.Minute},
			Lookup:    pmd.LookupSpec{Tune: pmd.Off},
		},
		DPDK: &dpdk.Spec{
			Init: dpdk.InitTrue, Extra: []string{"--no-pci", "a=${b}"}, LCores: cpuset.Of(0),
			Memory: dpdk.MemorySpec{Model: dpdk.Shared, Sockets: []int{1024, 0}, HugepageKiB: 1 << 20},
		},
		Bridges: []dpdk.BridgeSpec{{
			Path: "bridges[0]", Name: "br-phy", FailMode: dpdk.Secure, Addresses: []netip.Prefix{netip.MustParsePrefix("2001:db8::1/64")},
			Ports: []dpdk.PortSpec{{
				Path: "bridges[0].ports[0]", Name: "dpdk0", Device: dpdk.Device{PCI: "0000:3b:00.0"}, RxQueues: 2, RxDesc: 2048, TxDesc: 1024, MTU: 9000,
				RxAffinity: []dpdk.QueuePin{{Queue: 1, CPU: 3}}, VLAN: vswitch.VLAN{Mode: vswitch.VLANAccess, Tag: 0},
				RateLimit: vswitch.RateLimit{Egress: vswitch.Rate{BitsPerSecond: 2_500_000_000}},
			}},
		}},
		VHost: &vhost.Spec{SocketDir: "/srv/vhost", IOMMU: &yes, Postcopy: new(bool), Ports: []vhost.PortSpec{{
			Path: "vhost.ports[0]", Name: "vm1", Bridge: "br-phy", Queues: 1, MTU: 1500, Socket: "/srv/vhost/other/s", TxRetries: 0,
			Access: vhost.Access{User: "qemu", Mode: 0o750}, VLAN: vswitch.VLAN{Mode: vswitch.VLANTrunk, Trunks: []int{5, 6}},
		}}},
	}
	data, err := Render(p)
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "testdata/rendered.yaml", string(data))
	roundTrip(t, p)
}

// TestRenderOdd reads back what is rarely written.
func TestRenderOdd(t *testing.T) {
	const head = "apiVersion: sluice/v1\nkind: HostProfile\nname: n\n"
	for _, text := range []string{
		"cpu: {isolate: true}\n",
		"cpu: {assign: roundrobin, isolate: true}\n",
		"apply: {disruptive: auto}\nvhost: {}\n",
		"vhost: {ports: []}\ndpdk: {}\n",
		"monitor: {}\n",
		"overlay: {bridge: \"\", address: 192.0.2.1}\n", // the underlay is somebody else's
		"bridges: [{name: br-int, failMode: secure}, {name: br-phy, addresses: [\"2001:db8::1/64\"]}]\noverlay: {}\n",
		"dpdk: {}\nbridges: [{name: b, ports: [{name: p, device: {vdev: \"net_tap0,persist,iface=t0,mac=fixed\"}}]}]\n",
	} {
		p, err := Parse([]byte(head+text), Options{File: "host.yaml"})
		if err != nil {
			t.Error(err)
			continue
		}
		roundTrip(t, p)
	}
	if data, err := Render(&Profile{Name: "n", Bridges: []dpdk.BridgeSpec{{
		Name: "b", FailMode: dpdk.Standalone,
		Bonds: []dpdk.BondSpec{{Name: "bond0", Mode: dpdk.ActiveBackup, LACP: "off", Members: []string{"p0", "p1"}}},
	}}}); err != nil || strings.Contains(string(data), "vlan") {
		t.Errorf("zero values of a profile made by hand: %v\n%s", err, data)
	}
}

// TestDefaults shows what a profile with nothing but its sections becomes.
func TestDefaults(t *testing.T) {
	const sections = `apiVersion: sluice/v1
kind: HostProfile
cpu: {}
dpdk: {vhost: {}}
bridges:
  - name: br-phy
    addresses: [172.16.0.1/24]
    ports:
      - {name: dpdk0, device: "0000:3B:00.0"}
      - {name: tap0, device: {vdev: net_tap0}}
      - {name: tap1, device: {vdev: net_tap1}}
    bonds:
      - {name: bond0, members: [tap0, tap1]}
vhost:
  ports:
    - {name: vm1, bridge: br-int}
overlay: {}
monitor: {ipfix: {}}
`
	var b strings.Builder
	for _, text := range []string{minimal, sections} {
		p, err := Parse([]byte(text), Options{File: "host.yaml", Hostname: "nfv-01"})
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString("# The profile\n" + text + "\n# is read as\n" + dump(p) + "\n")
	}
	golden.Check(t, "testdata/defaults.txt", b.String())
}

// TestAsWritten keeps names what they are: no case folded, nothing split or retyped.
func TestAsWritten(t *testing.T) {
	for _, name := range []string{"010", "0x10", "1e3", "NFV.Rack-1", "yes", "true", "1_000", "12:30"} {
		p, err := Parse([]byte("apiVersion: sluice/v1\nkind: HostProfile\nname: "+name+"\n"), Options{File: "host.yaml"})
		if name == "12:30" {
			if err == nil {
				t.Errorf("%s: accepted", name)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if p.Name != name {
			t.Errorf("name %s became %s", name, p.Name)
		}
		roundTrip(t, p)
	}
}

func TestHostname(t *testing.T) {
	for _, tc := range []struct{ host, want string }{
		{"nfv-07.example.net", ""},
		{"", "host.yaml: name: is missing, and the host's own name is not known; write name: and the name of the host"},
		{"nfv 07", `host.yaml: name: is missing, and the host's own name "nfv 07" holds ' '; use letters, digits, dots, dashes and underscores; write a name`},
	} {
		p, err := Parse([]byte(minimal), Options{File: "host.yaml", Hostname: tc.host})
		if got := fmt.Sprint(err); tc.want != "" && got != tc.want || tc.want == "" && (err != nil || p.Name != tc.host) {
			t.Errorf("host %q: %v, want %s", tc.host, err, tc.want)
		}
	}
}

func TestAnnotate(t *testing.T) {
	p, err := Parse(Reference(), Options{File: "reference.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(Reference()), "\n")
	in := []finding.Finding{
		{Severity: finding.Info, Path: "cpu.pmd"},
		{Severity: finding.Error, Path: "bridges[0].ports[0].mtu"},
		{Severity: finding.Error, Path: "bridges[0].ports[0].rxAffinity[1].cpu"},
		{Severity: finding.Error, Path: "bridges[1].mtu"}, // not in the file: its bridge's line
		{Severity: finding.Warning},
	}
	var got []string
	for _, f := range p.Annotate(in) {
		line := ""
		if f.Line > 0 {
			line, _, _ = strings.Cut(strings.TrimSpace(lines[f.Line-1]), "  ")
		}
		got = append(got, fmt.Sprintf("%s %s: %s", f.Severity, f.Path, line))
	}
	want := []string{
		"error bridges[0].ports[0].mtu: mtu: 9000",
		"error bridges[0].ports[0].rxAffinity[1].cpu: - {queue: 1, cpu: 7}",
		"error bridges[1].mtu: - name: br-int",
		"warning : ",
		"info cpu.pmd: pmd: auto",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if in[0].Line != 0 {
		t.Error("the argument was changed")
	}
}

// FuzzParse keeps two promises: no text makes Parse panic, and what it accepts
// is rendered and read back to the same.
func FuzzParse(f *testing.F) {
	f.Add(Reference())
	f.Add([]byte(minimal))
	for _, name := range Shipped() {
		data, err := ShippedProfile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	files, err := filepath.Glob("testdata/invalid/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parseTest("fuzz.yaml", data)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without words")
			}
			return
		}
		roundTrip(t, p)
	})
}

func BenchmarkParse(b *testing.B) {
	var text strings.Builder
	text.WriteString(minimal + "\nbridges: [{name: br-int}]\nvhost:\n  ports:\n")
	for i := range 512 {
		fmt.Fprintf(&text, "    - {name: vm%d, bridge: br-int, queues: 2, mac: 52:54:00:00:%02x:%02x, vlan: {mode: access, tag: 7}}\n", i, i/256, i%256)
	}
	for b.Loop() {
		if _, err := Parse([]byte(text.String()), Options{File: "host.yaml", Hostname: "h"}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestRenderMemory tells auto, none and lists apart.
func TestRenderMemory(t *testing.T) {
	for text, want := range map[string]dpdk.MemorySpec{
		"{}":                                     {},
		"{sockets: none, limits: none}":          {Sockets: []int{}, Limits: []int{}},
		"{sockets: [256], limits: [0, 1024]}":    {Sockets: []int{256}, Limits: []int{0, 1024}},
		"{sockets: none, limits: auto}":          {Sockets: []int{}},
		"{sockets: auto, limits: [4096, 16384]}": {Limits: []int{4096, 16384}},
	} {
		p, err := Parse([]byte(minimal+"\n"), Options{File: "host.yaml", Hostname: "nfv-01"})
		if err != nil {
			t.Fatal(err)
		}
		memory := p.DPDK.Memory
		memory.Sockets, memory.Limits = want.Sockets, want.Limits
		p, err = Parse([]byte(strings.Replace(minimal, "dpdk: {}", "dpdk: {memory: "+text+"}", 1)), Options{File: "host.yaml", Hostname: "nfv-01"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(memory, p.DPDK.Memory); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
		roundTrip(t, p)
	}
}
