package appctl_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
)

// The middle one of the three averages is the minute's.
func TestParseCoverageRates(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want map[string]float64
		bad  bool
	}{
		"two events": {
			text: "Event coverage, avg rate over last: 5 seconds, last minute, last hour,  hash=b9e3ee04:\n" +
				"datapath_drop_meter        0.0/sec    12.350/sec        0.2058/sec   total: 741\n" +
				"datapath_drop_upcall_error  30.4/sec     0.000/sec        0.0000/sec   total: 152\n84 events never hit\n",
			want: map[string]float64{"datapath_drop_meter": 12.35, "datapath_drop_upcall_error": 0},
		},
		"a rate that is none": {text: "poll_create_node 1.0/sec many/sec 1.0/sec total: 1\n", bad: true},
		"below nothing":       {text: "poll_create_node 1.0/sec -1.0/sec 1.0/sec total: 1\n", bad: true},
		"no rates":            {text: "poll_create_node 1\n", bad: true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := appctl.ParseCoverageRates(strings.NewReader(c.text))
			if (err != nil) != c.bad {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	file, err := os.Open("testdata/3.1.0/coverage_show.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if rates, err := appctl.ParseCoverageRates(file); err != nil || len(rates) == 0 {
		t.Errorf("%v %v", rates, err)
	}
}

func FuzzParseCoverageRates(f *testing.F) {
	f.Add("datapath_drop_meter 0.0/sec 12.350/sec 0.2058/sec   total: 741\n84 events never hit\n")
	f.Fuzz(func(t *testing.T, text string) {
		rates, err := appctl.ParseCoverageRates(strings.NewReader(text))
		if err != nil && !errors.Is(err, appctl.ErrFormat) {
			t.Fatal(err)
		}
		for name, rate := range rates {
			if !(rate >= 0) {
				t.Errorf("%s: %v", name, rate)
			}
		}
	})
}
