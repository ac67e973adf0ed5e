package vswitch

import "strings"

// Class says what writing a setting costs the packets.
type Class string

// The classes, from harmless to grave.
const (
	// Live changes take effect while every packet goes on.
	Live Class = "live"
	// PMDRecreation changes reload or re-create PMD threads: a brief loss on
	// their queues, and the load history starts anew.
	PMDRecreation Class = "PMD re-creation"
	// PortRestart changes stop and start ports: link down and up.
	PortRestart Class = "port stop/start"
	// RestartNeeded changes take effect when ovs-vswitchd starts next.
	RestartNeeded Class = "restart needed"
)

// Key describes one setting: who may write it, what that costs, and which
// versions of OVS know it. Each setting has one owner among dpdk, pmd, vhost,
// flows and monitor; a test keeps their tables disjoint.
type Key struct {
	Table Table
	// Name is the setting's name in the newest OVS that knows it.
	Name string
	// Class is the worst a change can do. A planner may lower it where nobody
	// is disturbed (a fresh switch, no port in use).
	Class Class
	// OneWay changes can be switched on at run time but not off again.
	OneWay bool
	// Since and Until are the first release that knows Name and the first that
	// no longer does, as "3.2"; empty = every release from 2.17 on.
	Since, Until string
	// OldName is the name before Since, where the setting was renamed, and
	// OldSince the first release that knew it; empty = from 2.17 on.
	OldName, OldSince string
	// Kind says how OVS reads the text. Choices are the words it knows, separated
	// by blanks; it takes its default for any other. See Meaning.
	Kind    Kind
	Choices string
	// Default is what OVS uses where the setting is absent; empty = nothing that
	// a profile could say. Releases before DefaultSince use OldDefault.
	Default, OldDefault, DefaultSince string
}

// Release compares dotted releases number by number: negative when a is the
// older one. An empty release is unknown and counts as newest, because the
// schema then has to answer.
func Release(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == "":
		return 1
	case b == "":
		return -1
	}
	for a != "" || b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		if d := leadingNumber(x) - leadingNumber(y); d != 0 {
			return d
		}
	}
	return 0
}

func leadingNumber(s string) int {
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' || n > 1e6 {
			break
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// NameIn returns the name under which the given OVS release reads the setting,
// or false when that release does not know it under any.
func (k Key) NameIn(release string) (string, bool) {
	if k.Until != "" && Release(release, k.Until) >= 0 {
		return "", false
	}
	if k.Since != "" && Release(release, k.Since) < 0 {
		return k.OldName, k.OldName != "" && (k.OldSince == "" || Release(release, k.OldSince) >= 0)
	}
	return k.Name, true
}
