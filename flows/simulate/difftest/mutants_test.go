package difftest

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
)

var (
	mutations = flag.Int("mutations", 3, "mutants of the compiler's source to build and test; -1 takes all")
	only      = flag.String("mutant", "", "take those mutants alone whose text has this")
)

// A mutant is the compiler with one mistake in its source.
type mutant struct {
	file string // of package flows
	old  string // is in it once
	new  string
}

// String is the line where the mistake is.
func (m mutant) String() string {
	was, is := strings.Join(strings.Fields(m.old), " "), strings.Join(strings.Fields(m.new), " ")
	if is == "" {
		is = "nothing"
	}
	return fmt.Sprintf("%s: %s instead of %s", m.file, is, was)
}

// survivors is how many of a whole run's mutants may live.
const survivors = 2

// TestMutants builds compilers with deliberate mistakes, and expects the differential
// test and its cases to find each: three of them, others every time, or with
// -mutations -1 all.
func TestMutants(t *testing.T) {
	lab.Require(t)
	which := rand.Uint64()
	r := rand.New(rand.NewPCG(which, 5))
	tried := slices.DeleteFunc(r.Perm(len(mutants)), func(i int) bool { return !strings.Contains(mutants[i].String(), *only) })
	if *mutations >= 0 {
		tried = tried[:min(*mutations, len(tried))]
	}
	t.Logf("seed %d", which)
	var lived []string
	for _, i := range tried {
		start := time.Now()
		how, alive := mutants[i].live(t)
		if alive {
			lived = append(lived, mutants[i].String())
			continue
		}
		t.Logf("%s: %s (%s)", mutants[i], how, time.Since(start).Round(time.Second/10))
	}
	t.Logf("%d of %d mutants found", len(tried)-len(lived), len(tried))
	may := 0
	if len(tried) == len(mutants) {
		may = survivors
	}
	for _, m := range lived {
		t.Logf("not found: %s", m)
	}
	if len(lived) > may {
		t.Errorf("%d mutants of %d live", len(lived), len(tried))
	}
}

// TestAnchors expects what the mutants replace to be in the sources, once.
func TestAnchors(t *testing.T) {
	if len(mutants) < 30 {
		t.Errorf("only %d mutants", len(mutants))
	}
	for _, m := range mutants {
		if _, err := m.source(); err != nil {
			t.Error(err)
		}
	}
}

// folder is where package flows is from here.
const folder = "../.."

func (m mutant) source() ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(folder, m.file))
	if err != nil {
		return nil, err
	}
	if n := bytes.Count(text, []byte(m.old)); n != 1 {
		return nil, fmt.Errorf("%s has %d times, not once: %s", m.file, n, m.old)
	}
	return bytes.Replace(text, []byte(m.old), []byte(m.new), 1), nil
}

// live builds the tests around the mutant and runs them, and says by what they found it.
func (m mutant) live(t *testing.T) (how string, alive bool) {
	t.Helper()
	text, err := m.source()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	original, err := filepath.Abs(filepath.Join(folder, m.file))
	if err != nil {
		t.Fatal(err)
	}
	changed, overlay, tests := filepath.Join(dir, m.file), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "tests")
	spec, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{changed: text, overlay: spec} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	// Neither vet nor symbols: it is to be tested once.
	if out, err := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-ldflags=-s -w", "-overlay", overlay, "-o", tests, ".").CombinedOutput(); err != nil {
		t.Fatalf("%s is no Go: %v\n%s", m, err, out)
	}
	out, err := exec.CommandContext(ctx, tests, "-test.run", "^(TestCases|TestCasesOfStrangers|TestCasesOfChange|TestDifferential)$", "-test.failfast", "-test.timeout", "4m", "-probes", "4000", "-seed", "77").CombinedOutput()
	if err == nil {
		return "", true
	}
	return finding.FindString(string(out)), false
}

// finding is the line that says what a test found.
var finding = regexp.MustCompile(`(?m)^ +[a-z]+_test\.go:\d+: .{0,60}|^panic: .*`)
