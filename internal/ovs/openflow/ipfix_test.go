package openflow

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ipfixReply is the reply of a switch about exporters whose numbers go up from 1.
func ipfixReply(kind uint32, exporters int) []byte {
	m := slices.Concat([]byte{6, byte(TypeMultipartReply), 0, 0, 0, 0, 0, 9, 0xff, 0xff, 0, 0, 0, 0, 0, 0}, u32(u32(nil, niciraVendor), kind))
	for i := range exporters {
		for n := range 10 {
			m = binary.BigEndian.AppendUint64(m, uint64(10*i+n+1))
		}
		m = append(binary.BigEndian.AppendUint32(m, uint32(4739+i)), 0, 0, 0, 0)
	}
	binary.BigEndian.PutUint16(m[2:], uint16(len(m)))
	return m
}

// TestIPFIXStats: the request is the one that ovs-ofctl dump-ipfix-flow sends, and the
// fields of the reply are those of struct nx_ipfix_stats_reply.
func TestIPFIXStats(t *testing.T) {
	want := []byte{6, 18, 0, 24, 0, 0, 0, 9, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x23, 0x20, 0, 0, 0, 4}
	if diff := cmp.Diff(want, AppendIPFIXRequest(nil, 9, true)); diff != "" {
		t.Errorf("the request: -want +got:\n%s", diff)
	}
	var got []IPFIXStats
	if err := ParseIPFIX(ipfixReply(ipfixFlowStats, 2), true, func(s IPFIXStats) { got = append(got, s) }); err != nil {
		t.Fatal(err)
	}
	stats := []IPFIXStats{
		{4739, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
		{4740, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20},
	}
	if diff := cmp.Diff(stats, got); diff != "" {
		t.Errorf("the reply: -want +got:\n%s", diff)
	}
	for name, m := range map[string][]byte{
		"of the bridge":  ipfixReply(ipfixBridgeStats, 1),
		"cut off":        ipfixReply(ipfixFlowStats, 1)[:40],
		"without a head": ipfixReply(ipfixFlowStats, 0)[:18],
		"empty":          nil,
	} {
		if err := ParseIPFIX(m, true, func(IPFIXStats) {}); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzIPFIXStats: no reply makes the parser crash, or tell of more than is there.
func FuzzIPFIXStats(f *testing.F) {
	f.Add(ipfixReply(ipfixFlowStats, 2), true)
	f.Add(ipfixReply(ipfixBridgeStats, 1), false)
	f.Fuzz(func(t *testing.T, m []byte, flows bool) {
		n := 0
		err := ParseIPFIX(m, flows, func(IPFIXStats) { n++ })
		if n*ipfixStatsLen > len(m) || err == nil && len(m) != multipartLen+8+n*ipfixStatsLen {
			t.Fatalf("%d exporters in %d bytes: %v", n, len(m), err)
		}
	})
}
