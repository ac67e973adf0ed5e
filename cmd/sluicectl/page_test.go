package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/internal/golden"
)

const pagePath = "../../docs/cli.md"

// TestPage keeps docs/cli.md as the commands describe themselves.
func TestPage(t *testing.T) {
	var b bytes.Buffer
	root := (&app{output: outputTable}).command()
	fmt.Fprintf(&b, "# sluicectl\n\n<!-- Written by \"go generate ./cmd/sluicectl\" from the commands themselves. -->\n\n%s\n\n", root.Long)
	b.WriteString("`sluicectl COMMAND --help` prints the same. Every command takes:\n\n")
	codeBlock(&b, root.PersistentFlags().FlagUsages())
	writeCommands(&b, root)
	golden.Check(t, pagePath, strings.TrimRight(b.String(), "\n")+"\n")
}

func writeCommands(b *bytes.Buffer, parent *cobra.Command) {
	for _, c := range parent.Commands() {
		switch {
		case c.Hidden || c.Name() == "help":
		case c.HasSubCommands():
			writeCommands(b, c)
		default:
			fmt.Fprintf(b, "## %s\n\n%s.\n\n", c.CommandPath(), c.Short)
			if c.Long != "" {
				fmt.Fprintf(b, "%s\n\n", c.Long)
			}
			codeBlock(b, c.UseLine()+"\n"+c.LocalFlags().FlagUsages())
			if c.Example != "" {
				b.WriteString("For example:\n\n")
				codeBlock(b, c.Example)
			}
		}
	}
}

func codeBlock(b *bytes.Buffer, text string) {
	fmt.Fprintf(b, "```\n%s\n```\n\n", strings.TrimRight(text, "\n"))
}

// Every command says what it does, shows an example, and names its exit codes
// where they are not the general ones.
func TestEveryCommandIsDescribed(t *testing.T) {
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			walk(sub)
		}
		if c.Short == "" || c.Long == "" {
			t.Errorf("%s: no Short or no Long", c.CommandPath())
		}
		if !c.HasSubCommands() && c.Example == "" {
			t.Errorf("%s: no Example", c.CommandPath())
		}
		for line := range strings.Lines(c.Long + "\n" + c.Example) {
			if len(line) > 90 {
				t.Errorf("%s: a line of %d columns: %s", c.CommandPath(), len(line), line)
			}
		}
	}
	walk((&app{output: outputTable}).command())
}
