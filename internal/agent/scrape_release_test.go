package agent

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestScrapeOfEachRelease: what is shown of a switch that answers as each release
// was recorded to, beside one database. What a release does not tell is absent.
func TestScrapeOfEachRelease(t *testing.T) {
	for _, release := range []string{"2.17.12", "3.1.0", "3.1.0-dpdk", "3.3.9", "3.6.3", "4.0"} {
		t.Run(release, func(t *testing.T) {
			f := newFakeSwitch(t, release)
			f.furnish()
			got := switchSeries(f.agent().scraper()())
			path := filepath.Join("testdata", "scrape", release+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-file +now):\n%s", path, diff)
			}
		})
	}
}

// switchSeries prints what is of the switch, and how reading went, in order.
func switchSeries(e exposed) string {
	var b strings.Builder
	for _, series := range slices.Sorted(maps.Keys(e)) {
		if strings.HasPrefix(series, "ovs_") || strings.HasPrefix(series, "sluice_collector_success") || strings.HasPrefix(series, "sluice_collector_failures") {
			b.WriteString(series + " " + strconv.FormatFloat(e[series], 'g', -1, 64) + "\n")
		}
	}
	// The schema is the installed one's.
	return regexp.MustCompile(`db_version="[^"]*"`).ReplaceAllString(b.String(), `db_version=""`)
}
