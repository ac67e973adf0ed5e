package ovsdb

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// replies are what ovsdb-server 3.1.0 answers, but for the last, and what it comes to.
const (
	recordedReply = `{"id":0,"error":null,"result":[{"rows":[{"bfd_status":["map",[]],"lacp_current":["set",[]],"link_resets":0,"name":"br0",` +
		`"statistics":["map",[["collisions",0],["rx_bytes",90]]]},{"bfd_status":["map",[["flap_count","3"],["state","up"]]],"lacp_current":true,` +
		`"link_resets":["set",[]],"name":"a \"name\"\n\u00e9","statistics":["map",[]]}]}]}`
	refusedReply = `{"id":0,"error":null,"result":[{"error":"unknown column","details":"no column","syntax":"{}"}]}`
	deniedReply  = `{"id":0,"error":{"error":"unknown database"},"result":null}`
)

func TestParseReadings(t *testing.T) {
	zero, yes := int64(0), true
	want := map[string]Reading{
		"br0":           {Statistics: map[string]int64{"collisions": 0, "rx_bytes": 90}, LinkResets: &zero},
		"a \"name\"\né": {Statistics: map[string]int64{}, LACPCurrent: &yes, BFD: map[string]string{"flap_count": "3", "state": "up"}},
	}
	got, err := parseReadings([]byte(recordedReply))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("readings (-want +got):\n%s", diff)
	}
	for _, bad := range []string{refusedReply, deniedReply, "", "{", `{"result":[{"rows":[{"statistics":["set",[]]}]}]}`, `{"result":[{"rows":[{"lacp_current":1}]}]}`} {
		if got, err := parseReadings([]byte(bad)); got != nil || !errors.Is(err, errReadings) {
			t.Errorf("%s: %v, %v", bad, got, err)
		}
	}
	// Each beginning of it is an error, and none is a shorter reply.
	for n := range len(recordedReply) {
		if got, err := parseReadings([]byte(recordedReply[:n])); err == nil {
			t.Fatalf("%d bytes come to %v", n, got)
		}
		var f frame
		if end := f.end([]byte(recordedReply[:n])); end >= 0 {
			t.Fatalf("of %d bytes the object ends at %d", n, end)
		}
	}
	// A number that an int64 cannot hold is not known.
	got, err = parseReadings([]byte(`{"result":[{"rows":[{"name":"p","statistics":["map",[["a",-5],["b",18446744073709551615],["c",1.5],["d",999999999999999999],["e",1e3]]]}]}]}`))
	if diff := cmp.Diff(map[string]Reading{"p": {Statistics: map[string]int64{"a": -5, "d": 999999999999999999}}}, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

// oracle takes a reply apart as slowly as it is clear.
func oracle(text []byte) (map[string]Reading, bool) {
	var reply struct {
		Error  any
		Result []struct {
			Rows []struct {
				Name       string            `json:"name"`
				Statistics []json.RawMessage `json:"statistics"`
			}
			Error any
		}
	}
	if json.Unmarshal(text, &reply) != nil || reply.Error != nil {
		return nil, false
	}
	out := map[string]Reading{}
	for _, result := range reply.Result {
		for _, row := range result.Rows {
			r := Reading{Statistics: map[string]int64{}}
			var pairs [][2]json.RawMessage
			if len(row.Statistics) != 2 || json.Unmarshal(row.Statistics[1], &pairs) != nil {
				return nil, false
			}
			for _, p := range pairs {
				var key string
				var n int64
				if json.Unmarshal(p[0], &key) != nil || json.Unmarshal(p[1], &n) != nil {
					return nil, false
				}
				r.Statistics[key] = n
			}
			out[row.Name] = r
		}
	}
	return out, true
}

// FuzzParseReadings: whatever comes does not panic nor hang, and a reply of names and
// statistics is read as encoding/json reads it.
func FuzzParseReadings(f *testing.F) {
	for _, text := range []string{recordedReply, refusedReply, deniedReply, `{"result":[{"rows":[{"name":"p","statistics":["map",[["a",-5]]]}]}]}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := parseReadings(text)
		if err != nil && (got != nil || !errors.Is(err, errReadings)) {
			t.Fatalf("%v beside %v", got, err)
		}
		want, ok := oracle(text)
		if err != nil || !ok || strings.Count(string(text), `"statistics"`) != 1 || !utf8.Valid(text) || strings.ContainsAny(string(text), "\\ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			return // keys that JSON folds or repeats, and bytes that are no UTF-8, are nothing a server sends
		}
		for name, r := range want {
			if diff := cmp.Diff(r.Statistics, got[name].Statistics); diff != "" {
				t.Errorf("%s (-oracle +scanner):\n%s", name, diff)
			}
		}
	})
}

// BenchmarkParseReadings is the daemon's own part of BenchmarkReadings.
func BenchmarkParseReadings(b *testing.B) {
	for _, ports := range []int{64, 512} {
		var rows []string
		for i := range ports {
			var pairs []string
			for k := range 74 * (i % 2) {
				pairs = append(pairs, fmt.Sprintf(`["rx_q0_size_%d_packets",%d]`, k, 1000000000000+k))
			}
			rows = append(rows, fmt.Sprintf(`{"bfd_status":["map",[]],"lacp_current":["set",[]],"link_resets":0,"name":"vm%d","statistics":["map",[%s]]}`, i, strings.Join(pairs, ",")))
		}
		text := []byte(`{"id":0,"error":null,"result":[{"rows":[` + strings.Join(rows, ",") + `]}]}`)
		b.Run(fmt.Sprintf("ports=%d", ports), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := parseReadings(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
