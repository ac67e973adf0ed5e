package host

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseNUMAMaps(t *testing.T) {
	const maps = `00400000 default file=/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk mapped=612 N0=612 kernelpagesize_kB=4
100200000 default file=/memfd:seg\040(deleted) huge dirty=120 N0=100 N1=20 kernelpagesize_kB=2048
140000000 prefer:1 file=/memfd:seg\040(deleted) huge dirty=2 N1=2 kernelpagesize_kB=1048576
7f0000000000 bind:0 file=/memfd:seg\040(deleted) huge dirty=28 N0=28 kernelpagesize_kB=2048
7f1000000000 default anon=3 dirty=3 N0=3 kernelpagesize_kB=4
garbage = N= huge
`
	want := []HeldPages{{0, 2048, 128}, {1, 2048, 20}, {1, 1048576, 2}}
	got, err := parseNUMAMaps(strings.NewReader(maps))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("held (-want +got):\n%s", diff)
	}
}

func FuzzParseNUMAMaps(f *testing.F) {
	f.Add("100200000 default huge dirty=120 N0=100 kernelpagesize_kB=2048\n")
	f.Add("huge N=1 N-1=2 =3 N99999999999999999999=1")
	f.Fuzz(func(_ *testing.T, text string) { _, _ = parseNUMAMaps(strings.NewReader(text)) })
}
