package appctl

import "strings"

// Release reads the reply of the command version and returns the release,
// "3.1.0": the last word of the first line, "ovs-vswitchd (Open vSwitch) 3.1.0"
// (lib/util.c, ovs_get_program_version; OVS 2.17 to 4.0). Debian builds and
// development trees add to the number; what follows it stays.
func Release(text string) (release string, ok bool) {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	words := strings.Fields(line)
	if len(words) < 2 || !strings.Contains(line, "Open vSwitch") {
		return "", false
	}
	last := words[len(words)-1]
	return last, last[0] >= '0' && last[0] <= '9'
}
