package agent

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/pmd"
)

// row is an Interface row that OVS has taken; settings as `ovs-vsctl set` takes
// them, status as Interface.status has it.
func row(settings, status string) vswitch.ObservedRow {
	first := int64(1)
	r := vswitch.ObservedRow{Status: &vswitch.InterfaceStatus{OFPort: &first, Status: vswitch.Settings{}}}
	r.ID, r.Parent = vswitch.ID{Table: vswitch.IfaceTable, Name: "p0"}, vswitch.ID{Table: vswitch.PortTable, Name: "p0"}
	r.Settings = vswitch.Settings{}
	for word := range strings.FieldsSeq(settings) {
		name, value, _ := strings.Cut(word, "=")
		r.Settings[name] = value
	}
	for word := range strings.FieldsSeq(status) {
		name, value, _ := strings.Cut(word, "=")
		r.Status.Status[name] = value
	}
	return r
}

// inside are the ports of dpctl/show with one line for p0; "" = OVS has thrown
// it out of its datapath.
func inside(t *testing.T, line string) map[string]appctl.DatapathPort {
	t.Helper()
	text := "netdev@ovs-netdev:\n  port 0: ovs-netdev (tap)\n"
	if line != "" {
		text += "  port 1: p0 (" + line + ")\n"
	}
	paths, err := appctl.ParseDatapaths(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	ports := map[string]appctl.DatapathPort{}
	for _, p := range paths[0].Ports {
		ports[p.Name] = p
	}
	return ports
}

// What lib/netdev-dpdk.c prints of a port: netdev_dpdk_get_config of 3.1.0 (as
// recorded), 3.2.0 and branch-4.0, and vhost_client_get_config of branch-4.0.
const (
	on31   = "dpdk: configured_rx_queues=1, configured_rxq_descriptors=2048, configured_tx_queues=1, configured_txq_descriptors=2048, lsc_interrupt_mode=false, mtu=1500, requested_rx_queues=4, requested_rxq_descriptors=2048, requested_tx_queues=2, requested_txq_descriptors=2048, rx_csum_offload=false, tx_tso_offload=false"
	on32   = "dpdk: configured_rx_queues=3, configured_tx_queues=2, lsc_interrupt_mode=false, mtu=1500, n_rxq_desc=512, n_txq_desc=512, requested_rx_queues=2, requested_tx_queues=2, rx-steering=rss+lacp, rx_csum_offload=true"
	on40   = "dpdk: dpdk-devargs=0000:01:00.0,representor=[0, 1], dpdk-lsc-interrupt=true, n_rxq=8, n_rxq_desc=4096, n_txq_desc=1024, rx-flow-ctrl=true"
	vhost4 = "dpdkvhostuserclient: vhost-server-path=/a/p0.sock"
)

func TestOptionsReadBack(t *testing.T) {
	const vhost31, vhost40 = "type=dpdkvhostuserclient options:vhost-server-path=/a/p0.sock", "type=dpdkvhostuserclient options:vhost-server-path=/b/p0.sock options:tx-retries-max=40"
	tests := []struct {
		name, release, line string
		is                  vswitch.ObservedRow
		want                []string
	}{
		{"as asked", "3.1.0", on31, row("type=dpdk options:n_rxq=1 options:n_rxq_desc=2048 options:dpdk-lsc-interrupt=false", ""), nil},
		{"the same in other words", "3.1.0", on31, row("type=dpdk options:n_rxq_desc=02048 options:dpdk-lsc-interrupt=no", ""), nil},
		{"descriptors rounded", "3.1.0", on31, row("type=dpdk options:n_rxq_desc=1000 options:n_txq_desc=8192", ""), []string{
			"port p0: asked for n_rxq_desc 1000, runs with 2048: OVS takes a power of two, before 3.6 of at most 4096, and uses 2048 for anything else; since 3.2 within the device's limits; set rxDescriptors: 2048 on p0 in the profile",
			"port p0: asked for n_txq_desc 8192, runs with 2048: OVS takes a power of two, before 3.6 of at most 4096, and uses 2048 for anything else; since 3.2 within the device's limits; set txDescriptors: 2048 on p0 in the profile",
		}},
		{"fewer queues", "3.1.0", on31, row("type=dpdk options:n_rxq=4", ""), []string{
			"port p0: asked for 4 rx queues, runs with 1: the device has no more; set rxQueues: 1 on p0 in the profile",
		}},
		{"no word on flow control", "3.1.0", on31, row("type=dpdk options:rx-flow-ctrl=true", ""), nil},
		{"a queue of its own for LACP", "3.2.0", on32, row("type=dpdk options:n_rxq=3 options:n_rxq_desc=512", ""), []string{
			"port p0: asked for 3 rx queues, runs with 2: the device has no more; set rxQueues: 2 on p0 in the profile",
		}},
		{"clamped to the device", "4.0.0", on40, row("type=dpdk options:n_rxq=8 options:n_rxq_desc=4096 options:n_txq_desc=4096", "n_rxq=4 n_txq=3"), []string{
			"port p0: asked for n_txq_desc 4096, runs with 1024: OVS takes a power of two, before 3.6 of at most 4096, and uses 2048 for anything else; since 3.2 within the device's limits; set txDescriptors: 1024 on p0 in the profile",
			"port p0: asked for 8 rx queues, runs with 4: the device has no more; set rxQueues: 4 on p0 in the profile",
		}},
		{"flow control of one direction", "4.0.0", on40, row("type=dpdk options:rx-flow-ctrl=true options:tx-flow-ctrl=true", ""), []string{
			"port p0: asked for tx-flow-ctrl true, runs with false: the driver does not do it, and ovs-vswitchd's log says so only in passing; take flowControl.tx off p0 in the profile",
		}},
		{"link interrupt, which OVS tells of in Interface.error or throws the port out", "4.0.0", on40, row("type=dpdk options:dpdk-lsc-interrupt=false", ""), nil},
		{"descriptors of a device with odd limits", "3.2.0", strings.Replace(on32, "n_rxq_desc=512, n_txq_desc=512", "n_rxq_desc=4078, n_txq_desc=100", 1), row("type=dpdk options:n_rxq_desc=4096 options:n_txq_desc=64", ""), []string{
			"port p0: asked for n_rxq_desc 4096, runs with 4078: OVS takes a power of two, before 3.6 of at most 4096, and uses 2048 for anything else; since 3.2 within the device's limits; set rxDescriptors: 2048 on p0 in the profile",
			"port p0: asked for n_txq_desc 64, runs with 100: OVS takes a power of two, before 3.6 of at most 4096, and uses 2048 for anything else; since 3.2 within the device's limits; set txDescriptors: 128 on p0 in the profile",
		}},
		{"OVS's own number of descriptors", "4.0.0", on40, row("type=dpdk options:n_rxq_desc=2048 options:n_txq_desc=2048", ""), nil},
		{"thrown out", "3.1.0", "", row("type=dpdk options:n_rxq=1 options:n_rxq_desc=1000", ""), []string{
			"port p0: OVS took it out of its datapath, and it passes nothing: its device refused the MTU, the queues, the descriptors or the link interrupt (before 3.4), or there is no memory for its mempool; see why in ovs-vswitchd's log (search for p0); `sluicectl host check` tells of missing hugepages, then change the port in the profile",
		}},
		{"could not be asked", "3.1.0", "dpdk, could not retrieve configuration (No such device)", row("type=dpdk options:n_rxq=4 options:n_rxq_desc=1000", ""), nil},
		{"a guest that is not there, of which 3.1 tells nothing", "3.1.0", "dpdkvhostuserclient: configured_rx_queues=1, mtu=0", row(vhost31, "mode=client status=disconnected"), nil},
		{"a guest at another socket", "3.1.0", "dpdkvhostuserclient: configured_rx_queues=1, mtu=1500", row(vhost31, "status=connected socket=/b/p0.sock"), []string{
			"port p0: asked for vhost-server-path /a/p0.sock, runs with /b/p0.sock: OVS read the path when the port was made, and it was written anew since; `ovs-vsctl del-port p0`: the daemon makes the port again, with that path; a guest that is connected is cut off meanwhile",
		}},
		{"another socket and too many retries", "4.0.0", vhost4, row(vhost40, "status=disconnected"), []string{
			"port p0: asked for vhost-server-path /b/p0.sock, runs with /a/p0.sock: OVS read the path when the port was made, and it was written anew since; `ovs-vsctl del-port p0`: the daemon makes the port again, with that path; a guest that is connected is cut off meanwhile",
			"port p0: asked for tx-retries-max 40, runs with 8: OVS takes 0 to 32, and 8 for what is neither; set txRetries: 8 on p0 in the profile",
		}},
		{"a vhost port thrown out", "3.1.0", "", row(vhost40, ""), []string{
			"port p0: OVS took it out of its datapath, and it passes nothing: most likely there is no memory for its mempool on the NUMA node of its guest; see why in ovs-vswitchd's log (search for p0); `sluicectl host check` tells of missing hugepages, then change the port in the profile",
		}},
		{"a bridge's own port", "4.0.0", "", row("type=internal mtu_request=1400", ""), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := vswitch.Desired{Rows: []vswitch.Row{tt.is.Row}}
			o := vswitch.Observed{Rows: []vswitch.ObservedRow{tt.is}, OVSVersion: tt.release}
			r := replies{ports: inside(t, tt.line), rxqs: polledBy(1, 0, 1, 2, 3)}
			if diff := cmp.Diff(tt.want, refusals(want, o, r, newMeanings(tt.release))); diff != "" {
				t.Errorf("refusals (-want +got):\n%s", diff)
			}
		})
	}
}

