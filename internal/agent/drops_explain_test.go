package agent

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/lab"
)

// On a real switch: a port that loses packets is not called well, whatever its row
// says, and the cause is named with its remedy.
func TestExplainNamesWhatIsLost(t *testing.T) {
	lab.Require(t, lab.MissingGuests()...)
	r := newDropRig(t)
	r.host.Allow(regexp.MustCompile(`netdev_dpdk\|WARN\|(vm|wire): Too big size 3000`))
	wire, slow := r.cable("wire"), r.cable("slow")
	r.long("slow", "slowfar")
	r.sync("add-br", "drop", "--", "set", "Bridge", "drop", "datapath_type=netdev", "fail-mode=secure", "--",
		"add-port", "drop", "slow", "--",
		"add-port", "drop", "wire", "--", "set", "Interface", "wire", "type=dpdk", "options:dpdk-devargs=net_af_packet0,iface=wire")
	r.idleGuest()
	r.flows("drop")
	r.settled()
	if e := r.explainPort("vm"); !e.Healthy || len(e.Notes) > 0 {
		t.Fatalf("before anything was dropped: %+v", e)
	}

	etherType := r.next()
	r.fill(wire, etherType)
	r.losing("vm", "tx failure", "rx_queue_size=1024", func() { wire.send(64, etherFrame(etherType, 60)) })
	r.flows("drop", "in_port=slow,actions=output:vm")
	r.losing("vm", "tx mtu_exceeded", "Its MTU is 1500.", func() { slow.send(8, etherFrame(etherType, 3000)) })
	r.flows("drop", "in_port=wire,actions=output:slow")
	r.sync("set", "Interface", "wire", "ingress_policing_rate=1", "ingress_policing_burst=1")
	r.losing("wire", "rx qos", "ovs-vsctl set Interface wire ingress_policing_rate=0", func() { wire.send(64, etherFrame(etherType, 1400)) })
	ports, err := r.api.Ports(r.limit())
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]string{}
	for _, p := range ports {
		for _, d := range p.Drops {
			named[p.Name] += " " + titleOf(d)
		}
	}
	if !strings.Contains(named["vm"], "tx failure") || !strings.Contains(named["vm"], "tx mtu_exceeded") || !strings.Contains(named["wire"], "rx qos") {
		t.Errorf("the list of ports names %v", named)
	}
}

// losing drops until the port is explained by the words.
func (r *dropRig) losing(port, cause, remedy string, drop func()) {
	r.t.Helper()
	r.until(fmt.Sprintf("%s is explained by %s", port, cause), func() error {
		drop()
		r.refresh()
		e := r.explainPort(port)
		for _, reason := range e.Reasons {
			if text := reason.What + " " + reason.Fix; strings.Contains(text, cause) && strings.Contains(text, remedy) && !e.Healthy {
				return nil
			}
		}
		return fmt.Errorf("it tells %+v", e)
	})
}

func (r *dropRig) explainPort(name string) api.Explanation {
	r.t.Helper()
	e, err := r.api.Explain(r.limit(), name)
	if err != nil {
		r.t.Fatal(err)
	}
	return e
}
