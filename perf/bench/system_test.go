package bench

import (
	"os/exec"
	"testing"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// The scenarios that run real switches measure what they say: one sample of each
// side, with the daemon built from these sources. What bars say of a machine that
// runs tests besides does not matter here, but for what must hold on any.
func TestSystemScenarios(t *testing.T) {
	if testing.Short() {
		t.Skip("runs switches")
	}
	e := Env{BinDir: t.TempDir(), Quick: true, Progress: func(line string) { t.Log(line) }}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", e.BinDir, "../../cmd/...").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, s := range []Scenario{applyScenario(), planHostScenario(), restartScenario(), megaflowScenario()} {
		t.Run(s.Name, func(t *testing.T) {
			lab.Require(t, s.Missing(e)...)
			s.Repeats.Least = 1
			r, err := Run(t.Context(), s, e)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range r.Verdicts {
				if exact := r.Bars[i].Judged == ByWorst; v.State == NotMeasured || exact && v.State != Met {
					t.Errorf("%s: %s %s", r.Bars[i].Text, v.State, v.Why)
				}
			}
		})
	}
}
