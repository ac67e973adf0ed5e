package appctl_test

import (
	"testing"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
)

func TestRelease(t *testing.T) {
	for text, want := range map[string]string{
		"ovs-vswitchd (Open vSwitch) 3.1.0\n":                        "3.1.0",
		"ovs-vswitchd (Open vSwitch) 2.17.12":                        "2.17.12",
		"ovs-vswitchd-dpdk (Open vSwitch) 4.0.0-rc1\nDPDK 25.11.0\n": "4.0.0-rc1",
	} {
		if got, ok := appctl.Release(text); !ok || got != want {
			t.Errorf("Release(%q) = %q, %v, want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "ovs-vswitchd", "ovs-vswitchd (Open vSwitch) next", "something 3.1.0"} {
		if got, ok := appctl.Release(text); ok {
			t.Errorf("Release(%q) = %q, want none", text, got)
		}
	}
}
