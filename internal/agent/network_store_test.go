package agent

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/store"
)

// ovsdb-server ends, and with it the host's own store: all is as before when it is
// back, and what was asked for meanwhile is made.
func TestDatabaseKilled(t *testing.T) {
	r, c, one, two := tenantRig(t)
	r.quiet()
	r.must(r.host.StopDB(r.limit()))
	r.until("it is told", func() error {
		if s := r.agent.network.Status(); !strings.Contains(s.Store, "db.sock: ") || !strings.Contains(s.Store, "no such file") {
			return fmt.Errorf("it tells %+v", s)
		}
		return nil
	})
	r.must(r.host.StartDB(r.limit()))
	one.reaches(two, "after")
	r.must(c.AddPort(r.limit(), "blue", guestPort(5)))
	one.reaches(r.plug(5), "after")
	if s := r.agent.network.Status(); s.Mended != 0 || s.Store != "" || s.Switch != "" {
		t.Errorf("status %+v", s)
	}
}

// storeNotReached waits until the status says so, with an endpoint.
func (r *rig) storeNotReached() {
	r.t.Helper()
	r.until("it is told that the store is not reached", func() error {
		if s := r.agent.network.Status(); !strings.Contains(s.Store, "reached") || !strings.Contains(s.Store, ".sock") {
			return fmt.Errorf("it tells %+v", s)
		}
		return nil
	})
}

// A fleet's store that cannot be reached, later and at start: the bridge stays as it is,
// a switch that starts anew gets its flows back, and all catches up afterwards.
func TestStoreAway(t *testing.T) {
	r := plainRig(t, "h1", "172.16.0.1")
	first, way1 := r.proxy("one.sock")
	second, way2 := r.proxy("two.sock")
	r.opt.Network.Store = store.Options{Endpoints: []string{"unix:" + first, "unix:" + second}}
	r.begin()
	c := storeOf(r)
	tenants(r, c)
	one, two := r.plug(1), r.plug(2)
	one.reaches(two, "before")
	r.quiet()
	way1.cut()
	way2.cut()
	// The next to be told would have to be this one, and nobody answers.
	r.vsctl("set", "Interface", "vm2", "external_ids:iface-id=nobody")
	r.until("the port leaves", func() error {
		if strings.Contains(r.held(), "10.0.0.2 actions=goto_table:8") {
			return errors.New("it is there")
		}
		return nil
	})
	r.vsctl("set", "Interface", "vm2", "external_ids:iface-id=vm2")
	one.reaches(two, "while the store is away")
	r.must(r.host.KillVswitchd())
	r.must(r.host.StartVswitchd(r.limit()))
	one.reaches(two, "after a start of the switch, while the store is away")
	r.quiet()
	held := r.held()
	r.stop()
	r.start()
	r.storeNotReached()
	one.reaches(two, "after a start of the daemon without a store")
	if now := r.held(); now != held {
		t.Errorf("the bridge was changed:\n%s\nwas\n%s", now, held)
	}
	r.until("status counts what is on the bridge", func() error {
		if s := r.agent.network.Wire(); s.Flows == 0 || s.Bare != "" {
			return fmt.Errorf("%+v", s)
		}
		return nil
	})
	scrape := r.scraper()
	if s := scrape(); s["sluice_network_store_up"] != 0 || s[integrationFlows] == 0 {
		t.Errorf("alert SluiceNetworkNotLaid would fire: store up %v, %v flows on the bridge", s["sluice_network_store_up"], s[integrationFlows])
	}
	// A daemon that never read the store, and a switch that starts after it.
	r.must(r.host.KillVswitchd())
	r.must(r.host.StartVswitchd(r.limit()))
	r.until("metrics tell that nothing is laid, as alert SluiceNetworkNotLaid asks", func() error {
		s := scrape()
		flows, told := s[integrationFlows]
		info := s[`ovs_bridge_info{bridge="br-int",datapath_type="netdev",fail_mode="secure"}`]
		if s["sluice_network_store_up"] != 0 || s["sluice_network_flows"] != 0 || !told || flows != 0 || info != 1 {
			return fmt.Errorf("store up %v, %v laid, %v on the bridge (told: %v), info %v", s["sluice_network_store_up"], s["sluice_network_flows"], flows, told, info)
		}
		return nil
	})
	r.nothingLaid()
	r.must(c.AddPort(r.limit(), "blue", guestPort(5)))
	five := r.plug(5)
	way1.heal()
	way2.heal()
	one.reaches(five, "after the store came back")
}

