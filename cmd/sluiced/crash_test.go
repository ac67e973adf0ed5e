package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// crashing marks the process that TestCrash starts of itself.
const crashing = "SLUICED_TEST_CRASH"

// TestCrash shows why the unit sets GOTRACEBACK=crash: its RestartPreventExitStatus=2
// is for wrong settings, and a crash must not look like those.
func TestCrash(t *testing.T) {
	switch os.Getenv(crashing) {
	case "panic":
		panic("as asked")
	case "hang":
		os.Stdout.WriteString("hanging\n")
		select {}
	}
	for name, kill := range map[string]bool{"panic": false, "hang": true} {
		t.Run(name, func(t *testing.T) {
			c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrash$")
			c.Env = append(os.Environ(), crashing+"="+name, "GOTRACEBACK=crash")
			out, err := c.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			if kill {
				for lines := bufio.NewScanner(out); lines.Scan() && !strings.Contains(lines.Text(), "hanging"); {
				}
				if err := c.Process.Signal(syscall.SIGABRT); err != nil {
					t.Fatal(err)
				}
			}
			ended, _ := errors.AsType[*exec.ExitError](c.Wait())
			if ended == nil {
				t.Fatal("it did not crash")
			}
			if status, _ := ended.Sys().(syscall.WaitStatus); !status.Signaled() {
				t.Errorf("it ended with %v, which systemd would take for an exit code", ended)
			}
		})
	}
}
