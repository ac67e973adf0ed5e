package appctl_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
)

// lookups are the tables of a trace with their cookies, in order.
func lookups(lines []appctl.TraceLine) (all [][2]uint64) {
	for _, l := range lines {
		if l.Lookup {
			all = append(all, [2]uint64{uint64(l.Table), l.Cookie})
		}
	}
	return all
}

func TestParseTrace(t *testing.T) {
	for file, want := range map[string]struct {
		tables  [][2]uint64
		actions []string
	}{
		"ofproto_trace_1.txt": {[][2]uint64{{0, 0x11}, {4, 0x12}, {10, 0x1234567890abcdef}, {11, 0}}, []string{"set(ipv4(ttl=63))"}},
		"ofproto_trace_2.txt": {[][2]uint64{{0, 0x11}, {4, 0}}, []string{"userspace(pid=0,controller(reason=1,dont_send=1,continuation=0,recirc_id=1,rule_cookie=0,controller_id=0,max_len=65535))"}},
		"ofproto_trace_3.txt": {[][2]uint64{{0, 0x11}, {4, 0}, {12, 0}, {12, 0}}, []string{"check_pkt_len(size=1500,gt(drop),le(drop))"}},
		"ofproto_trace_4.txt": {[][2]uint64{{0, 0x11}, {4, 0}}, []string{"drop"}},
	} {
		text := read(t, filepath.Join("testdata/3.1.0", file))
		lines, actions, err := appctl.ParseTrace(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.tables, lookups(lines)); diff != "" {
			t.Errorf("%s: tables (-want +got):\n%s", file, diff)
		}
		if diff := cmp.Diff(want.actions, actions); diff != "" {
			t.Errorf("%s: actions (-want +got):\n%s", file, diff)
		}
		var whole strings.Builder
		for _, l := range lines {
			whole.WriteString(l.Text + "\n")
			if l.Lookup && l.Bridge != "br-int" {
				t.Errorf("%s: %q is of bridge %q", file, l.Text, l.Bridge)
			}
		}
		if diff := cmp.Diff(string(text), whole.String()); diff != "" {
			t.Errorf("%s: the lines are not the text:\n%s", file, diff)
		}
	}
}

// Whatever comes, the parser does not panic, loses no line and reads the same in pieces.
func FuzzParseTrace(f *testing.F) {
	fixtures, err := filepath.Glob("testdata/*/ofproto_trace*.txt")
	if err != nil || len(fixtures) == 0 {
		f.Fatalf("no fixtures (%v)", err)
	}
	for _, fixture := range fixtures {
		f.Add(string(read(f, fixture)))
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines, actions, err := appctl.ParseTrace(strings.NewReader(text))
		again, same, err2 := appctl.ParseTrace(iotest.OneByteReader(strings.NewReader(text)))
		if err != nil || err2 != nil || !cmp.Equal(lines, again) || !cmp.Equal(actions, same) {
			t.Fatalf("in pieces: %v %v; at once: %v %v", again, err2, lines, err)
		}
		if want := strings.Count(text, "\n"); len(lines) < want || len(lines) > want+1 {
			t.Errorf("%d lines of %d", len(lines), want)
		}
	})
}
