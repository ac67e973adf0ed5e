package appctl_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
)

// fuzz feeds a parser what its fixtures become. Whatever it is, the parser does
// not panic, refuses with ErrFormat only, and reads the same in pieces.
func fuzz(f *testing.F, command string) {
	fixtures, err := filepath.Glob("testdata/*/" + command + "*.txt")
	if err != nil || len(fixtures) == 0 {
		f.Fatalf("no fixtures (%v)", err)
	}
	for _, fixture := range fixtures {
		f.Add(string(read(f, fixture)))
	}
	parse := parsers()[command]
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parse(strings.NewReader(text))
		if err != nil && !errors.Is(err, appctl.ErrFormat) {
			t.Fatal(err)
		}
		again, err2 := parse(iotest.OneByteReader(strings.NewReader(text)))
		if (err == nil) != (err2 == nil) || dump(got) != dump(again) {
			t.Errorf("in pieces: %v, %v; at once: %v, %v", again, err2, got, err)
		}
		if err == nil && strings.HasSuffix(text, "\n") {
			if _, err := parse(strings.NewReader(text + "drift\n")); !errors.Is(err, appctl.ErrFormat) {
				t.Errorf("an unknown last line: %v, want ErrFormat", err)
			}
		}
	})
}

func FuzzParseCoverage(f *testing.F)    { fuzz(f, "coverage_show") }
func FuzzParseMemory(f *testing.F)      { fuzz(f, "memory_show") }
func FuzzParseDatapaths(f *testing.F)   { fuzz(f, "dpctl_show") }
func FuzzParseBridges(f *testing.F)     { fuzz(f, "dpif_show") }
func FuzzParseUpcalls(f *testing.F)     { fuzz(f, "upcall_show") }
func FuzzParseRoutes(f *testing.F)      { fuzz(f, "ovs_route_show") }
func FuzzParseRouteLookup(f *testing.F) { fuzz(f, "ovs_route_lookup") }
func FuzzParseMempools(f *testing.F)    { fuzz(f, "netdev-dpdk_get-mempool-info") }
func FuzzParseHeaps(f *testing.F)       { fuzz(f, "dpdk_get-malloc-stats") }
func FuzzParseQoS(f *testing.F)         { fuzz(f, "qos_show") }
func FuzzParseNeighbours(f *testing.F)  { fuzz(f, "tnl_neigh_show") }
func FuzzParseListeners(f *testing.F)   { fuzz(f, "tnl_ports_show") }
func FuzzParseBFD(f *testing.F)         { fuzz(f, "bfd_show") }
func FuzzParseBonds(f *testing.F)       { fuzz(f, "bond_show") }
func FuzzParseLACP(f *testing.F)        { fuzz(f, "lacp_show_") }
func FuzzParseLACPStats(f *testing.F)   { fuzz(f, "lacp_show-stats") }
