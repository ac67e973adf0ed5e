package configs

import (
	"testing"

	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// TestIPFIXMode: who asks for flow records and does not say how gets every logical port
// where there are any, and nothing else.
func TestIPFIXMode(t *testing.T) {
	const overlay = "overlay: {bridge: \"\", address: 192.0.2.1}\n"
	for _, c := range []struct {
		name, text string
		want       ipfix.Mode // "" = no section
	}{
		{"nothing asked for", overlay, ""},
		{"a logical network", overlay + "monitor: {ipfix: {}}\n", ipfix.ModePorts},
		{"no logical network", "monitor: {ipfix: {}}\n", ipfix.ModeOff},
		{"off all the same", overlay + "monitor: {ipfix: {mode: off}}\n", ipfix.ModeOff},
		{"other bridges", overlay + "bridges: [{name: br-ext}]\nmonitor: {ipfix: {mode: bridge, bridges: [br-ext]}}\n", ipfix.ModeBridge},
	} {
		p, err := Parse([]byte("apiVersion: sluice/v1\nkind: HostProfile\nname: n\n"+c.text), Options{File: "host.yaml"})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := ipfix.Mode("")
		if p.IPFIX != nil {
			got = p.IPFIX.Mode
			roundTrip(t, p)
		}
		if got != c.want {
			t.Errorf("%s: mode %q, want %q", c.name, got, c.want)
		}
	}
}
