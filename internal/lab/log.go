package lab

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
)

// LogLine is one line of ovs-vswitchd.log.
type LogLine struct {
	// Module is the part of Open vSwitch that speaks, "netdev_dpdk".
	Module string
	// Severity is EMER, ERR, WARN, INFO or DBG.
	Severity string
	Message  string
	// Raw is the whole line.
	Raw string
}

// isTrouble tells whether the line is a warning or graver.
func (l LogLine) isTrouble() bool {
	return l.Severity == "WARN" || l.Severity == "ERR" || l.Severity == "EMER"
}

// parseLog reads the log file of an Open vSwitch daemon (lib/vlog.c, FACILITY
// "file", pattern "%D{%Y-%m-%dT%H:%M:%S.###Z}|%05N|%c%T|%p|%m", the same in 2.17 to
// 4.0; %T is "(thread name)" outside the main thread). Lines of another form
// continue a message and are left out.
func parseLog(r io.Reader) ([]LogLine, error) {
	var lines []LogLine
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		f := strings.SplitN(s.Text(), "|", 5)
		if len(f) < 5 || !isSeverity(f[3]) {
			continue
		}
		module, _, _ := strings.Cut(f[2], "(")
		lines = append(lines, LogLine{Module: module, Severity: f[3], Message: f[4], Raw: s.Text()})
	}
	return lines, s.Err()
}

func isSeverity(s string) bool {
	switch s {
	case "EMER", "ERR", "WARN", "INFO", "DBG":
		return true
	}
	return false
}

// Harmless is a kind of log line that tells nothing about the program under test.
type Harmless struct {
	// Module is LogLine.Module; Message matches LogLine.Message.
	Module  string
	Message *regexp.Regexp
	// Why it is harmless.
	Why string
}

// harmless are the warnings a healthy lab host prints on a small virtual machine,
// seen on Open vSwitch 3.1.0 with DPDK 22.11.
func harmless() []Harmless {
	line := func(module, message, why string) Harmless {
		return Harmless{Module: module, Message: regexp.MustCompile(message), Why: why}
	}
	return []Harmless{
		line("dpdk", `^EAL: No free \d+ kB hugepages reported on node \d+$`,
			"the lab reserves pages of 2 MiB only; EAL asks for each size the processor has"),
		line("dpdk", `^EAL: No available \d+ kB hugepages reported$`,
			"as above, as DPDK before 22.11 words it"),
		line("dpdk", `^TELEMETRY: No legacy callbacks, legacy socket not created$`,
			"the old telemetry socket is for collectd, and nothing asked for it"),
		line("dpdk", `^VHOST_CONFIG: \(.*\) failed to connect: (No such file or directory|Connection refused)$`,
			"a vhost-user-client port waits for its guest and says so"),
		line("dpdk", `^VHOST_CONFIG: \(.*\) (recvmsg failed on fd \d+ \(Connection reset by peer\)|vhost read message failed)$`,
			"a guest was killed; where the second line has another cause, a line before it names that"),
		line("ofproto_dpif_xlate", `^received packet on unknown port \d+ on bridge `,
			"a port is polled a moment before its bridge knows it, and a tap or a guest spoke in that moment"),
		line("dpdk", `^VHOST_CONFIG: \(.*\) (last_used_idx .* mismatches;|some packets maybe resent for Tx and dropped for Rx)$`,
			"a guest lived on while the switch was restarted: what was in its queues counts as in flight"),
		line("dpdk", `multiq qdisc|^tap_nl_dump_ext_ack\(\): Specified qdisc kind is unknown$|Disabling rte flow support`,
			"net_tap offers rte_flow only where the kernel has sch_multiq, and works without"),
		line("dpdk", `^tap_mp_req_on_rxtx\(\): Failed to send start req to secondary 95$`,
			"net_tap looks for secondary processes, which --in-memory rules out (EOPNOTSUPP)"),
		line("netdev_dpdk", `^Rx checksum offload is not supported on port \d+$`,
			"net_af_packet and net_null offload nothing: the switch checks sums itself"),
		line("timeval", ``,
			"a long poll interval: hugepages being zeroed, or two cores shared by many processes"),
		line("ovs_rcu", `^blocked \d+ ms waiting for .* to quiesce$`,
			"as above, seen by another thread"),
	}
}

// allowlist are the kinds of line a host's test expects.
type allowlist struct {
	mu    sync.Mutex
	lines []*regexp.Regexp
}

// Allow adds to what CheckLog passes over: lines whose raw text matches. A test
// allows what it provokes.
func (h *Host) Allow(lines ...*regexp.Regexp) {
	h.allow.mu.Lock()
	defer h.allow.mu.Unlock()
	h.allow.lines = append(h.allow.lines, lines...)
}

func (a *allowlist) has(l LogLine) bool {
	for _, h := range harmless() {
		if h.Module == l.Module && h.Message.MatchString(l.Message) {
			return true
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, re := range a.lines {
		if re.MatchString(l.Raw) {
			return true
		}
	}
	return false
}

// LogPath is the path of ovs-vswitchd's log. It is appended to over restarts.
func (h *Host) LogPath() string { return h.Path("ovs-vswitchd.log") }

// Log returns the lines of ovs-vswitchd's log; none before its first start.
func (h *Host) Log() ([]LogLine, error) {
	f, err := os.Open(h.LogPath())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := parseLog(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", h.LogPath(), err)
	}
	return lines, nil
}

// CheckLog returns the warnings and errors of ovs-vswitchd that neither the lab
// knows to be harmless nor Allow admits. The error tells of a daemon that ended by
// itself, or of a log that cannot be read.
func (h *Host) CheckLog() ([]LogLine, error) {
	lines, err := h.Log()
	var trouble []LogLine
	for _, l := range lines {
		if l.isTrouble() && !h.allow.has(l) {
			trouble = append(trouble, l)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return trouble, errors.Join(append([]error{err}, h.died...)...)
}
