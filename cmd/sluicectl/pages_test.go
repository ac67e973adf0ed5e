package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestPagesCommands holds every call of sluicectl that a page or an alert shows to
// the commands there are: the command exists, its flags do, and it takes that many
// arguments. docs/cli.md is made from the commands, but for their examples.
func TestPagesCommands(t *testing.T) {
	var pages []string
	for _, glob := range []string{"../../README.md", "../../docs/*.md", "../../configs/prometheus/rules/*.yaml", "../../configs/grafana/dashboards/*.json"} {
		found, err := filepath.Glob(glob)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	calls := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range callsOf(string(text)) {
			calls++
			if err := parses(call); err != nil {
				t.Errorf("%s: sluicectl %s: %v", filepath.Base(page), call, err)
			}
		}
	}
	if calls < 150 {
		t.Errorf("only %d calls found on %d pages", calls, len(pages))
	}
}

// TestParses shows what TestPagesCommands refuses.
func TestParses(t *testing.T) {
	for call, good := range map[string]bool{
		"port list": true, "port show": false, "port show vm1": true, "explain of the tunnel": false, "tunnel explain HOST": true,
		"lsp set PORT --sampling N": false, "lsp set SWITCH PORT --sampling N": true, "host status --colour": false, "lsp": true,
		"talkers [--window 5m] [--port NAME]": true, "host facts > facts.json": true, "metrics list | head": true, "lsp nonsense": false,
	} {
		if err := parses(call); (err == nil) != good {
			t.Errorf("%s: %v", call, err)
		}
	}
	want := []string{"port list", "tunnel show"}
	if got := callsOf("see `sluicectl\n  port list`\n```console\nroot@h1# sluicectl tunnel show\nsluicectl is a word\n```\n"); !slices.Equal(got, want) {
		t.Errorf("found %q", got)
	}
}

var (
	// A fenced block, and in it a line that calls sluicectl, with or without a prompt.
	fenced     = regexp.MustCompile("(?ms)^```[a-z]*\n(.*?)^```")
	calledLine = regexp.MustCompile(`(?m)^\s*(?:\S*[$#] |sudo )*sluicectl ([a-z].*)$`)
	// Words in text, which may go over the end of a line.
	inText = regexp.MustCompile("`(?:sudo )?sluicectl\\s+([^`]+)`")
	// What follows is the shell's.
	shell = regexp.MustCompile(`\s*(?:[|;>&]|\s#).*`)
	// A word may be quoted, and the shell may put another in its place.
	word        = regexp.MustCompile(`"[^"]*"|'[^']*'|\S+`)
	substituted = regexp.MustCompile(`\$\([^)]*\)`)
	// A placeholder for a value.
	placeholder = regexp.MustCompile(`^[A-Z][A-Z_]*$`)
)

// callsOf returns what follows sluicectl in the code of a text. Prose in a block, and
// what is left open by COMMAND or "…", calls nothing.
func callsOf(text string) []string {
	var calls []string
	for _, m := range inText.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		calls = append(calls, strings.Join(strings.Fields(m[1]), " "))
	}
	for _, block := range fenced.FindAllStringSubmatch(text, -1) {
		for _, m := range calledLine.FindAllStringSubmatch(block[1], -1) {
			if !strings.HasPrefix(m[1], "is ") {
				calls = append(calls, m[1])
			}
		}
	}
	return slices.DeleteFunc(calls, func(call string) bool {
		return strings.Contains(call, "COMMAND") || strings.Contains(call, "…") || strings.HasSuffix(call, "\\") || strings.Contains(call, "[flags]")
	})
}

// parses says what is wrong with a call. A placeholder stands for a number, a length
// of time or an address as well as for a name.
func parses(call string) error {
	words := word.FindAllString(strings.NewReplacer("[", "", "]", "").Replace(shell.ReplaceAllString(substituted.ReplaceAllString(call, "it"), "")), -1)
	var first error
	for _, value := range []string{"", "1", "1m", "192.0.2.1", "on"} {
		filled := slices.Clone(words)
		for i, w := range filled {
			if value != "" && placeholder.MatchString(w) {
				filled[i] = value
			}
		}
		err := parsesAs(filled)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

func parsesAs(words []string) error {
	root := (&app{world: world{stdout: io.Discard, stderr: io.Discard, stdin: strings.NewReader("")}, output: outputTable}).command()
	command, rest, err := root.Find(words)
	if err != nil {
		return err
	}
	if err := command.ParseFlags(rest); err != nil {
		return err
	}
	args := command.Flags().Args()
	if command.HasSubCommands() && !command.Runnable() || command == root {
		if len(args) > 0 {
			return fmt.Errorf("%s has no command %q", command.CommandPath(), args[0])
		}
		return nil
	}
	return command.ValidateArgs(args)
}
