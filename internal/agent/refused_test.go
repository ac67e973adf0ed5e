package agent

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// refusingMeters makes the switch that is started next load a DPDK whose meters
// refuse every profile, as those of a device may: no rate that a profile can
// say makes DPDK 22.11 refuse one.
func refusingMeters(t *testing.T) {
	t.Helper()
	compiler, err := exec.LookPath("cc")
	if err != nil {
		lab.Require(t, "cc: a C compiler, to make a DPDK that refuses")
	}
	source, library := filepath.Join(t.TempDir(), "meter.c"), filepath.Join(t.TempDir(), "meter.so")
	const text = "int rte_meter_srtcm_profile_config(void *p, void *params) { (void)p; (void)params; return -22; }\n"
	if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(compiler, "-shared", "-fPIC", "-o", library, source).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Setenv("LD_PRELOAD", library)
}

// OVS only logs that it could not police a port; the pass, status and explain
// tell it, and what to do.
func TestRefusedPolicerIsTold(t *testing.T) {
	refusingMeters(t)
	r := prepare(t, lab.Options{DPDK: true, Unconfigured: true})
	r.host.Allow(regexp.MustCompile(`Could not create rte meter|Failed to set QoS type egress-policer`))
	limited := strings.Replace(dpdkProfile, "rxQueues: 2}", "rxQueues: 2, rateLimit: {egress: {rate: 1G}}}", 1)
	limited = strings.Replace(limited, "{name: vm1, bridge: br0,", "{name: vm1, bridge: br0, rateLimit: {egress: {rate: 2G}},", 1)
	r.write(limited)
	r.start()
	s := r.await(monitor.ResultRefused)
	want := map[string]string{
		"tap0": "port tap0: no limit is in force on what leaves by it: OVS refused the QoS egress-policer cbs=1250000 cir=125000000",
		"vm1":  "port vm1: no limit is in force on what leaves by it: OVS refused the QoS egress-policer cbs=2500000 cir=250000000",
	}
	said := strings.Join(r.status().Pass.Refused, "\n")
	for port, what := range want {
		if !strings.Contains(said, what+"; see why in ovs-vswitchd's log") || len(s.refused) != len(want) {
			t.Errorf("status says\n%s\nwant two refusals, and\n%s", said, what)
		}
		explained, err := r.api.Explain(r.limit(), port)
		if err != nil || !strings.Contains(text(explained), what) {
			t.Errorf("explain %s: %+v, %v", port, explained, err)
		}
	}
	if s := r.await(monitor.ResultRefused); s.made != 0 {
		t.Errorf("a pass over a refused policer made %d changes", s.made)
	}
	r.write(dpdkProfile)
	r.await(monitor.ResultConverged)
}

// text is what explain says, one reason a line.
func text(e api.Explanation) string {
	var b strings.Builder
	for _, reason := range e.Reasons {
		b.WriteString(reason.What + "; " + reason.Fix + "\n")
	}
	return b.String()
}

// A device has the queues it has: OVS sets up fewer and says nothing. What was
// asked is known not to be possible only once DPDK drives the device.
func TestFewerQueuesAreTold(t *testing.T) {
	r := newRig(t, lab.Options{DPDK: true}, dpdkHead+"\n")
	wire(t, r.host)
	r.await(monitor.ResultConverged)
	r.write(dpdkHead + "\n    ports:\n      - {name: afp0, device: {vdev: \"net_af_packet0,iface=slwire0\"}, rxQueues: 4, rxDescriptors: 512}\n")
	const want = "port afp0: asked for 4 rx queues, runs with 1: the device has no more; set rxQueues: 1 on afp0 in the profile"
	r.says(`refused="` + want + `"`) // and nothing of the descriptors
	explained, err := r.api.Explain(r.limit(), "afp0")
	if err != nil || !strings.Contains(text(explained), "asked for 4 rx queues, runs with 1") {
		t.Errorf("explain afp0: %+v, %v", explained, err)
	}
	s := r.await(monitor.ResultRefused)
	if s.err == nil || !strings.Contains(s.err.Error(), "afp0 has 4 rx queues, its device at most 1") {
		t.Errorf("now that the device is known the pass says %v", s.err)
	}
}

