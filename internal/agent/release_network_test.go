package agent

import (
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/api"
)

// A released host leaves the store with its bindings, stays out of it, and is told what
// stays; its flows do.
func TestReleaseLeavesTheStore(t *testing.T) {
	r, _, _, _ := tenantRig(t)
	r.quiet()
	rows := func(table string) string {
		out, err := r.host.Command(r.limit(), "ovsdb-client", "transact", r.host.DBEndpoint(), `["Sluice",{"op":"select","table":"`+table+`","where":[]}]`).Output()
		r.must(err)
		return string(out)
	}
	if !strings.Contains(rows("Binding"), `"h1"`) {
		t.Fatal("nothing is bound: nothing is tested")
	}
	asked, err := r.api.Release(r.limit(), api.ReleaseRequest{DryRun: true})
	r.must(err)
	if asked.Host != "h1" || !strings.Contains(rows("Host"), `"h1"`) {
		t.Errorf("asked only: %+v", asked)
	}
	held := r.held()
	result, err := r.release()
	r.must(err)
	if result.Host != "h1" || len(result.Stays) != 1 || !strings.Contains(result.Stays[0], "bridge br-int with its flows") {
		t.Errorf("released: %q, stays %q", result.Host, result.Stays)
	}
	r.sameFlows(held, "by a release")
	for _, table := range []string{"Host", "Host_Status", "Binding"} {
		if text := rows(table); strings.Contains(text, `"h1"`) {
			t.Errorf("%s: %s", table, text)
		}
	}
}

// Where the store does not answer, it is said how to do it later.
func TestReleaseWithoutStore(t *testing.T) {
	r := plainRig(t, "h1", "172.16.0.1")
	way, cut := r.proxy("one.sock")
	r.opt.Network.Store.Endpoints = []string{"unix:" + way}
	r.begin()
	cut.cut()
	result, err := r.release()
	r.must(err)
	if text := strings.Join(result.Stays, "\n"); result.Host != "" || !strings.Contains(text, "host h1 in the store") || !strings.Contains(text, "sluicectl ch del h1") {
		t.Errorf("released: %+v", result)
	}
}
