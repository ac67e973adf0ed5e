package api

import (
	"bytes"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/golden"
)

func firstPlan() Plan {
	return Plan{
		Host: "nfv-01", Profile: "host.yaml", OVS: "3.1.0",
		Findings: []Finding{
			{
				Severity: SeverityWarning, Code: "pmd-not-isolated", Path: "cpu.pmd", Line: 9,
				What: "PMD cores 4-5 are not in isolcpus of the kernel command line",
				Cost: "the scheduler puts other work on them: packets wait up to milliseconds and rx queues overflow",
				Fix:  "boot with isolcpus=2-5 nohz_full=2-5 rcu_nocbs=2-5, or set cpu.pmd to 2-3",
			},
			{Severity: SeverityInfo, Code: "lsc-unused", What: "nobody listens to link state interrupts"},
		},
		Before: []string{"bind 0000:3b:00.0 to vfio-pci", "make directory /var/lib/vhost_sockets/vm1-eth0 (root:kvm drwxrws---)"},
		Steps: []Step{{Number: 1, Changes: []Change{
			{Text: "set Open_vSwitch . other_config:dpdk-init=try", Op: OpSet, Class: ClassLive, OneWay: true, Automatic: true},
			{Text: "set Open_vSwitch . other_config:pmd-cpu-mask=0x3c", Op: OpSet, Class: ClassLive, Automatic: true},
			{Text: "create Bridge br-phy datapath_type=netdev fail_mode=standalone other_config:mac-table-size=8192", Op: OpCreate, Class: ClassLive, Automatic: true},
			{
				Text: "create Interface dpdk0 in Port dpdk0 type=dpdk options:dpdk-devargs=0000:3b:00.0 options:n_rxq=4" +
					" options:n_rxq_desc=2048 options:n_txq_desc=2048 mtu_request=9000",
				Op: OpCreate, Class: ClassLive, Automatic: true,
			},
		}}},
		After: []string{"device br-phy up, addresses [172.16.0.1/24], routes [{172.16.0.0/16 172.16.0.254}]"},
	}
}

func changePlan() Plan {
	return Plan{
		Host: "nfv-01", OVS: "3.3.9", Findings: []Finding{},
		Steps: []Step{
			{Number: 1, Changes: []Change{
				{Text: "set Open_vSwitch . other_config:pmd-cpu-mask=0xfc (was 0x3c)", Op: OpSet, Class: ClassPMDRecreation, Waits: WordApply},
				{Text: "set Open_vSwitch . other_config:dpdk-socket-mem=2048,2048 (was 1024,1024)", Op: OpSet, Class: ClassRestartNeeded, Waits: WordApply, Note: "takes effect when ovs-vswitchd starts next"},
				{Text: "take over: set Interface dpdk1 options:n_rxq=4 (was 2)", Op: OpSet, Class: ClassPortRestart, TakeOver: true, Waits: WordTakeOver},
				{Text: "claim Port dpdk1 tag=100", Op: OpClaim, Class: ClassLive, Automatic: true},
				{Text: "delete Port vm1-eth0", Op: OpDelete, Class: ClassPortRestart, Waits: WordApply, Note: "in use: its traffic ends"},
				{Text: "set Bridge br-phy datapath_type=netdev (was system)", Op: OpSet, Class: ClassPortRestart, Refused: "the bridge carries the route that this session came by"},
			}},
			{Number: 2, Changes: []Change{
				{Text: "create Port vm1-eth0 in Bridge br-int", Op: OpCreate, Class: ClassLive, Automatic: true, Note: "made again"},
			}},
		},
	}
}

func refusedPlan() Plan {
	return Plan{
		Host: "nfv-01", Profile: "/etc/sluice/host.yaml", OVS: "2.17.12", Refused: true,
		Findings: []Finding{
			{
				Severity: SeverityError, Code: "hugepages-missing", Path: "bridges[0].ports[1].mtu", Line: 41,
				What: "mempools of node 1 need 1536 MiB, 1024 MiB of 2048 kB hugepages are free there: 512 MiB are missing",
				Fix:  "set mtu to at most 4100, or allocate 256 more hugepages on node 1",
			},
			{Severity: SeverityError, Code: "hostile", What: "a name with \x1b[31m an escape and \xff no UTF-8"},
			{Severity: SeverityWarning, Code: "key-unknown", Line: 12, What: "cpu.sleepMax needs OVS 3.1, this is 2.17.12"},
		},
	}
}

