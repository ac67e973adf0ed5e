package pmd_test

import (
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/pmd"
)

// fuzz feeds a parser what its fixtures become. Whatever it is, the parser does
// not panic, refuses with ErrFormat only, and reads the same twice.
func fuzz(f *testing.F, command string) {
	fixtures, err := filepath.Glob("testdata/*/" + command + "*.txt")
	if err != nil || len(fixtures) == 0 {
		f.Fatalf("no fixtures (%v)", err)
	}
	for _, fixture := range fixtures {
		f.Add(string(read(f, fixture)))
	}
	parse := parsers()[command]
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parse(strings.NewReader(text))
		if err != nil && !errors.Is(err, pmd.ErrFormat) {
			t.Fatal(err)
		}
		again, err2 := parse(oneByOne{strings.NewReader(text)})
		if (err == nil) != (err2 == nil) || !cmp.Equal(got, again) {
			t.Errorf("read in pieces: %v, %v; at once: %v, %v", again, err2, got, err)
		}
		if err == nil && strings.HasSuffix(text, "\n") {
			if _, err := parse(strings.NewReader(text + "drift\n")); !errors.Is(err, pmd.ErrFormat) {
				t.Errorf("an unknown last line: %v, want ErrFormat", err)
			}
		}
	})
}

// oneByOne gives a byte at a time.
type oneByOne struct{ r io.Reader }

func (o oneByOne) Read(p []byte) (int, error) { return o.r.Read(p[:min(1, len(p))]) }

func FuzzParseRxqShow(f *testing.F)   { fuzz(f, "pmd-rxq-show") }
func FuzzParsePerfShow(f *testing.F)  { fuzz(f, "pmd-perf-show") }
func FuzzParseSleepShow(f *testing.F) { fuzz(f, "pmd-sleep-show") }
func FuzzParseStatsShow(f *testing.F) { fuzz(f, "pmd-stats-show") }
