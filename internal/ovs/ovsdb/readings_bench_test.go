package ovsdb_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
)

// BenchmarkReadings reads the counters of ports of which every second one has a
// guest with one queue pair, as OVS 3.1 counts it.
func BenchmarkReadings(b *testing.B) {
	for _, ports := range []int{64, 512} {
		b.Run(fmt.Sprintf("ports=%d", ports), func(b *testing.B) {
			h := lab.New(b, lab.Options{Dummy: true, DBOnly: true, Unconfigured: true})
			c, err := ovsdb.Dial(b.Context(), h.DBEndpoint(), nil)
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			args := []string{"--no-wait", "add-br", "br0"}
			for i := range ports {
				name := "vm" + strconv.Itoa(i)
				args = append(args, "--", "add-port", "br0", name, "--", "set", "Interface", name, "statistics:ovs_tx_retries=3", "statistics:ovs_tx_failure_drops=17")
				if i%2 == 0 {
					for k := range 74 {
						args = append(args, fmt.Sprintf("statistics:rx_q0_size_%d_packets=%d", k, 1000000000000+k))
					}
				}
			}
			if out, err := h.VSCtl(b.Context(), args...); err != nil {
				b.Fatal(err, out)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Readings(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
