package vswitch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/internal/finding"
)

// Reviewer looks for what OVS ignores without a word. It is made once for many
// rows, and may be used concurrently.
type Reviewer struct {
	release  string
	known    map[Table]map[string]bool
	obsolete map[ID][]obsolete // by table and name of the setting
	newer    map[string]string
	booleans map[string]bool
}

// NewReviewer returns a reviewer for the settings of an OVS of this release; an
// empty one is the newest.
func NewReviewer(release string) *Reviewer {
	r := &Reviewer{
		release: release, known: map[Table]map[string]bool{}, obsolete: map[ID][]obsolete{},
		newer: newKeys(), booleans: set(strings.Fields(booleans)),
	}
	for _, t := range tableOrder {
		r.known[t] = set(knownKeys(t))
	}
	for _, o := range obsoletes() {
		id := ID{o.table, o.name}
		r.obsolete[id] = append(r.obsolete[id], o)
	}
	return r
}

func set(names []string) map[string]bool {
	s := make(map[string]bool, len(names))
	for _, name := range names {
		s[name] = true
	}
	return s
}

// Review looks through the settings of one row as it is in the database for
// obsolete settings, settings of a younger OVS, misspelt ones, and words that are
// no booleans. What is merely unknown is somebody else's and no finding. The
// findings have no Path: they are about the database.
func (r *Reviewer) Review(settings Settings, table Table) []finding.Finding {
	var found []finding.Finding
	for name, value := range settings {
		entries := 0
		for _, o := range r.obsolete[ID{table, name}] {
			if o.applies(table, name, value, r.release) {
				found = append(found, o.finding(name, value))
				entries++
			}
		}
		if entries > 0 {
			continue
		}
		if f, wrong := r.name(table, name, value); wrong {
			found = append(found, f)
		} else if f, wrong := r.boolean(name, value); wrong {
			found = append(found, f)
		}
	}
	finding.Sort(found)
	return found
}

// name finds settings of a younger OVS and misspelt ones.
func (r *Reviewer) name(table Table, name, value string) (finding.Finding, bool) {
	column, _ := Column(name)
	if column != "other_config" && column != "options" || table == QoSTable {
		return finding.Finding{}, false
	}
	if r.known[table][name] {
		since, young := r.newer[name]
		if !young || Release(r.release, since) >= 0 {
			return finding.Finding{}, false
		}
		return finding.Finding{
			Severity: finding.Warning, Code: "setting-too-new",
			What: fmt.Sprintf("%s=%s: OVS %s does not know it; %s does", name, value, r.release, since),
			Cost: "OVS ignores it", Fix: "remove it, or run OVS " + since + " or newer",
		}, true
	}
	meant := nearest(table, name, knownKeys(table))
	if meant == "" {
		return finding.Finding{}, false
	}
	return finding.Finding{
		Severity: finding.Warning, Code: "setting-misspelt",
		What: fmt.Sprintf("%s=%s: no OVS knows it; %s may be meant", name, value, meant),
		Cost: "OVS ignores it: what was meant does not happen", Fix: "move the value to " + meant,
	}, true
}

// booleans are settings read by smap_get_bool: anything but true (or, where the
// default is true, false) counts as the default.
const booleans = `
other_config:pmd-rxq-isolate other_config:pmd-auto-lb other_config:pmd-perf-metrics other_config:smc-enable
other_config:per-port-memory other_config:userspace-tso-enable other_config:vhost-iommu-support
other_config:vhost-postcopy-support other_config:hw-offload other_config:dpdk-probe-at-init
other_config:emc-enable options:dpdk-lsc-interrupt options:rx-flow-ctrl options:tx-flow-ctrl options:flow-ctrl-autoneg`

// boolean finds words that are none.
func (r *Reviewer) boolean(name, value string) (finding.Finding, bool) {
	words := []string{"true", "false"}
	switch {
	case name == "other_config:dpdk-init":
		words = append(words, "try")
	case !r.booleans[name]:
		return finding.Finding{}, false
	}
	if slices.Contains(words, strings.ToLower(value)) {
		return finding.Finding{}, false
	}
	return finding.Finding{
		Severity: finding.Warning, Code: "setting-no-boolean",
		What: fmt.Sprintf("%s=%s: none of %s", name, value, strings.Join(words, ", ")),
		Cost: "OVS takes its default, without a word", Fix: "set it to one of " + strings.Join(words, ", "),
	}, true
}

// nearest returns the known setting that a name is most likely a slip of the
// pen for, or "": another column of the same row, other dashes or capitals, or
// at most two slips in a long name.
func nearest(table Table, name string, known []string) string {
	_, key := Column(name)
	if table == IfaceTable && slices.Contains([]string{"mtu_request", "ofport_request", "ingress_policing_rate", "ingress_policing_burst"}, plain(key)) {
		return plain(key) // columns of their own
	}
	best, bestSlips := "", 3
	for _, k := range known {
		_, other := Column(k)
		slips := distance(plain(key), plain(other))
		if slips <= len(other)/5 && slips < bestSlips {
			best, bestSlips = k, slips
		}
	}
	return best
}

// plain takes away differences that people do not see.
func plain(key string) string { return strings.ReplaceAll(strings.ToLower(key), "-", "_") }

// distance counts the slips between two words: letters inserted, left out,
// replaced, or swapped with their neighbour (optimal string alignment).
func distance(a, b string) int {
	before, row := []int(nil), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
