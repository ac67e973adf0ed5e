package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseRaftStatus(t *testing.T) {
	const cluster = "f4c9ad41-7c0c-43b3-ab69-dfc504eec872"
	for name, want := range map[string]RaftStatus{
		"leader": {
			Cluster: cluster, Server: "415c2d3e-246d-46ab-89f8-f69c8910cf38", Address: "tcp:127.0.0.1:16644",
			Status: MemberWell, Role: "leader", Term: 1, Leader: "self", Last: 4, Election: time.Second,
			Servers: []RaftServer{
				{ID: "e983", Address: "tcp:127.0.0.1:16646", Match: 4, Silent: 120 * time.Millisecond},
				{ID: "ba63", Address: "tcp:127.0.0.1:16645", Match: 4, Silent: 120 * time.Millisecond},
				{ID: "415c", Address: "tcp:127.0.0.1:16644", Self: true, Match: 4, Silent: -1},
			},
		},
		"follower": {
			Cluster: cluster, Server: "e98398b5-3156-4674-94e5-cd9619bcf32e", Address: "tcp:127.0.0.1:16646",
			Status: MemberWell, Role: "follower", Term: 1, Leader: "415c", Last: 4, Election: time.Second,
			Servers: []RaftServer{
				{ID: "e983", Address: "tcp:127.0.0.1:16646", Self: true, Silent: -1},
				{ID: "ba63", Address: "tcp:127.0.0.1:16645", Silent: 2536 * time.Millisecond},
				{ID: "415c", Address: "tcp:127.0.0.1:16644", Silent: 195 * time.Millisecond},
			},
		},
		"alone": {
			Cluster: cluster, Server: "ba636efd-44ea-4715-9f0e-9e83f5fc26e1", Address: "tcp:127.0.0.1:16645",
			Status: "disconnected from the cluster (election timeout)", Role: "candidate", Term: 3, Leader: "unknown", Last: 5, Election: time.Second,
			Servers: []RaftServer{
				{ID: "ba63", Address: "tcp:127.0.0.1:16645", Self: true, Silent: -1},
				{ID: "415c", Address: "tcp:127.0.0.1:16644", Silent: 4104 * time.Millisecond},
			},
		},
	} {
		f, err := os.Open(filepath.Join("testdata", "3.1.0", name+".txt"))
		must(t, err)
		got, err := ParseRaftStatus(f)
		must(t, err)
		must(t, f.Close())
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("%s: want(-) got(+)\n%s", name, diff)
		}
	}
	for text, want := range map[string]string{
		"":                             "neither a server nor its role",
		"Term: soon\n":                 "line 1: Term:",
		"Election timer: soon\n":       `line 1: Election timer:`,
		"Log: 3\n":                     `line 1: Log: "3" is no range`,
		"Servers:\n    ba63 at home\n": "names no server",
		"Servers:\n    a (a at b) match_index=x\n": "line 2:",
	} {
		if _, err := ParseRaftStatus(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// FuzzRaftStatus holds the parser to an error or a status with a server in it.
func FuzzRaftStatus(f *testing.F) {
	files, err := filepath.Glob("testdata/3.1.0/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatalf("no recordings: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(f, err)
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseRaftStatus(strings.NewReader(text))
		if err == nil && (s.Server == "" || s.Role == "") {
			t.Errorf("%+v", s)
		}
	})
}

// A member that is silent for months hides nothing of the others.
func TestSilentForMonths(t *testing.T) {
	m, err := parseRaftServer("ab12 (ab12 at ssl:10.0.0.2:6644) next_index=4 match_index=3 last msg 4294967296 ms ago")
	if err != nil || m.Silent != 4294967296*time.Millisecond || m.Address != "ssl:10.0.0.2:6644" {
		t.Errorf("%+v, %v", m, err)
	}
}
