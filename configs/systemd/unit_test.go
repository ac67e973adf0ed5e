// Package systemd_test checks the shipped systemd unit.
package systemd_test

import (
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// directive is one line of a unit.
type directive struct{ section, name, value string }

// readUnit returns the unit's directives and its comments.
func readUnit(t *testing.T) (unit []directive, comments string) {
	t.Helper()
	return readUnitFile(t, "sluiced.service")
}

func readUnitFile(t *testing.T, file string) (unit []directive, comments string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	section := ""
	for line := range strings.Lines(strings.ReplaceAll(string(data), "\\\n", "")) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "":
		case strings.HasPrefix(line, "#"):
			comments += line + "\n"
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
		default:
			name, value, ok := strings.Cut(line, "=")
			if !ok || section == "" || strings.HasSuffix(line, " ") {
				t.Fatalf("not a directive: %q", line)
			}
			unit = append(unit, directive{section, name, value})
		}
	}
	return unit, comments
}

// words returns everything that directives of these names say, in order.
func words(unit []directive, names ...string) []string {
	var all []string
	for _, d := range unit {
		if slices.Contains(names, d.name) {
			all = append(all, strings.Fields(d.value)...)
		}
	}
	return all
}

// TestLifeIsIndependent: neither stopping OVS nor stopping the daemon reaches
// the other.
func TestLifeIsIndependent(t *testing.T) {
	unit, _ := readUnit(t)
	for _, bound := range []string{"Requires", "Requisite", "BindsTo", "PartOf", "Upholds", "PropagatesStopTo", "StopPropagatedFrom", "Conflicts", "OnFailure"} {
		if w := words(unit, bound); w != nil {
			t.Errorf("%s=%v", bound, w)
		}
	}
	wants, after := words(unit, "Wants"), words(unit, "After")
	for _, w := range wants {
		if !slices.Contains(after, w) {
			t.Errorf("wants %s and does not wait for it", w)
		}
	}
	if !slices.Contains(wants, "openvswitch-switch.service") {
		t.Errorf("wants %v", wants)
	}
	// What makes the daemon ready, keeps it and reads the profile anew.
	want := map[string]string{"Type": "notify", "Restart": "on-failure", "ExecReload": "/bin/kill -HUP $MAINPID", "RestartPreventExitStatus": "2", "Environment": "GOTRACEBACK=crash"}
	for name, value := range want {
		if got := strings.Join(words(unit, name), " "); got != value {
			t.Errorf("%s=%s, want %s", name, got, value)
		}
	}
}

// TestPaths: what may be written is what the daemon's settings and the profile
// name by default, and each of these directories exists when the daemon starts.
func TestPaths(t *testing.T) {
	unit, _ := readUnit(t)
	defaults := map[string]string{ // setting -> its default
		"profile":               "/etc/sluice/host.yaml",
		"api.socket":            "/run/sluice/api.sock",
		"dpdk.vhost.socketDir/": "/var/lib/vhost_sockets/",
	}
	var want []string
	for _, file := range defaults {
		want = append(want, path.Dir(file))
	}
	slices.Sort(want)
	// The local store goes beside conf.db; a directory that is absent is passed over.
	beside := []string{"-/etc/openvswitch", "-/var/lib/openvswitch"}
	got := slices.Sorted(slices.Values(words(unit, "ReadWritePaths")))
	if diff := cmp.Diff(slices.Concat(beside, want), got); diff != "" {
		t.Errorf("ReadWritePaths, -defaults +unit:\n%s", diff)
	}
	var made []string
	for _, d := range words(unit, "ConfigurationDirectory") {
		made = append(made, "/etc/"+d)
	}
	for _, d := range words(unit, "RuntimeDirectory") {
		made = append(made, "/run/"+d)
	}
	pre := words(unit, "ExecStartPre")
	if len(pre) < 2 || pre[0] != "+/bin/mkdir" || pre[1] != "-p" {
		t.Fatalf("ExecStartPre=%v", pre)
	}
	made = append(made, pre[2:]...)
	slices.Sort(made)
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("directories made, -wanted +made:\n%s", diff)
	}
}

// TestSandbox: the capabilities are these, each with its reason, and what must
// stay off for the daemon to do its work is off, with its reason.
func TestSandbox(t *testing.T) {
	unit, comments := readUnit(t)
	want := []string{"CAP_NET_ADMIN", "CAP_DAC_OVERRIDE", "CAP_CHOWN", "CAP_FOWNER", "CAP_FSETID", "CAP_SYS_PTRACE"}
	if diff := cmp.Diff(want, words(unit, "CapabilityBoundingSet")); diff != "" {
		t.Errorf("capabilities:\n%s", diff)
	}
	for _, c := range want {
		if !strings.Contains(comments, "#   "+c+" ") {
			t.Errorf("%s has no reason", c)
		}
	}
	for name, value := range map[string]string{
		"ProtectKernelTunables":  "no", // nr_hugepages, driver_override
		"RestrictSUIDSGID":       "no", // setgid directories of ports
		"NoNewPrivileges":        "yes",
		"ProtectSystem":          "strict",
		"ProtectHome":            "yes",
		"PrivateTmp":             "yes",
		"MemoryDenyWriteExecute": "yes",
		"SystemCallFilter":       "@system-service",
		"AmbientCapabilities":    "",
	} {
		if got := strings.Join(words(unit, name), " "); got != value {
			t.Errorf("%s=%s, want %s", name, got, value)
		}
	}
	families := []string{"AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"}
	if diff := cmp.Diff(families, words(unit, "RestrictAddressFamilies")); diff != "" {
		t.Errorf("address families:\n%s", diff)
	}
}

// TestNothingTwice: a directive set twice would add to or silently replace the first.
func TestNothingTwice(t *testing.T) {
	unit, _ := readUnit(t)
	seen := map[directive]bool{}
	for _, d := range unit {
		key := directive{section: d.section, name: d.name}
		if seen[key] {
			t.Errorf("[%s] %s= is there twice", d.section, d.name)
		}
		seen[key] = true
	}
}

// TestSystemd asks systemd itself: the unit must be without fault, and its exposure no more than what the work takes.
func TestSystemd(t *testing.T) {
	analyse(t, "sluiced.service", "ExecStart=/usr/bin/sluiced", "35")
}
