package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"testing"

	"github.com/sluice-nfv/sluice/flows/logical"
)

func TestFreeAddress(t *testing.T) {
	ranges := func(pairs ...string) (all []logical.AddressRange) {
		for i := 0; i < len(pairs); i += 2 {
			all = append(all, logical.AddressRange{First: addr(pairs[i]), Last: addr(pairs[i+1])})
		}
		return all
	}
	for name, tt := range map[string]struct {
		pool  logical.Pool
		taken []string
		want  string // "" = none
	}{
		"the network's own is nobody's":   {logical.Pool{Prefix: prefix("10.0.0.0/24")}, nil, "10.0.0.1"},
		"nor the gateway":                 {logical.Pool{Prefix: prefix("10.0.0.0/24"), Gateway: addr("10.0.0.1")}, nil, "10.0.0.2"},
		"nor what is taken":               {logical.Pool{Prefix: prefix("10.0.0.0/24")}, []string{"10.0.0.1", "10.0.0.2", "10.0.0.4"}, "10.0.0.3"},
		"nor what is excluded":            {logical.Pool{Prefix: prefix("10.0.0.0/24"), Exclude: ranges("10.0.0.1", "10.0.0.9", "10.0.0.5", "10.0.0.20")}, nil, "10.0.0.21"},
		"nor the broadcast address":       {logical.Pool{Prefix: prefix("10.0.0.0/30")}, []string{"10.0.0.1", "10.0.0.2"}, ""},
		"two are enough for two":          {logical.Pool{Prefix: prefix("10.0.0.0/31")}, []string{"10.0.0.0"}, "10.0.0.1"},
		"one is enough for one":           {logical.Pool{Prefix: prefix("10.0.0.7/32")}, nil, "10.0.0.7"},
		"a range to the end":              {logical.Pool{Prefix: prefix("255.255.255.0/24"), Exclude: ranges("255.255.255.1", "255.255.255.255")}, nil, ""},
		"of IPv6 the last is one as well": {logical.Pool{Prefix: prefix("fd00::/126")}, []string{"fd00::1", "fd00::2"}, "fd00::3"},
		"what nobody can count":           {logical.Pool{Prefix: prefix("fd00::/64"), Exclude: ranges("fd00::", "fd00::ffff:ffff:ffff")}, nil, "fd00::1:0:0:0"},
		"to the very end":                 {logical.Pool{Prefix: prefix("ffff::/16"), Exclude: ranges("ffff::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")}, nil, ""},
	} {
		taken := map[netip.Addr]bool{}
		for _, a := range tt.taken {
			taken[addr(a)] = true
		}
		got := ""
		if a, ok := FreeAddress(&tt.pool, taken); ok {
			got = a.String()
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// The least free address is the first that a walk over all of them finds.
func TestFreeAddressByWalk(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		bits := 24 + r.IntN(9)
		p := logical.Pool{Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(r.IntN(256))}), bits).Masked()}
		some := func() netip.Addr { return netip.AddrFrom4([4]byte{10, 0, 0, byte(r.IntN(256))}) }
		for range r.IntN(3) {
			a, b := some(), some()
			if b.Less(a) {
				a, b = b, a
			}
			p.Exclude = append(p.Exclude, logical.AddressRange{First: a, Last: b})
		}
		if r.IntN(2) == 0 {
			p.Gateway = some()
		}
		taken := map[netip.Addr]bool{}
		for range r.IntN(300) {
			taken[some()] = true
		}
		var want netip.Addr
		for i := range 256 {
			a := netip.AddrFrom4([4]byte{10, 0, 0, byte(i)})
			edge := bits < 31 && (a == p.Prefix.Addr() || !p.Prefix.Contains(a.Next()))
			out := slices.ContainsFunc(p.Exclude, func(x logical.AddressRange) bool { return !a.Less(x.First) && !x.Last.Less(a) })
			if p.Prefix.Contains(a) && !edge && !out && !taken[a] && a != p.Gateway {
				want = a
				break
			}
		}
		if got, ok := FreeAddress(&p, taken); got != want || ok != want.IsValid() {
			t.Fatalf("%+v with %v taken: %s, want %s", p, taken, got, want)
		}
	}
}

