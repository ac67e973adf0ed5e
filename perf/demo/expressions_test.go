package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/lab"
)

// absent are the metrics that the host of this test cannot have, by how their
// names begin, with the reason.
var absent = map[string]string{
	"ovs_bond_":                       "the host has no bond",
	"ovs_lacp_":                       "the host has no bond",
	"ovs_bfd_":                        "BFD watches tunnels to edges, and there is no second host",
	"ovs_tunnel_egress_up":            "tunnels whose end the flows say have none",
	"ovs_meter_":                      "no flow of the host has a meter",
	"ovs_interface_ingress_policing_": "no limit is asked for",
	"ovs_interface_rx_missed_errors":  "net_tap and vhost have no such counter: it is a NIC's",
	"ovs_upcall_offloaded_flows":      "no hardware takes flows",
	"ovs_interface_identity_info":     "nobody wrote whose the interfaces are",
	"ovs_vhost_reconnects_total":      "no guest comes back",
	"sluice_network_questions_total":  "no guest asks for addresses",
	"sluice_collector_failures_total": "no collector fails",
	"sluice_ipfix_malformed_total":    "every record makes sense",
}

// healthy are the panels that show only what is wrong, by title, with what is not.
var healthy = map[string]string{
	"Collectors that fail":                 "all succeed",
	"Queues that guests have disabled":     "guests use all of their queues",
	"Isolated PMDs":                        "no queue is pinned",
	"Rings missing":                        "guests set up what the profile wants",
	"Queues polled from another NUMA node": "the machine has one node",
	"Interfaces that OVS could not set up": "all are set up",
	"Link changes":                         "no link changes",
	"Ports that drop most":                 "nothing need be dropped",
}

// asked is one expression of a dashboard or a rule.
type asked struct{ where, title, expr string }

// panels reads the expressions of the shipped dashboards, with values in place
// of Grafana's variables.
func panels(t *testing.T) []asked {
	t.Helper()
	var all []asked
	boards := configs.Dashboards()
	for _, name := range slices.Sorted(maps.Keys(boards)) {
		var board struct {
			Panels []struct {
				Title   string
				Targets []struct{ Expr string }
			}
		}
		if err := json.Unmarshal(boards[name], &board); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, p := range board.Panels {
			for _, target := range p.Targets {
				expr := strings.ReplaceAll(target.Expr, "$__rate_interval", "20s")
				all = append(all, asked{name, p.Title, regexp.MustCompile(`\$[a-z]+`).ReplaceAllString(expr, ".*")})
			}
		}
	}
	if len(all) < 50 {
		t.Fatalf("only %d expressions", len(all))
	}
	return all
}

// metricName matches names of the table and of recorded series.
var metricName = regexp.MustCompile(`\b(?:ovs|sluice|core|core_tier|instance_tier):?[a-z0-9_]*_[a-z0-9_:]+`)

// missing says why an expression can have no data on this host; empty = it must.
func (a asked) missing() string {
	if why := healthy[a.title]; why != "" {
		return why
	}
	for _, name := range metricName.FindAllString(a.expr, -1) {
		for begin, why := range absent {
			if strings.HasPrefix(name, begin) {
				return why
			}
		}
	}
	return ""
}

// TestExpressions asks a real Prometheus, scraping a real host under traffic,
// every expression of the dashboards and the rules. What can have no data there
// is named above with the reason; everything else must have some.
func TestExpressions(t *testing.T) {
	lab.Require(t, append(lab.MissingPrometheus(), lab.MissingGuests()...)...)
	p := scraped(t)
	questions := panels(t)
	rules, err := p.Rules(t.Context())
	if err != nil || len(rules) < 10 {
		t.Fatalf("%d rules: %v", len(rules), err)
	}
	for _, r := range rules {
		if r.Type == "recording" {
			questions = append(questions, asked{"recording rule", r.Name, r.Name})
			continue
		}
		// An alert has no data where all is well: what it is made of must have.
		for _, name := range slices.Compact(slices.Sorted(slices.Values(metricName.FindAllString(r.Query, -1)))) {
			questions = append(questions, asked{"alert", r.Name, name})
		}
	}
	// Each is asked until it has data: some come of counters that OVS writes every
	// five seconds, or of its window of a minute.
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err = lab.Until(ctx, "all expressions have data", func(ctx context.Context) error {
		questions = slices.DeleteFunc(questions, func(q asked) bool {
			samples, err := p.Query(ctx, q.expr)
			if err != nil && ctx.Err() == nil {
				t.Errorf("%s: %s: %v", q.where, q.title, err)
			}
			return err == nil && (len(samples) > 0 || q.missing() != "") || err != nil && ctx.Err() == nil
		})
		if len(questions) > 0 {
			return fmt.Errorf("%d have none", len(questions))
		}
		return nil
	})
	if err != nil {
		for _, q := range questions {
			t.Errorf("%s: %s: no data: %s", q.where, q.title, q.expr)
		}
	}
	rules, err = p.Rules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		if r.Health != "ok" {
			t.Errorf("rule %s: %s %s", r.Name, r.Health, r.LastError)
		}
	}
}

