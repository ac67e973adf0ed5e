package agent

import (
	"encoding/json"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// control is a control socket that answers commands with what it was given, by
// command with arguments; "" = it hangs up without a word.
type control struct {
	mu    sync.Mutex
	texts map[string]string
	asked []string
}

// calls returns what was asked since the last call.
func (c *control) calls() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := c.asked
	c.asked = nil
	return asked
}

func (c *control) answer(conn net.Conn) {
	defer conn.Close()
	var request struct {
		Method string
		Params []string
	}
	if json.NewDecoder(conn).Decode(&request) != nil {
		return
	}
	command := strings.Join(append([]string{request.Method}, request.Params...), " ")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, command)
	switch text, known := c.texts[command]; {
	case !known:
		_ = json.NewEncoder(conn).Encode(map[string]any{"id": 1, "result": nil, "error": "no such interface\n"})
	case text != "":
		_ = json.NewEncoder(conn).Encode(map[string]any{"id": 1, "result": text, "error": nil})
	}
}

// asking is an agent whose switch answers so.
func asking(t *testing.T, texts map[string]string) (*Agent, *control, *logBook) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	c := &control{texts: texts}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			c.answer(conn)
		}
	}()
	log := &logBook{t: t}
	a := New(Options{Log: slog.New(slog.NewTextHandler(log, nil)), Clock: wallClock{}})
	a.ctl = &unixctl.Client{Program: "ovs-vswitchd", Socket: socket}
	return a, c, log
}

func TestAsk(t *testing.T) {
	const rxq, show, qos0, qos1 = "dpif-netdev/pmd-rxq-show", "dpctl/show netdev@ovs-netdev", "qos/show p0", "qos/show p1"
	healthy := map[string]string{rxq: "pmd thread numa_id 0 core_id 1:\n  isolated : false", show: "netdev@ovs-netdev:\n  port 1: p0 (dpdk: n_rxq_desc=512)", qos0: "QoS not configured on p0", qos1: "QoS: p1 egress-policer\ncir: 1\ncbs: 2"}
	with := func(command, text string) map[string]string {
		texts := map[string]string{}
		for c, was := range healthy {
			texts[c] = was
		}
		if texts[command] = text; text == "error" {
			delete(texts, command)
		}
		return texts
	}
	limit := vswitch.Settings{"type": "egress-policer"}
	all := question{options: true, policers: []policer{{iface: "p0", asked: limit}, {iface: "p1", asked: limit}}}
	tests := []struct {
		name     string
		texts    map[string]string
		q        question
		asked    []string
		ports    int
		policers int
		rxqs     bool
		warns    int
	}{
		{"nothing to verify", healthy, question{}, []string{rxq}, 0, 0, true, 0},
		{"all", healthy, all, []string{show, rxq, qos0, qos1}, 1, 2, true, 0},
		{"no userspace datapath", with(show, "error"), all, []string{show, rxq, qos0, qos1}, 0, 2, true, 0},
		{"an interface of which OVS knows nothing yet", with(qos0, "error"), all, []string{show, rxq, qos0, qos1}, 1, 1, true, 0},
		{"a release with other words", with(show, "datapaths: 1"), all, []string{show, rxq, qos0, qos1}, 0, 2, true, 1},
		{"other words on QoS", with(qos1, "policed"), all, []string{show, rxq, qos0, qos1}, 1, 1, true, 1},
		{"other words on all interfaces", map[string]string{rxq: healthy[rxq], show: "datapaths: 1", qos0: "policed", qos1: "policed"}, all, []string{show, rxq, qos0, qos1}, 0, 0, true, 2},
		{"a switch that ends meanwhile", with(show, ""), all, []string{show, rxq}, 0, 0, false, 0},
		{"a switch that ends later", with(qos0, ""), all, []string{show, rxq, qos0}, 1, 0, false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, c, log := asking(t, tt.texts)
			for range 2 { // what cannot be read is warned of once
				r := a.ask(t.Context(), tt.q)
				asked := c.calls()
				slices.Sort(asked) // the long answers are asked for together
				if diff := cmp.Diff(tt.asked, asked); diff != "" {
					t.Errorf("asked (-want +got):\n%s", diff)
				}
				if len(r.ports) != tt.ports || len(r.policers) != tt.policers || (r.rxqs != nil) != tt.rxqs {
					t.Errorf("told %+v, want %d ports, %d policers, queues: %v", r, tt.ports, tt.policers, tt.rxqs)
				}
			}
			if n := strings.Count(log.String(), "level=WARN"); n != tt.warns {
				t.Errorf("%d warnings, want %d", n, tt.warns)
			}
		})
	}
}
