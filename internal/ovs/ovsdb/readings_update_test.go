package ovsdb

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recordedMessages are what ovsdb-server 3.1.0 told of four bridges' interfaces, one
// after the other, with shorter UUIDs.
var recordedMessages = []string{
	`{"error":null,"id":0,"result":{"Interface":{"1":{"initial":{"link_resets":0,"name":"br0","statistics":["map",[["collisions",0],["rx_bytes",90]]]}},"2":{"initial":{"name":"a \"name\"\n\u00e9"}}}}}`,
	`{"id":"echo","method":"echo","params":[]}`,
	`{"id":null,"method":"update2","params":["readings",{"Interface":{"1":{"modify":{"link_resets":["set",[]],"statistics":["map",[["collisions",0],["rx_bytes",91],["tx_bytes",5]]]}},"3":{"insert":{"bfd_status":["map",[["flap_count","3"],["state","up"]]],"lacp_current":true,"name":"p"}}}}]}`,
	`{"id":null,"method":"update2","params":["readings",{"Interface":{"3":{"modify":{"bfd_status":["map",[["flap_count","3"],["state","down"]]],"lacp_current":["set",[]]}},"2":{"delete":null}}}]}`,
}

// told is what a follower comes to.
func told(messages ...string) (map[string]Reading, error) {
	f := &follower{rows: rows{}, answers: map[int]chan struct{}{}}
	names := map[string]string{}
	for _, m := range messages {
		if strings.Contains(m, `"echo"`) {
			continue // is answered over the connection
		}
		if err := f.take(&scanner{b: []byte(m), names: names}); err != nil {
			return nil, err
		}
	}
	out := map[string]Reading{}
	for _, r := range f.rows {
		out[r.name] = r.reading
	}
	return out, nil
}

func TestFollow(t *testing.T) {
	yes, zero := true, int64(0)
	for n, want := range map[int]map[string]Reading{
		1: {
			"br0":           {Statistics: map[string]int64{"collisions": 0, "rx_bytes": 90}, LinkResets: &zero},
			"a \"name\"\né": {Statistics: map[string]int64{}},
		},
		3: {
			"br0":           {Statistics: map[string]int64{"rx_bytes": 91, "tx_bytes": 5}},
			"a \"name\"\né": {Statistics: map[string]int64{}},
			"p":             {Statistics: map[string]int64{}, LACPCurrent: &yes, BFD: map[string]string{"flap_count": "3", "state": "up"}},
		},
		4: {
			"br0": {Statistics: map[string]int64{"rx_bytes": 91, "tx_bytes": 5}},
			"p":   {Statistics: map[string]int64{}, BFD: map[string]string{"state": "down"}},
		},
	} {
		got, err := told(recordedMessages[:n]...)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("after %d messages (-want +got):\n%s", n, diff)
		}
	}
}

// TestFollowRefuses: what makes no sense ends the following, and is never a number.
func TestFollowRefuses(t *testing.T) {
	first := recordedMessages[0]
	for _, bad := range []string{
		"", "{", "[]", `{"id":0,"error":{"error":"unknown database"},"result":null}`, `{"id":0,"error":null,"result":null}`, `{"id":"x","error":null,"result":{}}`,
		`{"id":null,"method":"monitor_canceled","params":["readings"]}`, `{"id":null,"method":"update2","params":[]}`,
		`{"method":"update2","params":["readings",{"Interface":{"9":{"modify":{"link_resets":1}}}}]}`,
		`{"method":"update2","params":["readings",{"Interface":{"1":{"turn":{"link_resets":1}}}}]}`,
		`{"method":"update2","params":["readings",{"Interface":{"1":{"modify":{"statistics":["set",[]]}}}}]}`,
		`{"method":"update2","params":["readings",{"Interface":{"1":{"modify":{"lacp_current":1}}}}]}`,
	} {
		if got, err := told(first, bad); err == nil {
			t.Errorf("%s: %v", bad, got)
		}
	}
	for n := range len(first) {
		if got, err := told(first[:n]); err == nil {
			t.Fatalf("%d bytes come to %v", n, got)
		}
		w := wire{r: strings.NewReader(first[:n])}
		if b, err := w.next(); !errors.Is(err, ErrClosed) {
			t.Fatalf("%d bytes are %q, %v", n, b, err)
		}
	}
	// A number that an int64 cannot hold is not known.
	got, err := told(`{"id":0,"result":{"Interface":{"1":{"initial":{"name":"p","statistics":["map",[["a",-5],["b",18446744073709551615],["c",1.5],["d",999999999999999999],["e",1e3]]]}}}}}`)
	if diff := cmp.Diff(map[string]Reading{"p": {Statistics: map[string]int64{"a": -5, "d": 999999999999999999}}}, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

// pieces hands out a text a few bytes at a time.
type pieces struct {
	text string
	size int
}

func (p *pieces) Read(b []byte) (int, error) {
	n := copy(b[:min(len(b), p.size)], p.text)
	p.text = p.text[n:]
	return n, nil
}

// TestWire: messages come one by one, in whatever pieces they were sent.
func TestWire(t *testing.T) {
	all := strings.Join(recordedMessages, "")
	for _, size := range []int{1, 7, 100, 1 << 20} {
		w := wire{r: &pieces{all, size}}
		for i, want := range recordedMessages {
			if got, err := w.next(); err != nil || string(got) != want {
				t.Errorf("pieces of %d: message %d is %q, %v", size, i, got, err)
			}
		}
	}
}

// FuzzFollow: whatever comes after a first answer does not panic nor hang, and what is
// an error is one for good.
func FuzzFollow(f *testing.F) {
	for _, m := range recordedMessages {
		f.Add([]byte(m))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		w := wire{r: strings.NewReader(string(text))}
		if b, err := w.next(); err == nil && (len(b) == 0 || len(b) > len(text)) {
			t.Fatalf("%d bytes of %d", len(b), len(text))
		}
		if got, err := told(recordedMessages[0], string(text)); err != nil && got != nil {
			t.Fatalf("%v beside %v", got, err)
		}
	})
}

// BenchmarkFollow is the daemon's work for a message that tells of every port.
func BenchmarkFollow(b *testing.B) {
	for _, ports := range []int{64, 512} {
		of := func(what string, value int) string {
			var rows []string
			for i := range ports {
				var pairs []string
				for k := range 74 * (i % 2) {
					pairs = append(pairs, fmt.Sprintf(`["rx_q0_size_%d_packets",%d]`, k, value))
				}
				rows = append(rows, fmt.Sprintf(`"%d":{%q:{"name":"vm%d","statistics":["map",[%s]]}}`, i, what, i, strings.Join(pairs, ",")))
			}
			return `{"Interface":{` + strings.Join(rows, ",") + `}}`
		}
		first := `{"id":0,"result":` + of("initial", 1000000000000) + `}`
		turns := []string{`{"method":"update2","params":["r",` + of("modify", 1000000000001) + `]}`, `{"method":"update2","params":["r",` + of("modify", 1000000000002) + `]}`}
		b.Run(fmt.Sprintf("ports=%d", ports), func(b *testing.B) {
			f := &follower{rows: rows{}, answers: map[int]chan struct{}{}}
			names := map[string]string{}
			if err := f.take(&scanner{b: []byte(first), names: names}); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.SetBytes(int64(len(turns[0])))
			for i := 0; b.Loop(); i++ {
				if err := f.take(&scanner{b: []byte(turns[i%2]), names: names}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