// polledBy is a pmd-rxq-show in which one core polls these queues of p0.
func polledBy(core int, queues ...int) *pmd.RxqShow {
	p := pmd.PMDQueues{Core: core}
	for _, q := range queues {
		p.Queues = append(p.Queues, pmd.QueueUsage{Port: "p0", Queue: q})
	}
	return &pmd.RxqShow{PMDs: []pmd.PMDQueues{p}}
}

// What still waits to be written was not refused, and what OVS does unasked was
// not either; that it does otherwise is told all the same.
func TestOnlyWhatIsWrittenIsJudged(t *testing.T) {
	is := row("type=dpdk options:n_rxq_desc=1000", "")
	want := is.Row
	want.Settings = vswitch.Settings{"type": "dpdk", "options:n_rxq_desc": "512", "options:n_txq_desc": "2048"}
	r := inquiry{
		want: vswitch.Desired{Rows: []vswitch.Row{want}}, m: newMeanings("3.1.0"), asked: true, o: vswitch.Observed{OVSVersion: "3.1.0"},
		heard: replies{ports: inside(t, strings.Replace(on31, "configured_txq_descriptors=2048", "configured_txq_descriptors=64", 1))},
	}
	r.judge(vswitch.Observed{Rows: []vswitch.ObservedRow{is}})
	if len(r.refused) > 0 {
		t.Errorf("refused %q", r.refused)
	}
	const found = "info default-not-in-force: port p0: asked for n_txq_desc 2048, runs with 64: " +
		"OVS takes a power of two, before 3.6 of at most 4096, and uses 2048 for anything else; since 3.2 within the device's limits\n" +
		"  fix: set txDescriptors: 64 on p0 in the profile, to have it said\n"
	if diff := cmp.Diff(found, inWords(r.unasked())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A connected guest has at least one queue; where no PMD thread runs, that is
// told of every port that is in the datapath, and of no other.
func TestUnpolledPorts(t *testing.T) {
	const vhost31 = "dpdkvhostuserclient: configured_rx_queues=1, mtu=1500"
	const nobody = "port p0: no PMD polls it, and what its guest sends is lost; look at cpu.pmd and cpu.isolate: every PMD may hold a pin and be isolated"
	const noPMD = "port p0: no PMD thread runs, so nobody polls it and what it receives is lost: pmd-cpu-mask names no core that OVS can use; " +
		"set cpu.pmd to cores that are online (`sluicectl host check`), or take other_config:pmd-cpu-mask out of the Open_vSwitch row"
	guest, gone := row("type=dpdkvhostuserclient", "status=connected"), row("type=dpdkvhostuserclient", "status=disconnected")
	nic := row("type=dpdk", "")
	tests := []struct {
		name  string
		is    vswitch.ObservedRow
		heard replies
		want  []string
	}{
		{"a guest whose queue is polled", guest, replies{ports: inside(t, vhost31), rxqs: polledBy(1, 0)}, nil},
		{"a guest that nobody polls", guest, replies{ports: inside(t, vhost31), rxqs: polledBy(1)}, []string{nobody}},
		{"no guest", gone, replies{ports: inside(t, vhost31), rxqs: polledBy(1)}, nil},
		{"a guest and no PMD", guest, replies{ports: inside(t, vhost31), rxqs: &pmd.RxqShow{}}, []string{noPMD}},
		{"no guest and no PMD", gone, replies{ports: inside(t, vhost31), rxqs: &pmd.RxqShow{}}, []string{noPMD}},
		{"a device and no PMD", nic, replies{ports: inside(t, on31), rxqs: &pmd.RxqShow{}}, []string{noPMD}},
		{"no PMD, and the port is not in the datapath", nic, replies{ports: inside(t, ""), rxqs: &pmd.RxqShow{}}, nil},
		{"no PMD, and the switch does not tell of ports", nic, replies{rxqs: &pmd.RxqShow{}}, nil},
		{"a bridge's own port and no PMD", row("type=internal", ""), replies{ports: inside(t, "tap"), rxqs: &pmd.RxqShow{}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.heard.queueRefusals(tt.is)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Queues that the device lacks are told of once, not as unpolled ones too.
func TestQueuesOfASmallDevice(t *testing.T) {
	is := row("type=dpdk options:n_rxq=4", "")
	r := replies{ports: inside(t, on31), rxqs: polledBy(1, 0)}
	if got := r.queueRefusals(is); len(got) > 0 {
		t.Errorf("of one queue that is polled: %q", got)
	}
	r.rxqs = polledBy(1)
	if got := r.queueRefusals(is); len(got) != 1 {
		t.Errorf("of one queue that is not polled: %q, want a word", got)
	}
}
