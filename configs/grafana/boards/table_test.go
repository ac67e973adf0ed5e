package boards

import (
	"bufio"
	"os"
	"regexp"
	"strings"
	"testing"
)

// metric is a row of the table of metrics.
type metric struct {
	counter, histogram bool
	labels             map[string]bool
}

// row of docs/metrics.md: | `name` | type | unit | labels | ...
var tableRow = regexp.MustCompile("^\\| `([a-z_]+)` \\| (counter|gauge|histogram) \\| [a-z_]* ?\\| ([a-z_, ]*) ?\\|")

// metrics reads the table that package monitor writes, and adds what Prometheus
// makes of it: a histogram's three series, and up of each target.
func metrics(t *testing.T) map[string]metric {
	t.Helper()
	f, err := os.Open("../../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := map[string]metric{"up": {labels: labelSet("")}}
	rows := 0
	for s := bufio.NewScanner(f); s.Scan(); {
		if strings.HasPrefix(s.Text(), "| `") {
			rows++
		}
		m := tableRow.FindStringSubmatch(s.Text())
		if m == nil {
			continue
		}
		labels := labelSet(m[3])
		if m[2] != "histogram" {
			all[m[1]] = metric{counter: m[2] == "counter", labels: labels}
			continue
		}
		all[m[1]] = metric{histogram: true, labels: labels}
		for _, suffix := range []string{"_count", "_sum"} {
			all[m[1]+suffix] = metric{counter: true, labels: labels}
		}
		all[m[1]+"_bucket"] = metric{counter: true, labels: labelSet(m[3] + ", le")}
	}
	named := 0
	for name := range all {
		if name != "up" && !strings.HasSuffix(name, "_bucket") && !strings.HasSuffix(name, "_count") && !strings.HasSuffix(name, "_sum") {
			named++
		}
	}
	if named != rows || rows < 50 {
		t.Fatalf("docs/metrics.md has %d rows, %d were understood", rows, named)
	}
	return all
}

// labelSet is a metric's own labels and those of every target.
func labelSet(list string) map[string]bool {
	set := map[string]bool{"job": true, "instance": true}
	for _, label := range strings.Split(list, ",") {
		if label = strings.TrimSpace(label); label != "" {
			set[label] = true
		}
	}
	return set
}