// Of a port that somebody else made explain tells what OVS made of it: of a
// number of descriptors that it does not take, and of a QoS that no device of
// DPDK does. A profile may say neither.
func TestRefusalsOfForeignPortsAreExplained(t *testing.T) {
	r := newRig(t, lab.Options{DPDK: true}, dpdkHead+"\n")
	r.host.Allow(regexp.MustCompile(`Failed to set QoS type linux-htb`))
	r.await(monitor.ResultConverged)
	r.vsctl("add-port", "br0", "tap9", "--", "set", "Interface", "tap9", "type=dpdk", "options:dpdk-devargs=net_tap9,iface=sltap9",
		"options:n_rxq=2", "options:n_rxq_desc=1000", "--", "set", "Port", "tap9", "qos=@q", "--", "--id=@q", "create", "QoS", "type=linux-htb", "other_config:max-rate=1000000")
	r.until("explain tells of both", func() error {
		explained, err := r.api.Explain(r.limit(), "tap9")
		if err != nil {
			return err
		}
		for _, want := range []string{
			"port tap9: asked for n_rxq_desc 1000, runs with 2048: ",
			"port tap9: no limit is in force on what leaves by it: OVS refused the QoS linux-htb max-rate=1000000; ",
		} {
			if !strings.Contains(text(explained), want) {
				return fmt.Errorf("it says\n%swithout %q", text(explained), want)
			}
		}
		return nil
	})
	if s := r.await(monitor.ResultConverged); s.made != 0 {
		t.Errorf("a pass over somebody else's port made %d changes", s.made)
	}
}

// A path written after the port was made is in the database, and OVS does not
// read it: the guest at the old one keeps the port.
func TestStaleSocketIsTold(t *testing.T) {
	r := newRig(t, lab.Options{DPDK: true}, guests("vm1"))
	r.await(monitor.ResultConverged)
	r.stop()
	socket, other := r.socketOf("vm1"), filepath.Join(r.sockets, "vm1", "other.sock")
	r.vsctl("del-port", "vm1")
	r.vsctl("add-port", "br0", "vm1", "--", "set", "Interface", "vm1", "type=dpdkvhostuserclient", "options:vhost-server-path="+other)
	r.reads("0", "get", "Interface", "vm1", "mtu") // OVS has made the port
	r.guest(other, 1)
	r.vsctl("set", "Interface", "vm1", "options:vhost-server-path="+socket)
	r.start()
	r.connected("vm1", true)
	if _, err := r.apply(api.ApplyRequest{TakeOver: true}); err != nil {
		t.Fatal(err)
	}
	s := r.await(monitor.ResultRefused)
	want := "port vm1: asked for vhost-server-path " + socket + ", runs with " + other + ": "
	if said := strings.Join(s.refused, "\n"); !strings.HasPrefix(said, want) {
		t.Errorf("the pass says %q, want %q", said, want)
	}
	explained, err := r.api.Explain(r.limit(), "vm1")
	if err != nil || !strings.Contains(text(explained), "OVS connects to "+other) {
		t.Errorf("explain vm1: %+v, %v", explained, err)
	}
	// As an operator does it: ovs-vsctl asks vswitchd to take it up, and the daemon
	// adds the port only when it has.
	if _, err := r.host.VSCtl(r.limit(), "del-port", "vm1"); err != nil {
		t.Fatal(err)
	}
	r.await(monitor.ResultConverged)
}

// Of a port that no profile names nobody may say that the daemon makes it again:
// who believed it would lose the port.
func TestStaleSocketOfForeignPort(t *testing.T) {
	r := newRig(t, lab.Options{DPDK: true}, dpdkHead+"\n")
	r.await(monitor.ResultConverged)
	was := r.socketOf("vmx")
	now := filepath.Join(filepath.Dir(was), "other.sock")
	r.vsctl("add-port", "br0", "vmx", "--", "set", "Interface", "vmx", "type=dpdkvhostuserclient", "options:vhost-server-path="+was)
	r.reads("0", "get", "Interface", "vmx", "mtu") // OVS has made the port
	r.guest(was, 1)
	r.connected("vmx", true)
	r.vsctl("set", "Interface", "vmx", "options:vhost-server-path="+now)
	const fix = "no profile names the port: whoever made it must delete it and add it again, with that path; a guest that is connected is cut off meanwhile\n"
	r.until("explain tells of the path", func() error {
		explained, err := r.api.Explain(r.limit(), "vmx")
		if want := "OVS connects to " + was; err != nil || !strings.HasPrefix(text(explained), want) || !strings.HasSuffix(text(explained), fix) {
			return fmt.Errorf("it says\n%s%v\nwant %q … %q", text(explained), err, want, fix)
		}
		return nil
	})
}
