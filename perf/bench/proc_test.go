package bench

import (
	"context"
	"os"
	"os/exec"
	"testing"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// A line as Linux 6.1 prints it, of a process whose name tries to be funny.
const procStat = "4242 (a) R (b c) S 17 4242 4242 0 -1 4194560 3025 123 7 8 10 20 1 2 20 0 9 0 508651 0 0\n"

func TestParseStat(t *testing.T) {
	got, err := parseStat(procStat)
	if want := (stat{parent: 17, childFaults: 123 + 8}); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	for _, text := range []string{"", "1 (x", "1 (x) S 2", "1 (x) S y 1 1 0 -1 0 0 0 0 0 1"} {
		if _, err := parseStat(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestParseResident(t *testing.T) {
	if n, err := parseResident("VmHWM:\t 9 kB\nVmRSS:\t   31452 kB\n"); err != nil || n != 31452<<10 {
		t.Errorf("%d, %v", n, err)
	}
	for _, text := range []string{"", "VmRSS:", "VmRSS: 1 MB", "VmRSS: x kB", "VmRSS: 99999999999999999 kB"} {
		if _, err := parseResident(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func FuzzParseProc(f *testing.F) {
	f.Add(procStat)
	f.Add("VmRSS:\t   31452 kB\n")
	f.Fuzz(func(_ *testing.T, text string) {
		_, _ = parseStat(text)
		_, _ = parseResident(text)
	})
}

// What proves that nothing was exec'ed sees a child while it runs and after it
// is gone.
func TestUsageSeesChildren(t *testing.T) {
	self := os.Getpid()
	before, err := usageOf(self)
	if err != nil {
		t.Fatal(err)
	}
	if before.CPU <= 0 || before.Resident < 1<<20 {
		t.Errorf("%+v", before)
	}
	child := exec.Command("cat") // waits for its input to end
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	during, err := usageOf(self)
	if err != nil {
		t.Fatal(err)
	}
	if during.Children != before.Children+1 {
		t.Errorf("%d children while one runs, %d before", during.Children, before.Children)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err != nil {
		t.Fatal(err)
	}
	err = lab.Until(t.Context(), "the child is accounted for", func(context.Context) error {
		after, err := usageOf(self)
		if err == nil && (after.Children != before.Children || after.ChildFaults <= before.ChildFaults) {
			t.Errorf("after the child: %+v, before: %+v", after, before)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if after, _ := usageOf(self); after.CPU <= before.CPU {
		t.Errorf("CPU time %v after %v", after.CPU, before.CPU)
	}
}

func TestUsageOfNobody(t *testing.T) {
	if _, err := usageOf(1 << 30); err == nil {
		t.Error("a process that cannot be has a usage")
	}
}

// TestRunDelay: whoever runs tests has waited for a CPU; a process that is gone is an error.
func TestRunDelay(t *testing.T) {
	if d, err := runDelay(os.Getpid()); err != nil || d <= 0 {
		t.Errorf("%s, %v", d, err)
	}
	if _, err := runDelay(1 << 30); err == nil {
		t.Error("no process waited")
	}
}