func TestPlanText(t *testing.T) {
	for name, p := range map[string]Plan{
		"plan-first.txt":     firstPlan(),
		"plan-change.txt":    changePlan(),
		"plan-refused.txt":   refusedPlan(),
		"plan-converged.txt": {Host: "nfv-01", Profile: "/etc/sluice/host.yaml", OVS: "4.0.0", Converged: true},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := p.WriteText(&b, TextOptions{}); err != nil {
				t.Fatal(err)
			}
			golden.Check(t, "testdata/"+name, b.String())
			for line := range strings.Lines(b.String()) {
				if len(line) > 121 {
					t.Errorf("%d columns: %s", len(line)-1, line)
				}
			}
			var colored bytes.Buffer
			if err := p.WriteText(&colored, TextOptions{Color: true}); err != nil {
				t.Fatal(err)
			}
			if got := uncolored(colored.String()); got != b.String() {
				t.Errorf("colours move columns:\n%s", got)
			}
		})
	}
}

func uncolored(s string) string {
	for {
		before, rest, found := strings.Cut(s, "\x1b[")
		if !found {
			return s
		}
		_, after, _ := strings.Cut(rest, "m")
		s = before + after
	}
}

func TestSummary(t *testing.T) {
	change := func(c Class, waits Word) Change {
		return Change{Op: OpSet, Class: c, Automatic: waits == "", TakeOver: strings.Contains(string(waits), "--take-over"), Waits: waits}
	}
	steps := func(cs ...Change) []Step { return []Step{{Number: 1, Changes: cs}} }
	for want, p := range map[string]Plan{
		`3 changes in 1 step: 2 live, 1 restart needed; 1 waits for "sluicectl host apply"`: {
			Steps: steps(change(ClassLive, ""), change(ClassLive, ""), change(ClassRestartNeeded, WordApply)),
		},
		`2 changes in 1 step: 1 live, 1 port stop/start; 1 waits as a take-over for "sluicectl host apply --take-over"`: {
			Steps: steps(change(ClassLive, ""), change(ClassPortRestart, WordTakeOver)),
		},
		`3 changes in 1 step: 2 live, 1 port stop/start; 2 wait behind the guard for "sluicectl host apply --force"; ` +
			`1 waits as a take-over behind the guard for "sluicectl host apply --force --take-over"`: {
			Steps: steps(change(ClassLive, WordForce), change(ClassLive, WordForceTakeOver), change(ClassPortRestart, WordForce)),
		},
		`1 change in 1 step; 1 not made`:                                                          {Steps: steps(Change{Op: OpDelete, Class: ClassLive, Refused: "foreign"})},
		`The host is as the profile says: nothing to do`:                                          {Converged: true},
		`The database is as the profile says; what OVS does not make of it is among the findings`: {Converged: true, NotInForce: true},
		`2 host actions`: {Before: []string{"a"}, After: []string{"b"}},
		`1 error: refused, nothing is changed`: {
			Refused: true, Findings: []Finding{{Severity: SeverityError}, {Severity: SeverityInfo}},
		},
	} {
		if got := p.Summary(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestDisruptive(t *testing.T) {
	p := changePlan()
	if got := len(p.Disruptive(false)); got != 3 {
		t.Errorf("without take-over: %d changes, want mask, memory, delete", got)
	}
	if got := len(p.Disruptive(true)); got != 4 {
		t.Errorf("with take-over: %d changes", got)
	}
	if got := firstPlan().Disruptive(true); len(got) != 0 {
		t.Errorf("a fresh switch: %v", got)
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("br-int")
	f.Add("\x1b]0;title\a\r\n\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := Printable(s)
		if strings.ContainsAny(got, "\x00\x1b\a\b\r\n\t\x7f") || got != Printable(got) {
			t.Errorf("%q -> %q", s, got)
		}
	})
}
