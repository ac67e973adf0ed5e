package agent

import (
	"fmt"
	"strings"
	"testing"
)

// A tunnel address that no bridge of the switch has is told, until one has it.
func TestTunnelAddressOnNoBridge(t *testing.T) {
	r := plainRig(t, "h1", "172.16.0.1")
	r.begin()
	named := func() (inPass, inNetwork bool) {
		s := r.status()
		for _, f := range s.Pass.Findings {
			inPass = inPass || f.Code == tunnelAddressCode
		}
		return inPass, strings.Contains(strings.Join(s.Network.Problems, "\n"), "172.16.0.1 is on no bridge")
	}
	r.until("it is told", func() error {
		if inPass, inNetwork := named(); !inPass || !inNetwork {
			return fmt.Errorf("of the pass: %v, of the network: %v", inPass, inNetwork)
		}
		return nil
	})
	r.vsctl("add-br", "br-phy", "--", "set", "Bridge", "br-phy", "datapath_type=netdev")
	r.until("the address is there", func() error {
		out, err := r.host.Command(r.limit(), "sh", "-c", "ip addr replace 172.16.0.1/24 dev br-phy && ip link set br-phy up").CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	})
	r.until("it is not told any more", func() error {
		if inPass, inNetwork := named(); inPass || inNetwork {
			return fmt.Errorf("of the pass: %v, of the network: %v", inPass, inNetwork)
		}
		return nil
	})
}