// integrationFlows is the series of what the integration bridge really holds.
const integrationFlows = `ovs_bridge_openflow_flows{bridge="br-int"}`

// nothingLaid starts switch and daemon anew while the store is away, as a reboot does,
// and sees to it that the empty bridge is told of.
func (r *rig) nothingLaid() {
	r.t.Helper()
	r.stop()
	r.must(r.host.KillVswitchd())
	r.must(r.host.StartVswitchd(r.limit()))
	r.start()
	r.until("the empty bridge is told of", func() error {
		s, err := r.api.Status(r.limit())
		if err == nil && (s.Network == nil || !strings.HasPrefix(s.Network.Bare, "NOTHING is laid on br-int")) {
			err = fmt.Errorf("%+v", s.Network)
		}
		return err
	})
	end, err := r.api.Flows(r.limit(), api.FlowsRequest{}, func(api.Flow) error { return nil })
	if err != nil || !end.Bare || !strings.HasPrefix(end.Network, "NOTHING is laid") {
		r.t.Errorf("flows show: %+v %v", end, err)
	}
}

// Rows that make no sense are told and left out, and the others are laid.
func TestGarbageInTheStore(t *testing.T) {
	r, _, _, _ := tenantRig(t)
	sw := "[\"uuid\",\"" + r.rowOf("Switch", "red") + "\"]"
	rows := []string{
		`{"op":"insert","table":"Switch_Port","row":{"name":"bad,name","switch":` + sw + `,"key":77,"kind":"guest"}}`,
		`{"op":"insert","table":"Switch_Port","row":{"name":"noaddress","switch":` + sw + `,"key":78,"kind":"guest","addresses":"banana"}}`,
		`{"op":"insert","table":"Switch_Port","row":{"name":"nomac","switch":` + sw + `,"key":79,"kind":"guest","mac":"zz:zz"}}`,
		`{"op":"insert","table":"Host","row":{"name":"nowhere","addresses":"300.1.2.3","index":900,"role":"node","mode":"full"}}`,
	}
	put := 0
	for _, op := range rows {
		if r.transact(op) {
			put++
		}
	}
	if put < 2 {
		t.Fatalf("the server took %d rows of garbage: nothing was tested", put)
	}
	r.says("a row of the store is left out")
	three := r.plug(3)
	three.reaches(r.plug(4), "after")
	if s := r.agent.network.Status(); s.Store != "" || s.Switch != "" || s.Unusable != put {
		t.Errorf("it tells %+v", s)
	}
	for name, want := range map[string]string{
		"sluice_network_unusable_rows": fmt.Sprint(put), "sluice_network_store_up": "1", "sluice_network_set_aside": "0",
		"sluice_network_mended_total": "0", "sluice_network_generation_lag": "0",
	} {
		if got := r.metric(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

// transact does one operation on the store, past all checks but the server's own.
func (r *rig) transact(op string) bool {
	r.t.Helper()
	out, err := r.host.Command(r.limit(), "ovsdb-client", "transact", r.host.DBEndpoint(), `["Sluice",`+op+`]`).CombinedOutput()
	if err != nil || strings.Contains(string(out), `"error"`) {
		r.t.Logf("%s: %s %v", op, strings.TrimSpace(string(out)), err)
		return false
	}
	return true
}

// rowOf is the UUID of a row of the store.
func (r *rig) rowOf(table, name string) string {
	r.t.Helper()
	out, err := r.host.Command(r.limit(), "ovsdb-client", "transact", r.host.DBEndpoint(), `["Sluice",{"op":"select","table":"`+table+`","where":[["name","==","`+name+`"]],"columns":["_uuid"]}]`).Output()
	m := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`).FindString(string(out))
	if err != nil || m == "" {
		r.t.Fatalf("no row %s: %v %s", name, err, out)
	}
	return m
}
