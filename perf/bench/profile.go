package bench

import (
	"fmt"
	"strings"

	"github.com/sluice-nfv/sluice/configs"
)

// hostProfile is a profile of a small host, in the parts that scenarios vary.
type hostProfile struct {
	cpu       string // the cpu section, in YAML's flow style
	sockets   int    // MiB of hugepages on each node
	socketDir string
	nics      []string // names of net_null devices of bridge br0
	guests    []string // names of vhost ports of bridge br0
	queues    int      // of each guest
}

// numbered returns prefix0, prefix1 and so on.
func numbered(prefix string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s%d", prefix, i)
	}
	return names
}

// text returns the profile. Without ports it has no bridge either.
//
// The NICs neither send nor receive (no-rx=1): a net_null device would keep its
// PMD busy with packets out of nothing. EAL is told to leave the machine's PCI
// devices alone.
func (p hostProfile) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, `apiVersion: sluice/v1
kind: HostProfile
name: bench
cpu: %s
dpdk:
  memory: {sockets: [%d], headroom: 0}
  vhost: {socketDir: %s}
  extra: ["--no-pci"]
`, p.cpu, p.sockets, p.socketDir)
	if len(p.nics)+len(p.guests) > 0 {
		b.WriteString("bridges:\n  - name: br0\n    ports:\n")
	}
	for i, name := range p.nics {
		fmt.Fprintf(&b, "      - {name: %s, device: {vdev: \"net_null%d,no-rx=1\"}}\n", name, i)
	}
	if len(p.nics) == 0 && len(p.guests) > 0 {
		b.WriteString("      []\n")
	}
	if len(p.guests) > 0 {
		b.WriteString("vhost:\n  ports:\n")
	}
	for _, name := range p.guests {
		fmt.Fprintf(&b, "    - {name: %s, bridge: br0, queues: %d, access: {group: root}}\n", name, max(1, p.queues))
	}
	return b.String()
}

func (p hostProfile) parse() (*configs.Profile, error) {
	return configs.Parse([]byte(p.text()), configs.Options{File: "bench.yaml", Hostname: "bench"})
}
