package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestHowToStore runs every command of docs/how-to-store.md that stands in a console
// block, on the machine that its prompt names, and holds the page to what they print.
// Ids, numbers of entries and the widths of columns are not compared.
func TestHowToStore(t *testing.T) {
	text, err := os.ReadFile("../../docs/how-to-store.md")
	if err != nil {
		t.Fatal(err)
	}
	f := newHowToFleet(t)
	ran := 0
	var command string
	var want, got []string
	compare := func() {
		if diff := cmp.Diff(loose(want), loose(got)); diff != "" {
			t.Errorf("%s\npage(-) printed(+)\n%s", command, diff)
		}
		want, got = nil, nil
	}
	console := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		prompt, rest, isCommand := strings.Cut(line, "# sluicectl ")
		switch {
		case line == "```console":
			console = true
		case line == "```":
			compare()
			console = false
		case console && isCommand:
			compare()
			command = rest
			got = strings.Split(strings.TrimSuffix(f.run(t, prompt, rest), "\n"), "\n")
			ran++
		case console:
			want = append(want, line)
		}
	}
	if ran < 10 {
		t.Errorf("only %d commands were found on the page", ran)
	}
}

// howToFleet is the page's three machines; addresses and files of the page stand for
// those of this test.
type howToFleet struct {
	machines   []*machine
	here, page *strings.Replacer
}

func newHowToFleet(t *testing.T) *howToFleet {
	t.Helper()
	machines, at := fleetOf(t, 3)
	root := machines[0].root
	ca, _ := machines[0].pki(t, "store2", "store3")
	var here, page []string
	for i, a := range at {
		ours, theirs := strings.Replace(a, "tcp:", "ssl:", 1), fmt.Sprintf("ssl:10.0.0.%d:6644", i+1)
		here, page = append(here, theirs, ours), append(page, ours, theirs)
		for _, kind := range [][2]string{{".pem", "-cert.pem"}, {".key", "-privkey.pem"}} {
			here = append(here, fmt.Sprintf("/etc/sluice/store%d%s", i+1, kind[0]), fmt.Sprintf("%s/store%d%s", root, i+1, kind[1]))
		}
	}
	here = append(here, "/etc/sluice/ca.pem", ca, "sluice-2026", root+"/sluice-2026")
	page = append(page, "/sluice-2026", "sluice-2026")
	return &howToFleet{machines, strings.NewReplacer(here...), strings.NewReplacer(page...)}
}

// run is one command at a prompt like store1.
func (f *howToFleet) run(t *testing.T, prompt, line string) string {
	t.Helper()
	m := f.machines[prompt[len(prompt)-1]-'1']
	again := ""
	switch {
	case strings.HasPrefix(line, "store leave ssl:"): // the page says that it is lost
		if err := f.machines[2].server.Kill(); err != nil {
			t.Fatal(err)
		}
		again = "is alive"
	case line == "store leave --yes": // a follower hears a little later who is out
		m.until(t, "store leave --dry-run", "1 member remains")
	}
	text, code := m.repeat(t, f.here.Replace(line), func(text string, _ int) bool { return again == "" || !strings.Contains(text, again) })
	if code != 0 {
		t.Fatalf("%s: exit %d\n%s", line, code, text)
	}
	return f.page.Replace(text)
}

var (
	statusLine = regexp.MustCompile(`^(cluster |unix:|- |take member )`)
	volatile   = regexp.MustCompile(`\b([0-9a-f]{4}|\d+)\b`)
	gaps       = regexp.MustCompile(` +`)
)

// loose is output without what differs from one run to the next.
func loose(lines []string) []string {
	all := []string{}
	for _, line := range lines {
		line = gaps.ReplaceAllString(line, " ")
		if statusLine.MatchString(line) {
			words := strings.Fields(line)
			for i, w := range words {
				if !strings.Contains(w, "ssl:") {
					words[i] = volatile.ReplaceAllString(w, "#")
				}
			}
			line = strings.Join(words, " ")
		}
		all = append(all, line)
	}
	return all
}
