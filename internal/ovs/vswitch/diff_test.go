package vswitch_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/golden"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch/vswitchtest"
)

// TestDiff reads files of three parts, separated by lines of dashes: what is,
// what is wanted, and the changes, one a line with their step. Every file also
// shows that making the changes leaves nothing to do.
func TestDiff(t *testing.T) {
	files, err := filepath.Glob("testdata/diff/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parts := strings.SplitN(string(text), "---\n", 3)
			if len(parts) != 3 {
				t.Fatalf("%s has %d parts, want 3", file, len(parts))
			}
			o, d := observed(t, parts[0]), desired(t, parts[1])
			parts[2] = printed(vswitch.Diff(o, d))
			golden.Check(t, file, strings.Join(parts, "---\n"))
		})
	}
}

func printed(changes []vswitch.Change) string {
	var b strings.Builder
	for _, c := range changes {
		fmt.Fprintf(&b, "%d %s", c.Step, c)
		if c.Refused != "" {
			fmt.Fprintf(&b, "  REFUSED: %s", c.Refused)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func observed(t *testing.T, text string) vswitch.Observed {
	t.Helper()
	return vswitch.Observed{Rows: vswitchtest.Rows(t, text)}
}

func desired(t *testing.T, text string) vswitch.Desired {
	t.Helper()
	var d vswitch.Desired
	for _, r := range vswitchtest.Rows(t, text) {
		d.Rows = append(d.Rows, r.Row)
	}
	return d
}

func TestReleaseAll(t *testing.T) {
	o := observed(t, `
Open_vSwitch . keys=other_config:pmd-cpu-mask+other_config:dpdk-init other_config:pmd-cpu-mask=0x6 other_config:dpdk-init=try former:other_config:pmd-cpu-mask=0x2
Bridge br0 owner=adopted keys=fail_mode fail_mode=secure former:fail_mode=
Bridge br1 owner=profile keys=fail_mode fail_mode=secure
Bridge foreign fail_mode=secure
`)
	want := `1 set Open_vSwitch . other_config:pmd-cpu-mask=0x2 (was 0x6) as before the take-over
1 forget Open_vSwitch . other_config:dpdk-init
1 unset Bridge br0 fail_mode (was secure)
1 disown Bridge br0
1 forget Bridge br1 fail_mode
1 disown Bridge br1
`
	if diff := cmp.Diff(want, printed(vswitch.ReleaseAll(o))); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func TestKeyNameIn(t *testing.T) {
	sleep := vswitch.Key{Name: "other_config:pmd-sleep-max", Since: "3.2", OldName: "other_config:pmd-maxsleep"}
	gone := vswitch.Key{Name: "other_config:x", Until: "3.6"}
	tests := []struct {
		key     vswitch.Key
		release string
		want    string
	}{
		{sleep, "3.1.0", "other_config:pmd-maxsleep"},
		{sleep, "3.2.0", "other_config:pmd-sleep-max"},
		{sleep, "3.10.1", "other_config:pmd-sleep-max"},
		{sleep, "4.0.90", "other_config:pmd-sleep-max"},
		{sleep, "", "other_config:pmd-sleep-max"},
		{gone, "3.5.9", "other_config:x"},
		{gone, "3.6.0-rc1", ""},
	}
	for _, tt := range tests {
		if got, _ := tt.key.NameIn(tt.release); got != tt.want {
			t.Errorf("%s in %q: %q, want %q", tt.key.Name, tt.release, got, tt.want)
		}
	}
}