// Ports that are made together, by several, get an address each and no two the same.
func TestAllocation(t *testing.T) {
	r := newRig(t)
	ctx, c := limit(t), r.client
	must(t, c.AddSwitch(ctx, logical.Switch{Name: "web"}))
	if _, err := c.AddPortFromPools(ctx, "web", guest("vm0")); !errors.As(err, new(*InvalidError)) {
		t.Errorf("without a pool: %v", err)
	}
	must(t, c.AddPool(ctx, "web", logical.Pool{Name: "four", Prefix: prefix("10.0.0.0/28"), Gateway: addr("10.0.0.1")}))
	must(t, c.AddPool(ctx, "web", logical.Pool{Name: "six", Prefix: prefix("fd00::/120")}))
	must(t, c.AddPort(ctx, "web", guest("fixed", "10.0.0.3")))
	const others, each = 3, 4 // and so all 13 addresses but one are taken
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[netip.Addr]string{addr("10.0.0.3"): "fixed"}
	for i := range others {
		other := r.dial(t)
		wg.Go(func() {
			for j := range each {
				name := fmt.Sprintf("vm%d-%d", i, j)
				got, err := other.AddPortFromPools(ctx, "web", guest(name))
				if err != nil || len(got) != 2 || !got[0].Is4() || !got[1].Is6() {
					t.Errorf("%s: %v %v", name, got, err)
				}
				mu.Lock()
				for _, a := range got {
					if was := seen[a]; was != "" {
						t.Errorf("%s has %s, and %s has it too", name, a, was)
					}
					seen[a] = name
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	var full *PoolFullError
	if _, err := c.AddPortFromPools(ctx, "web", guest("more")); !errors.As(err, &full) || full.Pools[0] != "four" {
		t.Errorf("a full pool: %v", err)
	}
	if got, err := c.AddPortFromPools(ctx, "web", guest("own", "10.9.0.9")); err != nil || len(got) != 2 || got[0] != addr("10.9.0.9") {
		t.Errorf("with an address of its own: %v %v", got, err)
	}
	must(t, c.DeletePort(ctx, "web", "fixed"))
	if got, err := c.AddPortFromPools(ctx, "web", guest("next"), "four"); err != nil || len(got) != 1 || got[0] != addr("10.0.0.3") {
		t.Errorf("what was given back: %v %v", got, err)
	}
	n, _, err := c.Load(ctx)
	must(t, err)
	if p := n.PortByName("next"); p == nil || p.MAC != logical.DefaultMAC(addr("10.0.0.3")) {
		t.Errorf("%+v", p)
	}
}

// What a workload that is no port holds is not given to a port, and keeps its pool.
func TestHeldAddresses(t *testing.T) {
	r := newRig(t)
	ctx, c := limit(t), r.client
	must(t, c.AddSwitch(ctx, logical.Switch{Name: "web"}))
	must(t, c.AddPool(ctx, "web", logical.Pool{Name: "four", Prefix: prefix("10.0.0.0/28")}))
	n, _, err := c.Load(ctx)
	must(t, err)
	for p := range n.Pools() {
		_, err := c.transact(ctx, insertOp("Pool_Address", "", row{"pool": refOf(p.ID), "address": "10.0.0.1", "owner": "pod-7"}))
		must(t, err)
	}
	if got, err := c.AddPortFromPools(ctx, "web", guest("vm1")); err != nil || got[0] != addr("10.0.0.2") {
		t.Errorf("%v %v", got, err)
	}
	held, err := c.PoolAddresses(ctx)
	if err != nil || len(held) != 1 || held[0].Owner != "pod-7" || held[0].Address != addr("10.0.0.1") {
		t.Errorf("%+v %v", held, err)
	}
	var used *InUseError
	if err := c.DeletePool(ctx, "web", "four"); !errors.As(err, &used) || used.By[0] != "pod-7 (10.0.0.1)" {
		t.Errorf("%v", err)
	}
	for name, p := range map[string]logical.Pool{
		"the name":  {Name: "four", Prefix: prefix("10.1.0.0/28")},
		"a part of": {Name: "other", Prefix: prefix("10.0.0.8/29")},
	} {
		if err := c.AddPool(ctx, "web", p); !errors.As(err, new(*logical.DuplicateError)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
