package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"
)

// perfProgram has the benchmarks: they start switches, which this tool does not.
const perfProgram = "sluice-perf"

func (a *app) perfCommand() *cobra.Command {
	return &cobra.Command{
		Use: "perf list|run NAME...", Short: "Run benchmarks side by side (needs sluice-perf)", DisableFlagParsing: true,
		Long: `Becomes the program sluice-perf, which is installed beside this one or found in
PATH, with the same arguments.`,
		Example: "  sluicectl perf list\n  sluicectl perf run apply",
		RunE: func(_ *cobra.Command, args []string) error {
			path, err := findPerf()
			if err != nil {
				return &codeError{exitNotFound, perfProgram + " is not installed: `make build` makes bin/" + perfProgram + "; put it beside sluicectl or into PATH"}
			}
			return syscall.Exec(path, append([]string{path}, args...), os.Environ())
		},
	}
}

func findPerf() (string, error) {
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), perfProgram)
		if info, err := os.Stat(beside); err == nil && info.Mode()&0o111 != 0 {
			return beside, nil
		}
	}
	path, err := exec.LookPath(perfProgram)
	if errors.Is(err, exec.ErrDot) {
		return "", err
	}
	return path, err
}
