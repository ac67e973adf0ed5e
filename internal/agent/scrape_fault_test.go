package agent

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// ofSwitch tells whether a series is read over the control socket, so that a
// spoilt one may take it away.
func ofSwitch(series string) bool {
	for _, prefix := range []string{"ovs_pmd_", "ovs_bond_", "ovs_lacp_", "ovs_conntrack_", "ovs_mempool_", "ovs_dpdk_heap_", "ovs_vhost_remote"} {
		if strings.HasPrefix(series, prefix) {
			return true
		}
	}
	return false
}

// answerOf is a whole answer with this text.
func answerOf(text string) []byte {
	b, err := json.Marshal(map[string]any{"id": 1, "error": nil, "result": text})
	if err != nil {
		panic(err)
	}
	return b
}

// TestSpoiltReplies: whatever comes over the control socket, a scrape is answered in
// its time, shows no number that a healthy switch did not tell, and counts the fault;
// and the next scrape of a healthy switch is whole again.
func TestSpoiltReplies(t *testing.T) {
	huge := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	for name, tt := range map[string]struct {
		// fault is any of these: a reply that ends the connection may be lost by its end,
		// with the requests that were under way.
		fault string
		spoil func(command, text string) []byte
	}{
		"never answers":    {"silent", func(string, string) []byte { return nil }},
		"cut off":          {"silent", func(_, text string) []byte { w := answerOf(text); return w[:len(w)/2] }},
		"closed at once":   {"silent", func(string, string) []byte { return []byte{} }},
		"no JSON":          {"garbled silent", func(_, text string) []byte { return []byte("<html>" + text) }},
		"another's answer": {"garbled silent", func(string, string) []byte { return []byte(`{"id":7000,"result":"1","error":null}`) }},
		"neither nor":      {"garbled silent", func(string, string) []byte { return []byte(`{"id":1,"result":null,"error":null}`) }},
		"unknown words":    {"garbled", func(_, text string) []byte { return answerOf("surprise " + text) }},
		"negative numbers": {"garbled", func(_, text string) []byte {
			return answerOf(strings.NewReplacer(" 0", " -7", "35", "-35", ":1", ":-1").Replace(text) + "\nx")
		}},
		"huge line": {"garbled silent", func(string, string) []byte { return answerOf(string(huge) + "7") }}, // a busy machine has not the time to read it
		"refused":   {"refused", func(string, string) []byte { return []byte(`{"id":1,"error":"no\n"}`) }},
		"quotes and line ends": {"garbled", func(_, text string) []byte {
			return answerOf(strings.ReplaceAll(text, "pmd thread", "pmd \"thread\n") + "\"\n'")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeSwitch(t, "3.1.0")
			f.furnish()
			f.vsctl("set", "Open_vSwitch", ".", "dpdk_initialized=false")
			r := f.agent()
			scrape := r.scraper()
			whole := scrape()
			f.later(2 * time.Second) // no scrape shares another's snapshot
			f.spoiled(tt.spoil)
			start := time.Now()
			spoilt := scrape()
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("the scrape took %v", took)
			}
			for series, value := range spoilt {
				if was, shown := whole[series]; ofSwitch(series) && (!shown || was != value) {
					t.Errorf("%s is %v; of the healthy switch it was %v (shown: %v)", series, value, was, shown)
				}
			}
			if spoilt[`sluice_collector_success{collector="interfaces"}`] != 1 || spoilt[`ovs_interface_rx_packets_total{bridge="br0",interface="g0"}`] != 7 {
				t.Error("what the database tells is gone, too")
			}
			for _, collector := range []string{"pmd-perf", "pmd-rxq", "bonds", "conntrack"} {
				var counted float64
				for fault := range strings.FieldsSeq(tt.fault) {
					counted += spoilt[fmt.Sprintf("sluice_collector_failures_total{collector=%q,fault=%q}", collector, fault)]
				}
				if counted != 1 {
					t.Errorf("%s failed %v times %s; failures are %v", collector, counted, tt.fault, failures(spoilt))
				}
			}
			f.spoiled(nil)
			f.later(2 * time.Second)
			again := scrape()
			for series, value := range whole {
				if now, shown := again[series]; ofSwitch(series) && (!shown || now != value) {
					t.Errorf("when the switch is well again, %s is %v, was %v", series, now, value)
				}
			}
		})
	}
}

func failures(e exposed) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(e)), func(s string) bool { return !strings.HasPrefix(s, "sluice_collector_failures") })
}
