package flows_test

import (
	"context"
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/simulate/difftest"
	"github.com/sluice-nfv/sluice/internal/lab"
)

// ask6 is a solicitation to one receiver, as who looks whether its router is still there
// (RFC 4861, section 7.3.3).
func ask6(src, dst, from, to, target string) string {
	return "icmp6,dl_src=" + src + ",dl_dst=" + dst + ",ipv6_src=" + from + ",ipv6_dst=" + to + ",nw_ttl=255,icmpv6_type=135,icmpv6_code=0," +
		"nd_target=" + target + ",nd_sll=" + src
}

// TestRouterProbed: a router's port is there while its flows are, whether the daemon is or
// not; on the guest's host, and at an edge.
func TestRouterProbed(t *testing.T) {
	r := start(t, exit(t))
	told := func(at, dst, src, to, from string) []string {
		return []string{at + " icmpv6_type=136 dl_dst=" + dst + " dl_src=" + src + " ipv6_src=" + from + " ipv6_dst=" + to + " nd_tll=" + src + " nd_target=" + from + " nw_ttl=255"}
	}
	const lrBlueV6, blue1V6, probeV6, lreV6 = "2001:db8:1::1", "2001:db8:1::11", "2001:db8:ff::99", "2001:db8:ff::3"
	for name, p := range map[string]probe{
		"link-local":           {"h1/blue1", ask6(blue1, lrBlue, blue1LL, lrBlueLL, lrBlueLL), told("h1/blue1", blue1, lrBlue, blue1LL, lrBlueLL)},
		"global":               {"h1/blue1", ask6(blue1, lrBlue, blue1V6, lrBlueV6, lrBlueV6), told("h1/blue1", blue1, lrBlue, blue1V6, lrBlueV6)},
		"at an edge":           {"h2/probe", ask6(probeMAC, lreMAC, probeLL, lreLL, lreLL), told("h2/probe", probeMAC, lreMAC, probeLL, lreLL)},
		"at an edge, global":   {"h2/probe", ask6(probeMAC, lreMAC, probeV6, lreV6, lreV6), told("h2/probe", probeMAC, lreMAC, probeV6, lreV6)},
		"of another link":      {"h1/blue1", ask6(blue1, lrBlue, blue1V6, lrBlueV6, "2001:db8:ff::1"), nil},
		"of nobody":            {"h1/blue1", ask6(blue1, lrBlue, blue1V6, lrBlueV6, "2001:db8:1::77"), nil},
		"from no address":      {"h1/blue1", ask6(blue1, lrBlue, "::", lrBlueV6, lrBlueV6), nil},
		"routed, with its TTL": {"h1/blue1", ask6(blue1, lrBlue, blue1V6, "2001:db8:2::1", "2001:db8:2::1"), nil},
	} {
		t.Run(name, func(t *testing.T) { p.run(t, r) })
	}
}

// TestRouterProbedOnTheWire sends such a solicitation and compares the advertisement byte
// by byte (RFC 4861, section 4.4): flags, option, checksum.
func TestRouterProbedOnTheWire(t *testing.T) {
	r := start(t, twoHosts(t))
	const (
		mac, router = "f2010a00010b", "f2010a000101"
		from, to    = "fe80000000000000f0010afffe00010b", "fe80000000000000f0010afffe000101"
	)
	frame, err := hex.DecodeString(message(router, mac, from, to, "8700", "00000000"+to+"0101"+mac))
	if err != nil {
		t.Fatal(err)
	}
	at := difftest.Place{Host: "h1", Port: "blue1"}
	if err := r.Capture(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	if err := r.Send(t.Context(), at, frame); err != nil {
		t.Fatal(err)
	}
	var got [][]byte
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	err = lab.Until(ctx, "an advertisement arrives", func(context.Context) error {
		if got, err = r.Received(at); err == nil && len(got) == 0 {
			err = errors.New("it did not")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := message(mac, router, to, from, "8800", "e0000000"+to+"0201"+router); hex.EncodeToString(got[0]) != want {
		t.Errorf("got  %x\nwant %s", got[0], want)
	}
}
