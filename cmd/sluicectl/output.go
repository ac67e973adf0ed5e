package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/yamlout"
)

// output is the form of what is printed; it is a flag's value.
type output string

const (
	outputTable output = "table"
	outputJSON  output = "json"
	outputYAML  output = "yaml"
)

func (o *output) String() string { return string(*o) }

// Type names the flag's value in help texts.
func (*output) Type() string { return "FORM" }

// Set takes a form by name.
func (o *output) Set(text string) error {
	switch v := output(text); v {
	case outputTable, outputJSON, outputYAML:
		*o = v
		return nil
	}
	return fmt.Errorf("%q is none of table, json, yaml", text)
}

// print shows v in the form that was asked for; table prints it for people.
func (a *app) print(v any, table func() error) error {
	switch a.output {
	case outputJSON:
		text, err := api.Marshal(v)
		if err != nil {
			return err
		}
		return a.write(text)
	case outputYAML:
		return yamlout.Write(a.stdout, v)
	case outputTable:
	}
	return table()
}

// terminal tells whether people read what is written to w.
func terminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

func (a *app) text() api.TextOptions {
	return api.TextOptions{Color: !a.noColor && a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb" && a.terminal(a.stdout)}
}
