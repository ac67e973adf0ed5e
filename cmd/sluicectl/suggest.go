package main

//go:generate go test -run ^TestPage$ -update .

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// mustName makes commands that only hold others ask for one of them: cobra
// would print help and call it done, which hides a verb that a script lost.
func mustName(c *cobra.Command) {
	for _, sub := range c.Commands() {
		mustName(sub)
	}
	switch {
	case c.HasSubCommands():
		c.Args = func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return usagef("there is no command %q%s", c.CommandPath()+" "+args[0], didYouMean(c, args[0]))
		}
		c.RunE = func(c *cobra.Command, _ []string) error {
			c.SetOut(c.ErrOrStderr())
			_ = c.Help()
			return &codeError{code: exitUsage}
		}
	case c.Args != nil:
		check := c.Args
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return wrongArguments(c, args, err)
			}
			return nil
		}
	}
}

// wrongArguments puts cobra's counts into words.
func wrongArguments(c *cobra.Command, args []string, err error) error {
	name := strings.TrimPrefix(c.CommandPath(), c.Root().Name()+" ")
	words := err.Error()
	needed, all := wanted(c)
	switch wants := all > 0; {
	case all > 1 && len(args) < len(needed):
		words = name + " lacks " + strings.Join(needed[len(args):], " ")
	case all > 1 && len(args) > all:
		words = name + " does not know what " + strings.Join(args[all:], " ") + " is"
	case !wants && len(args) > 0 && c.Flags().Lookup("file") != nil:
		words = name + " takes no argument: a file is named with -f " + args[0]
	case !wants && len(args) > 0:
		words = name + " takes no argument, not " + strings.Join(args, " ")
	case len(args) == 0:
		words = name + " needs an argument"
	case len(args) > 1:
		words = name + " takes one argument"
	}
	return usagef("%s\n  -> %s", words, c.UseLine())
}

// wanted are the arguments that a command must have, by name, and how many it takes.
func wanted(c *cobra.Command) (needed []string, all int) {
	for _, word := range strings.Fields(c.Use)[1:] {
		if !strings.HasPrefix(word, "[") {
			needed = append(needed, word)
		}
		all++
	}
	return needed, all
}

// didYouMean names the commands below or beside c that the word is likely to
// mean: `sluicectl plan` is `host plan` with the noun forgotten.
func didYouMean(c *cobra.Command, word string) string {
	var exact, near []string
	for _, sub := range c.Commands() {
		if c.HasParent() && alike(sub.Name(), word) {
			near = append(near, sub.CommandPath())
		}
	}
	if len(near) > 0 { // its own verbs, not what other nouns call theirs
		return "; did you mean:\n  -> " + strings.Join(near, "\n  -> ")
	}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			switch name := sub.Name(); {
			case sub.Hidden || name == "help":
			case name == word:
				exact = append(exact, sub.CommandPath())
			case alike(name, word):
				near = append(near, sub.CommandPath())
			}
			walk(sub)
		}
	}
	walk(c.Root())
	if len(exact) > 0 {
		near = exact
	}
	if len(near) == 0 {
		return "\n  -> " + c.CommandPath() + " --help"
	}
	return "; did you mean:\n  -> " + strings.Join(near, "\n  -> ")
}

// wrongFlag names the nearest flag and where to read on.
func wrongFlag(c *cobra.Command, err error) error {
	text := err.Error()
	if bad, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		if most := map[string]string{"uint16": "65535", "uint32": "4294967295"}[bad.GetFlag().Value.Type()]; most != "" {
			text = fmt.Sprintf("--%s: %q is no number from 0 to %s", bad.GetFlag().Name, bad.GetValue(), most)
		}
	}
	if _, name, ok := strings.Cut(text, "unknown flag: --"); ok {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if alike(f.Name, name) {
				text += "; did you mean --" + f.Name + "?"
			}
		})
	}
	return usagef("%s\n  -> %s --help", text, c.CommandPath())
}

// alike tells whether a hurried writer of one may have meant the other.
func alike(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	return distance(a, b) <= 1+min(len(a), len(b))/5
}

// distance counts the letters to insert, delete, change or swap with their
// neighbour to make b of a (the optimal string alignment distance).
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	d := make([][]int, len(s)+1)
	for i := range d {
		d[i] = make([]int, len(t)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(s); i++ {
		for j := 1; j <= len(t); j++ {
			change := 1
			if s[i-1] == t[j-1] {
				change = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+change)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(s)][len(t)]
}
