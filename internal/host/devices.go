package host

import (
	"bytes"
	"fmt"
	"strings"
)

// Devices returns the names of the network devices that a process has in its network
// namespace (proc_pid_net(5); net/core/net-procfs.c, dev_seq_show, Linux 6.1).
func (f FS) Devices(pid int) (map[string]bool, error) {
	text, err := f.read(fmt.Sprintf("/proc/%d/net/dev", pid))
	if err != nil {
		return nil, err
	}
	return parseDevices(text), nil
}

// parseDevices reads lines of "  eth0: 1 2 3", after two of heads without a colon.
func parseDevices(text []byte) map[string]bool {
	devices := map[string]bool{}
	for line := range bytes.Lines(text) {
		name, _, is := strings.Cut(string(line), ":")
		if name = strings.TrimSpace(name); is && name != "" && !strings.ContainsAny(name, " |") {
			devices[name] = true
		}
	}
	return devices
}
