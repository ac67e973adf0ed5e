package agent

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// killer is a rig whose daemon is a process that is killed, with ways to go.
type killer struct {
	*rig
	dpdk    bool
	client  *ovsdb.Client
	ways    []way
	done    map[string]string // profile -> dump of the host that it makes
	foreign string            // what is not ours, as ovs-vsctl lists it
}

// way is one apply: from a profile, or from nothing, to another.
type way struct {
	from, to string
	want     string // dump of the database when it is done undisturbed
	takes    time.Duration
	steps    int64
}

// The two profiles differ in what takes two steps (a port in another bridge, a
// port with another socket) and one (rows that come, go and change).
var (
	hostA = guests("vm1 rateLimit: {egress: {rate: 1G}}", "vm2", "vm3 bridge: br1, rateLimit: {egress: {rate: 1G}}", "vm4 bridge: br1, vlan: {mode: access, tag: 4}")
	hostB = strings.NewReplacer("br1\n", "br1\n    failMode: secure\n", "200us", "300us").Replace(guests(
		"vm1 rateLimit: {egress: {rate: 2G}, ingress: {rate: 1G}}, socket: ${socket_dir}/b/vm1/vm1.sock", "vm2 bridge: br1", "vm4 bridge: br1", "vm5 rateLimit: {egress: {rate: 1G}}"))
)

func newKiller(t *testing.T, o lab.Options) *killer {
	t.Helper()
	// The daemon's plan asks this machine for hugepages, whatever it runs on.
	lab.Require(t, lab.Missing(lab.Options{DPDK: true})...)
	if _, err := built(); err != nil { // now, not while time is taken
		t.Fatal(err)
	}
	k := &killer{rig: prepare(t, o), dpdk: o.DPDK, done: map[string]string{}}
	if !o.DPDK { // there it plans for, and the ports do not open
		k.host.Allow(regexp.MustCompile(`vm\d|\|dpdk\|`))
	}
	k.host.Allow(regexp.MustCompile(`br\d: cannot get R?STP status on nonexistent port|\|(poll_loop|ovs_rcu)\|`))
	k.vsctl("set", "Open_vSwitch", ".", "other_config:flow-limit=100000", "external_ids:theirs=1",
		"--", "add-br", "br9", "--", "set", "Bridge", "br9", "datapath_type=netdev", "other_config:mac-aging-time=60",
		"--", "add-port", "br9", "theirs0", "--", "set", "Port", "theirs0", "external_ids:a=b", "--", "set", "Interface", "theirs0", "type=internal",
		"--", "create", "QoS", "type=theirs")
	k.client = connect(t, k.host)
	for _, w := range []way{{"", hostA, "", 0, 1}, {hostA, hostB, "", 0, 2}, {hostB, hostA, "", 0, 2}} {
		k.ways = append(k.ways, k.measure(w))
	}
	if k.ways[0].want != k.ways[2].want {
		t.Errorf("a host made from nothing and one made from another differ (-from nothing +from another):\n%s", cmp.Diff(k.ways[0].want, k.ways[2].want))
	}
	k.foreign = k.theirs()
	return k
}

// measure goes a way undisturbed.
func (k *killer) measure(w way) way {
	k.t.Helper()
	k.prepare(w)
	before := k.observed()
	start := time.Now()
	d := k.sluiced()
	o := k.watch(func(o vswitch.Observed) bool { return o.CurCfg >= before.CurCfg+w.steps })
	w.takes, w.want = time.Since(start), dump(o)
	k.done[w.to] = w.want
	d.says(k.rig, "pending=0")
	d.terminate(k.t)
	if now := k.observed(); now.NextCfg != before.NextCfg+w.steps {
		k.t.Errorf("undisturbed it took %d transactions, want %d", now.NextCfg-before.NextCfg, w.steps)
	}
	return w
}