// patience is how long all expressions together may take to have data.
const patience = 90 * time.Second

// watched is the profile of the host: three guests' ports, of which one has no
// guest, flow records of their bridge, and an overlay.
const watched = `
apiVersion: sluice/v1
kind: HostProfile
name: watched
cpu: {reserved: "0", pmd: "1"}
dpdk:
  init: try
  memory: {model: per-port, sockets: [400], headroom: 0}
  vhost: {socketDir: "${socket_dir}"}
  extra: [--no-pci]
bridges:
  - name: br-demo
    failMode: standalone
    ports:
      - {name: tap0, device: {vdev: "net_tap0,iface=sluice-tap0"}, rxQueues: 2}
vhost:
  ports:
    - {name: vm1, bridge: br-demo, access: {group: root}}
    - {name: vm2, bridge: br-demo, access: {group: root}}
    - {name: vm3, bridge: br-demo, access: {group: root}}
overlay: {bridge: "", address: 192.0.2.1}
monitor:
  ipfix: {mode: bridge, sampling: 10, bridges: [br-demo]}
`

// scraped is a Prometheus that scrapes the daemon of a host under traffic, all
// in the host's network namespace.
func scraped(t *testing.T) *lab.Prometheus {
	t.Helper()
	h := lab.New(t, lab.Options{DPDK: true, Unconfigured: true})
	h.Allow(regexp.MustCompile(`jsonrpc\|WARN\|unix#\d+: send error: Broken pipe`))
	bin := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "../../cmd/sluiced", "../../cmd/sluicectl").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	d := &demo{Options: Options{Out: t.Output()}, host: h, sockets: h.SocketDir(), ctx: context.WithoutCancel(t.Context())}
	for name, text := range map[string]string{"host.yaml": watched, "vars.yaml": fmt.Sprintf("socket_dir: %q\n", d.sockets)} {
		if err := os.WriteFile(h.Path(name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// As on a real host, where the control socket has the process in its name: the
	// daemon makes the store of the network through it.
	pid, err := os.ReadFile(h.Path("ovsdb-server.pid"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(h.DBCtl(), h.Path("ovsdb-server."+strings.TrimSpace(string(pid))+".ctl")); err != nil {
		t.Fatal(err)
	}
	const metrics = "127.0.0.1:9467"
	daemon := h.Command(d.ctx, filepath.Join(bin, "sluiced"), "--settings", "/dev/null", "--profile", h.Path("host.yaml"), "--vars", h.Path("vars.yaml"),
		"--ovs-run-dir", h.RunDir(), "--api-socket", d.Socket(), "--metrics-listen", metrics)
	log, err := os.Create(h.Path("sluiced.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	daemon.Stdout, daemon.Stderr = log, log
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			text, _ := os.ReadFile(h.Path("sluiced.log"))
			t.Logf("sluiced.log:\n%s", text)
		}
		for _, g := range d.guests {
			if err := g.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	d.client = api.Dial(d.Socket())
	for _, step := range []func(context.Context) error{d.converged, d.startGuests, d.connected, d.send} {
		if err := step(ctx); err != nil {
			t.Fatal(err)
		}
	}
	// The network has something in it, and with that a generation.
	add := h.Command(ctx, filepath.Join(bin, "sluicectl"), "--store", "unix:"+h.DBSocket(), "ls", "add", "blue")
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("sluicectl ls add: %v\n%s", err, out)
	}
	p, err := h.StartPrometheus(ctx, lab.PrometheusOptions{Target: metrics, Inside: true, Rules: configs.PrometheusRules()})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
