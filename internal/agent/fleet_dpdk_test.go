package agent

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/logical/logicaltest"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/store"
	"github.com/sluice-nfv/sluice/monitor"
)

// dpdkOverlay is a host of an overlay with DPDK: NICs that carry the tunnels, one
// guest's port.
func dpdkOverlay(n int, nics []lab.NIC, memory int) string {
	var ports strings.Builder
	for i, nic := range nics {
		fmt.Fprintf(&ports, "      - {name: nic%d, device: {vdev: %q}}\n", i, nic.Devargs(i))
	}
	return fmt.Sprintf(`
apiVersion: sluice/v1
kind: HostProfile
name: h%d
cpu: {pmd: "1", reserved: "0", sleepMax: 200us}
dpdk:
  memory: {model: per-port, sockets: [%d], headroom: 0}
  vhost: {socketDir: "${socket_dir}"}
  extra: ["--no-pci"]
bridges:
  - name: br-phy
    ports:
%soverlay: {bridge: "", address: %s}
vhost:
  ports:
    - {name: vm%d, bridge: br-int, access: {group: root}, logicalPort: vm%d}
`, n, memory, ports.String(), wireAddress(n-1), n, n)
}

// Four hosts with OVS-DPDK: two virtual machines ping each other over a router and
// a tunnel, and between the other two packets stream meanwhile.
func TestFourHosts(t *testing.T) {
	if testing.Short() {
		t.Skip("boots virtual machines under emulation")
	}
	lab.Require(t, append(lab.MissingGuests(), lab.MissingQEMU()...)...)
	const network = `
switch blue 10.0.1.0/24
switch red 10.0.2.0/24
router r1
link r1 blue 10.0.1.1/24
link r1 red 10.0.2.1/24
port vm1 blue 10.0.1.11 mac 02:00:00:00:00:01
port vm2 red 10.0.2.12 mac 02:00:00:00:00:02
port vm3 blue 10.0.1.13 mac 02:00:00:00:00:03
port vm4 red 10.0.2.14 mac 02:00:00:00:00:04
`
	hosts := dpdkFleet(t, 4)
	c := storeOf(hosts[0])
	if _, err := c.Import(hosts[0].limit(), store.Export(logicaltest.Snapshot(network)), store.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	var machines []*lab.QEMU
	for i, address := range []string{"10.0.1.11/24", "10.0.2.12/24"} {
		r := hosts[i]
		q, err := r.host.StartQEMU(r.limit(), lab.QEMUOptions{
			Socket: r.socketOf(fmt.Sprintf("vm%d", i+1)), MAC: net.HardwareAddr(macOf(byte(i + 1))), Address: netip.MustParsePrefix(address),
		})
		r.must(err)
		machines = append(machines, q)
	}
	receiver := hosts[3].guestOf("vm4", lab.GuestOptions{MAC: macOf(4)})
	gateway := logical.DefaultMAC(netip.MustParseAddr("10.0.1.1"))
	hosts[2].guestOf("vm3", lab.GuestOptions{
		MAC: macOf(3), PeerMAC: gateway[:], Mode: lab.TxOnly,
		TxSource: netip.MustParseAddr("10.0.1.13"), TxDestination: netip.MustParseAddr("10.0.2.14"),
	})
	hosts[3].until("packets stream from the third host to the fourth", func() error {
		s, err := receiver.Stats(hosts[3].limit())
		if err == nil && s.RxPackets < 10_000 {
			err = fmt.Errorf("%d came", s.RxPackets)
		}
		return err
	})
	for i, m := range machines {
		r := hosts[i]
		r.step(m.Booted)
		r.step(func(ctx context.Context) error {
			_, err := m.Run(ctx, fmt.Sprintf("ip route add default via 10.0.%d.1", i+1))
			return err
		})
	}
	hosts[0].until("the machines ping each other", func() error {
		return machines[0].Ping(hosts[0].limit(), netip.MustParseAddr("10.0.2.12"))
	})
	hosts[1].step(func(ctx context.Context) error { return machines[1].Ping(ctx, netip.MustParseAddr("10.0.1.11")) })
}

// dpdkFleet starts hosts with OVS-DPDK; the first has a cable to each other one.
func dpdkFleet(t *testing.T, n int) []*rig {
	t.Helper()
	var hosts []*rig
	nics := make([][]lab.NIC, n)
	for i := range n {
		r := prepare(t, lab.Options{DPDK: true, Unconfigured: true})
		r.host.Allow(regexp.MustCompile(`\|(tunnel|tnl_neigh_cache|native_tnl)\|`))
		r.networkStore()
		hosts = append(hosts, r)
		if i == 0 {
			continue
		}
		r.opt.Network.Store = store.Options{Endpoints: []string{"unix:" + hosts[0].host.DBSocket()}}
		here, there, err := lab.Link(r.host, "up", hosts[0].host, fmt.Sprintf("to-h%d", i+1))
		if err != nil {
			t.Fatal(err)
		}
		nics[i], nics[0] = append(nics[i], here), append(nics[0], there)
	}
	for i, r := range hosts {
		memory := 192
		if i == 0 {
			memory = 80 * n
		}
		r.write(dpdkOverlay(i+1, nics[i], memory))
		r.start()
	}
	for i, r := range hosts {
		r.await(monitor.ResultConverged)
		r.address("br-phy", netip.PrefixFrom(wireAddress(i), 24).String())
		r.laid(1)
	}
	return hosts
}
