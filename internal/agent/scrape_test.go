package agent

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// exposed are the series of one scrape, by name with labels as they are printed.
type exposed map[string]float64

// scrape asks the daemon as Prometheus does. The handler is the caller's, so that
// what it keeps lives as long as a daemon's.
func (r *rig) scraper() func() exposed {
	r.t.Helper()
	handler, err := r.agent.metricsHandler(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return func() exposed {
		r.t.Helper()
		reply := httptest.NewRecorder()
		handler.ServeHTTP(reply, httptest.NewRequestWithContext(r.t.Context(), "GET", "/metrics", nil))
		if reply.Code != 200 {
			r.t.Fatalf("scrape: %d %s", reply.Code, reply.Body)
		}
		series := exposed{}
		for line := range strings.Lines(reply.Body.String()) {
			if strings.HasPrefix(line, "#") {
				continue
			}
			name, text, _ := strings.Cut(strings.TrimSpace(line), "} ")
			if text == "" {
				name, text, _ = strings.Cut(strings.TrimSpace(line), " ")
			} else {
				name += "}"
			}
			value, err := strconv.ParseFloat(text, 64)
			if err != nil {
				r.t.Errorf("%q: %v", line, err)
			}
			series[name] = value
		}
		return series
	}
}

// family tells whether a scrape has a metric.
func (e exposed) family(name string) bool {
	for series := range e {
		if series == name || strings.HasPrefix(series, name+"{") || strings.HasPrefix(series, name+"_count") {
			return true
		}
	}
	return false
}

// furnish gives the host what a plain one lacks of what metrics show: a bond with
// LACP, a tunnel with BFD, a meter, a limit, and a guest's identity.
func (r *rig) furnish() {
	r.t.Helper()
	r.vsctl("add-bond", "br0", "bond0", "b1", "b2", "lacp=active", "bond_mode=active-backup", "other_config:lacp-time=fast",
		"--", "set", "Interface", "b1", "type=internal", "ingress_policing_rate=8000", "ingress_policing_burst=800",
		"--", "set", "Interface", "b2", "type=internal")
	r.vsctl("add-port", "br0", "gnv0", "--", "set", "Interface", "gnv0", "type=geneve", "options:remote_ip=192.0.2.9", "bfd:enable=true")
	r.vsctl("set", "Interface", "vm1", "external_ids:vm-uuid=6a1b2c3d-0000-4000-8000-000000000001", "external_ids:iface-id=lp1")
	socket := "unix:" + r.host.Path("br0.mgmt")
	for _, args := range [][]string{
		{"add-meter", socket, "meter=7,pktps,stats,bands=type=drop,rate=10"},
		{"add-flow", socket, "table=0,priority=9,in_port=vm1,actions=meter:7,output:vm2"},
	} {
		if out, err := r.host.Command(r.limit(), "ovs-ofctl", append([]string{"-O", "OpenFlow15"}, args...)...).CombinedOutput(); err != nil {
			r.t.Fatalf("%v: %v %s", args, err, out)
		}
	}
}

// TestScrapeOfARealHost: a daemon on OVS-DPDK with a guest that sends and one that
// receives shows every metric that such a host has, and the numbers move.
func TestScrapeOfARealHost(t *testing.T) {
	lab.Require(t, lab.MissingGuests()...)
	r := newRig(t, lab.Options{DPDK: true}, dpdkProfile)
	r.host.Allow(regexp.MustCompile(`last_used_idx .* mismatches|some packets maybe resent|\|(bond|lacp|netdev_linux|dpif|tunnel|ofproto_dpif_xlate|native_tnl|vhost|netdev_dpdk)`))
	r.await(monitor.ResultConverged)
	start := func(name string, mode lab.Mode, last byte) *lab.Guest {
		g, err := r.host.StartVirtioUser(r.limit(), lab.GuestOptions{Socket: r.socketOf(name), MAC: []byte{2, 0, 0, 0, 1, last}, Mode: mode})
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	start("vm1", lab.TxOnly, 1)
	g := start("vm2", lab.RxOnly, 2)
	r.connected("vm1", true)
	r.connected("vm2", true)
	scrape := r.scraper()
	scrape()
	if err := g.Kill(); err != nil {
		t.Fatal(err)
	}
	r.connected("vm2", false)
	start("vm2", lab.RxOnly, 2)
	r.connected("vm2", true)
	r.furnish()

	// Not on this host: a logical network, flow records (TestIPFIXOfABridge has them),
	// hardware offload, and that something failed.
	absent := func(m monitor.Metric) bool {
		return strings.HasPrefix(m.Name, "sluice_network_") || strings.Contains(m.Name, "_ipfix_") || m.Name == "ovs_upcall_offloaded_flows" || m.Name == "sluice_collector_failures_total" || m.Name == "ovs_tunnel_egress_up" ||
			strings.HasPrefix(m.Source, "Interface.statistics:rx_") && m.Set == monitor.Errors
	}
	var first exposed
	r.until("every metric is shown", func() error {
		first = scrape()
		var missing []string
		for _, m := range monitor.Table() {
			if !absent(m) && !first.family(m.Name) {
				missing = append(missing, m.Name)
			}
		}
		if len(missing) > 0 {
			return errors.New("missing are " + strings.Join(missing, ", "))
		}
		return nil
	})
	want := map[string]float64{
		`ovs_vhost_connected{bridge="br0",interface="vm2"}`:                       1,
		`ovs_vhost_reconnects_total{bridge="br0",interface="vm1"}`:                0,
		`ovs_vhost_reconnects_total{bridge="br0",interface="vm2"}`:                1,
		`ovs_vhost_vrings{bridge="br0",interface="vm1"}`:                          2,
		`ovs_vhost_expected_vrings{bridge="br0",interface="vm1"}`:                 2,
		`ovs_vhost_remote_rxqs{bridge="br0",interface="vm1"}`:                     0,
		`ovs_bond_members{bridge="br0",port="bond0"}`:                             2,
		`ovs_lacp_negotiated{bridge="br0",port="bond0"}`:                          0,
		`ovs_bfd_up{bridge="br0",interface="gnv0"}`:                               0,
		`ovs_bridge_openflow_flows{bridge="br0"}`:                                 2,
		`ovs_bridge_ports{bridge="br0"}`:                                          6,
		`ovs_conntrack_connections`:                                               0,
		`sluice_collector_success{collector="snapshot"}`:                          1,
		`ovs_interface_ingress_policing_burst_bytes{bridge="br0",interface="b1"}`: 100000,
		`ovs_interface_identity_info{bridge="br0",interface="vm1",logical_port="lp1",mac="",namespace="",pod="",vm="6a1b2c3d-0000-4000-8000-000000000001"}`: 1,
	}
	for series, value := range want {
		if got, shown := first[series]; !shown || got != value {
			t.Errorf("%s is %v (shown: %v), want %v", series, got, shown, value)
		}
	}
	for series, value := range first {
		if strings.HasPrefix(series, "sluice_collector_success{") && value != 1 {
			t.Errorf("%s is %v", series, value)
		}
	}
	r.moving(scrape, first)
}

// moving waits until what counts packets has counted more.
func (r *rig) moving(scrape func() exposed, first exposed) {
	r.t.Helper()
	moves := []string{
		`ovs_interface_rx_packets_total{bridge="br0",interface="vm1"}`,
		`ovs_interface_queue_packets_total{bridge="br0",direction="rx",interface="vm1",queue="0"}`,
		`ovs_interface_queue_bytes_total{bridge="br0",direction="rx",interface="vm1",queue="0"}`,
		`ovs_pmd_rx_packets_total{core="1",numa="0"}`,
		`ovs_pmd_lookups_total{core="1",numa="0",tier="emc"}`,
		`ovs_meter_packets_total{bridge="br0",meter="7"}`,
		`ovs_meter_band_packets_total{band="0",bridge="br0",meter="7"}`,
		`ovs_pmd_context_switches_total{core="1",kind="voluntary",numa="0"}`,
	}
	r.until("the numbers move", func() error {
		now := scrape()
		moves = slices.DeleteFunc(moves, func(series string) bool { return now[series] > first[series] })
		if len(moves) > 0 {
			return fmt.Errorf("still as they were: %s", strings.Join(moves, " "))
		}
		return nil
	})
}