// prepare makes the host as it is before a way.
func (k *killer) prepare(w way) {
	k.t.Helper()
	if w.from == "" {
		// QoS rows stay behind; the daemon knows its own.
		k.vsctl("--if-exists", "del-br", "br0", "--", "--if-exists", "del-br", "br1")
	}
	if w.from == "" && !k.dpdk { // what EAL has read once it does not read again
		k.vsctl("clear", "Open_vSwitch", ".", "other_config", "--", "set", "Open_vSwitch", ".", "other_config:flow-limit=100000",
			"--", "remove", "Open_vSwitch", ".", "external_ids", "sluice-keys")
	}
	if want, ok := k.done[w.from]; ok && dump(k.observed()) != want {
		k.write(w.from)
		d := k.sluiced()
		k.watch(func(o vswitch.Observed) bool { return dump(o) == want && o.CurCfg == o.NextCfg })
		d.kill(k.t)
	}
	k.write(w.to)
	now := dump(k.observed())
	k.watch(func(o vswitch.Observed) bool { return dump(o) == now })
}

// watch waits for a state of the database.
func (k *killer) watch(ok func(vswitch.Observed) bool) vswitch.Observed {
	k.t.Helper()
	o, err := k.client.WaitFor(k.limit(), ok)
	if err != nil {
		k.t.Fatalf("%v; the database holds\n%s", err, dump(o))
	}
	return o
}

// recovers starts the daemon anew and compares what it comes to.
func (k *killer) recovers(w way, what string) {
	k.t.Helper()
	d := k.sluiced()
	defer d.kill(k.t)
	var diff string
	o, err := k.client.WaitFor(k.limit(), func(o vswitch.Observed) bool {
		diff = cmp.Diff(w.want, dump(o))
		return diff == "" && o.CurCfg == o.NextCfg
	})
	if err != nil {
		k.t.Fatalf("%s, it does not recover: %v; cur_cfg %d, next_cfg %d; (-undisturbed +now)\n%s\nit says\n%s", what, err, o.CurCfg, o.NextCfg, diff, d.log)
	}
	o = k.observed()
	if k.dpdk { // elsewhere the ports do not open, and a pass waits whether they will
		d.says(k.rig, "pending=0")
	}
	if diff := cmp.Diff(k.foreign, k.theirs()); diff != "" {
		k.t.Errorf("%s: what is foreign changed (-before +now):\n%s", what, diff)
	}
	if n := k.leftovers(); n != 0 {
		k.t.Errorf("%s: %d QoS rows are left over", what, n)
	}
	if now := k.observed(); now.NextCfg != o.NextCfg {
		k.t.Errorf("%s: after it recovered it wrote again", what)
	}
}

// betweenSteps kills the daemon while the switch has not carried out the first
// step, so that the second cannot be written.
func (k *killer) betweenSteps(w way) {
	k.t.Helper()
	pid, err := k.host.VswitchdPID()
	if err != nil {
		k.t.Fatal(err)
	}
	was := k.observed().NextCfg
	pause(k.t, pid)
	d := k.sluiced()
	k.watch(func(o vswitch.Observed) bool { return o.NextCfg > was })
	d.kill(k.t)
	proceed(k.t, pid)
	k.recovers(w, "killed between the steps")
}

// theirs lists what is not ours, with the versions that change with every write.
func (k *killer) theirs() string {
	k.t.Helper()
	var lines []string
	for _, row := range []string{
		`"table":"Bridge","where":[["name","==","br9"]]`, `"table":"Port","where":[["name","==","theirs0"]]`, `"table":"QoS","where":[["type","==","theirs"]]`,
	} {
		select1 := `["Open_vSwitch",{"op":"select","columns":["_uuid","_version","external_ids"],` + row + `}]`
		out, err := k.host.Command(k.limit(), "ovsdb-client", "transact", k.host.DBEndpoint(), select1).Output()
		if err != nil {
			k.t.Fatal(err)
		}
		lines = append(lines, string(out))
	}
	for _, args := range [][]string{
		{"--columns=_uuid,name,datapath_type,fail_mode,other_config,external_ids,ports", "list", "Bridge", "br9"},
		{"--columns=_uuid,name,external_ids,qos,tag,interfaces", "list", "Port", "theirs0", "br9"},
		{"--columns=_uuid,name,type,options,mtu_request,external_ids", "list", "Interface", "theirs0", "br9"},
		{"get", "Open_vSwitch", ".", "other_config:flow-limit", "external_ids:theirs"},
		{"list-br"},
	} {
		lines = append(lines, k.vsctl(args...))
	}
	return strings.Join(lines, "\n")
}

// leftovers counts QoS rows of ours, which outlive their ports.
func (k *killer) leftovers() int {
	k.t.Helper()
	return strings.Count(k.vsctl("--columns=type", "list", "QoS"), "egress-policer") - 2
}
