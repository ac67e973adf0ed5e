package vhost_test

import (
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/vhost"
)

// The first two are of OVS 3.1.0 with DPDK's virtio-user: two queue pairs, and one.
func TestFeatureNames(t *testing.T) {
	for bits, want := range map[uint64]string{
		0x950448000: "mrg_rxbuf,ctrl_rx,mq,indirect_desc,protocol_features,version_1,in_order",
		0x950008000: "mrg_rxbuf,indirect_desc,protocol_features,version_1,in_order",
		0:           "",
		1 << 63:     "",
	} {
		if got := strings.Join(vhost.FeatureNames(bits), ","); got != want {
			t.Errorf("%#x: %s, want %s", bits, got, want)
		}
	}
}
