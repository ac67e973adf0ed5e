package agent

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// Each trouble of the collector has its own remedy.
func TestTalkersFix(t *testing.T) {
	spec := &ipfix.Spec{Listen: netip.MustParseAddrPort("127.0.0.1:4740")}
	for name, c := range map[string]struct {
		spec    *ipfix.Spec
		problem error
		overlay bool
		want    string
	}{
		"the port is taken":              {spec, fmt.Errorf("listen for flow records: %w", syscall.EADDRINUSE), true, "ss -ulnp 'sport = :4740'"},
		"something else":                 {spec, errors.New("read the bridges: timeout"), true, "tries again by itself"},
		"off, on a plain host":           {nil, nil, false, "{mode: bridge, bridges: [...]}"},
		"off, where there is an overlay": {nil, nil, true, "{mode: ports}"},
	} {
		k := &collector{collected: collected{inForce: c.spec, problem: c.problem}}
		if got := k.fix(c.overlay); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestWholeSlots(t *testing.T) {
	for asked, want := range map[time.Duration]time.Duration{
		time.Second: 30 * time.Second, 30 * time.Second: 30 * time.Second, 45 * time.Second: time.Minute,
		time.Minute: time.Minute, ipfix.LongestWindow: ipfix.LongestWindow,
	} {
		if got := wholeSlots(asked); got != want {
			t.Errorf("%s: %s, want %s", asked, got, want)
		}
	}
}
