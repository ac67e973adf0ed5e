package demo

import (
	"fmt"
	"strings"
)

// told checks that an exposition has what an operator looks at first.
func told(url, text string) error {
	for _, family := range []string{
		"ovs_pmd_lookups_total", "ovs_pmd_rx_packets_total", "ovs_interface_rx_packets_total",
		"sluice_reconcile_passes_total", "sluice_build_info", "sluice_profile_valid 1",
	} {
		if !strings.Contains(text, "\n"+family) {
			return fmt.Errorf("%s shows no %s", url, family)
		}
	}
	return nil
}
