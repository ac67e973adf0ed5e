package store

import (
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
)

func machine(name, id, address string) logical.Host {
	return logical.Host{Name: name, SystemID: id, Addresses: []netip.Addr{addr(address)}}
}

// TestSameName: a second machine of the same name is told who has it, and gets it once
// the first has been silent for Live by the second's own clock, whatever that shows.
func TestSameName(t *testing.T) {
	for what, skew := range map[string]time.Duration{"behind": -time.Hour, "as it": 0, "ahead": time.Hour} {
		t.Run("clock "+what, func(t *testing.T) {
			r := newRig(t)
			ctx, first, second := limit(t), r.client, r.dial(t)
			now := time.Now()
			theirs := now.Add(skew)
			speak := func(at time.Time) {
				t.Helper()
				must(t, first.Report(ctx, logical.HostStatus{Host: "h1", LastSeen: at}))
			}
			_, err := first.RegisterHost(ctx, machine("h1", "s1", "192.0.2.1"), now)
			must(t, err)
			refused := func(after time.Duration, h logical.Host, words ...string) {
				t.Helper()
				_, err := second.RegisterHost(ctx, h, theirs.Add(after))
				if !errors.As(err, new(*logical.DuplicateError)) {
					t.Fatalf("after %s: %v", after, err)
				}
				for _, w := range words {
					if !strings.Contains(err.Error(), w) {
						t.Errorf("%v: no word of %q", err, w)
					}
				}
			}
			clone := machine("h1", "s2", "192.0.2.2")
			refused(0, clone, "host name h1 is taken by another machine, system-id s1 at 192.0.2.1", "another host name", "sluicectl ch del h1")
			speak(now.Add(10 * time.Second))
			refused(2*Live, clone) // it has spoken since
			refused(2*Live, machine("h2", "s2", "192.0.2.1"), "tunnel address 192.0.2.1 is taken by host h1, system-id s1")
			speak(now.Add(20 * time.Second))
			refused(4*Live, clone)
			refused(5*Live-time.Second, clone)
			s, _, err := first.Load(ctx)
			must(t, err)
			if h := s.HostByName("h1"); h.SystemID != "s1" || h.Addresses[0] != addr("192.0.2.1") {
				t.Errorf("the first machine's row is %+v", h)
			}
			h, err := second.RegisterHost(ctx, clone, theirs.Add(5*Live))
			must(t, err)
			if h.SystemID != "s2" || h.Index != 1 {
				t.Errorf("%+v", h)
			}
		})
	}
}

// TestRegisterTogether: of machines that come at once with one name, or one address,
// one gets it.
func TestRegisterTogether(t *testing.T) {
	r := newRig(t)
	ctx := limit(t)
	for what, h := range map[string]func(i string) logical.Host{
		"name":    func(i string) logical.Host { return machine("same", "s"+i, "192.0.2."+i) },
		"address": func(i string) logical.Host { return machine("h"+i, "t"+i, "192.0.2.100") },
	} {
		var done sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			c := r.dial(t)
			done.Go(func() { _, errs[i] = c.RegisterHost(ctx, h(string(rune('1'+i))), time.Now()) })
		}
		done.Wait()
		got := 0
		for _, err := range errs {
			if err == nil {
				got++
			} else if !errors.As(err, new(*logical.DuplicateError)) {
				t.Errorf("one %s: %v", what, err)
			}
		}
		if got != 1 {
			t.Errorf("one %s: %d machines have it", what, got)
		}
	}
}

// TestRegisterGuard: who has an address, or is silent, may not change between looking
// and writing.
func TestRegisterGuard(t *testing.T) {
	r := newRig(t)
	ctx := limit(t)
	empty := new(logical.Snapshot)
	h := machine("h2", "s2", "192.0.2.1")
	_, err := r.client.transact(ctx, hostGuard(empty, &h)...)
	must(t, err)
	_, err = r.client.RegisterHost(ctx, machine("h1", "s1", "192.0.2.1"), time.Now())
	must(t, err)
	at := time.UnixMilli(1000)
	_, err = r.client.transact(ctx, sameWord("h1", nil))
	must(t, err)
	must(t, r.client.Report(ctx, logical.HostStatus{Host: "h1", LastSeen: at}))
	_, err = r.client.transact(ctx, sameWord("h1", map[string]time.Time{"h1": at}))
	must(t, err)
	for what, guard := range map[string][]op{
		"address": hostGuard(empty, &h), "silence": {sameWord("h1", nil)}, "word": {sameWord("h1", map[string]time.Time{"h1": at.Add(time.Second)})},
	} {
		var remote *RemoteError
		if _, err := r.client.transact(ctx, guard...); !errors.As(err, &remote) || remote.Code != "timed out" {
			t.Errorf("%s: %v", what, err)
		}
	}
}
