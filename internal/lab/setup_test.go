package lab_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// machine is a made-up machine for setup.sh: files in place of sysfs, and programs
// in place of apt-get and dpkg-query that keep a transcript.
type machine struct {
	t    *testing.T
	dir  string
	uid  string
	path string
}

func newMachine(t *testing.T) *machine {
	m := &machine{t: t, dir: t.TempDir(), uid: "0", path: os.Getenv("PATH")}
	for name, text := range map[string]string{"pages/nr_hugepages": "10\n", "pages/free_hugepages": "4\n"} {
		m.write(name, text, 0o644)
	}
	return m
}

func (m *machine) write(name, text string, mode os.FileMode) {
	m.t.Helper()
	path := filepath.Join(m.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		m.t.Fatal(err)
	}
}

// read returns a file's text, or "(none)".
func (m *machine) read(name string) string {
	m.t.Helper()
	text, err := os.ReadFile(filepath.Join(m.dir, name))
	if errors.Is(err, os.ErrNotExist) {
		return "(none)"
	}
	if err != nil {
		m.t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

func (m *machine) command(args ...string) *exec.Cmd {
	c := exec.CommandContext(m.t.Context(), "setup/setup.sh", args...)
	c.Env = append(os.Environ(), "PATH="+m.path, "SLUICE_SETUP_RUN="+m.dir+"/run", "SLUICE_SETUP_PAGES="+m.dir+"/pages",
		"SLUICE_SETUP_POLICY="+m.dir+"/policy-rc.d", "SLUICE_SETUP_UID="+m.uid)
	return c
}

// setup runs the script, checks its exit code and returns what it printed.
func (m *machine) setup(code int, args ...string) string {
	m.t.Helper()
	out, err := m.command(args...).CombinedOutput()
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		m.t.Fatal(err)
	}
	if got != code {
		m.t.Errorf("setup.sh %s: exit code %d, want %d:\n%s", strings.Join(args, " "), got, code, out)
	}
	return string(out)
}

func (m *machine) pages(want string) {
	m.t.Helper()
	if got := m.read("pages/nr_hugepages"); got != want {
		m.t.Errorf("nr_hugepages is %s, want %s", got, want)
	}
}

func TestSetupHugepages(t *testing.T) {
	m := newMachine(t)
	if out := m.setup(0, "run", "4", "cat", m.dir+"/pages/nr_hugepages"); out != "10\n" {
		t.Errorf("with enough free pages it printed %q, want nothing raised", out)
	}
	out := m.setup(3, "run", "6", "sh", "-c", "cat "+m.dir+"/pages/nr_hugepages; cut -d' ' -f2- "+m.dir+"/run/hugepages; exit 3")
	want := "setup: hugepages of 2 MiB: 10 -> 12\n12\n10 4 12\n"
	// The watchdog may be quicker than the script itself, and speaks to nobody.
	out = strings.TrimSuffix(out, "setup: hugepages of 2 MiB: 12 -> 10\n")
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("run (-want +got):\n%s", diff)
	}
	m.pages("10")
	if got := m.read("run/hugepages"); got != "(none)" {
		t.Errorf("the journal still says %s", got)
	}
	m.setup(2, "hugepages", "many")
	m.setup(2, "hugepages")
	m.setup(2, "nonesuch")
	m.setup(1, "hugepages", "6", "999999999")
	if out := m.setup(0, "root", "to try"); out != "" {
		t.Errorf("as root it printed %q", out)
	}
	m.uid = "1000"
	if out := m.setup(2, "root", "to try: sudo make try"); out != "setup: this needs root, to try: sudo make try\n" {
		t.Errorf("without root it printed %q", out)
	}
	if out := m.setup(2, "hugepages", "6"); !strings.Contains(out, "6 of 2 MiB are needed, 4 are free") {
		t.Errorf("without root it printed %q", out)
	}
	m.setup(0, "hugepages", "4")
	m.pages("10")
}

// Two users at once: the sum is raised, and the last one gone puts back what the
// first one found.
func TestSetupHugepagesShared(t *testing.T) {
	m := newMachine(t)
	first := sleepingUser(t, m, "6")
	m.pages("12")
	m.setup(0, "hugepages", "6", fmt.Sprint(first.Process.Pid))
	m.pages("12")
	second := sleepingUser(t, m, "3")
	m.pages("15")
	end(t, first)
	m.setup(0, "undo")
	m.pages("15")
	// Meanwhile another program takes the number up by five: that stays.
	m.write("pages/nr_hugepages", "20\n", 0o644)
	end(t, second)
	err := lab.Until(limit(t), "the watchdog has put things back", func(context.Context) error {
		if pages, journal := m.read("pages/nr_hugepages"), m.read("run/hugepages"); pages != "15" || journal != "(none)" {
			return fmt.Errorf("nr_hugepages is %s, the journal says %s", pages, journal)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	m.setup(0, "undo")
	m.pages("15")
}

// A kernel that gives fewer than asked for: nothing stays raised.
func TestSetupHugepagesShort(t *testing.T) {
	m := newMachine(t)
	full := filepath.Join(m.dir, "pages/nr_hugepages")
	if err := os.Remove(full); err != nil {
		t.Fatal(err)
	}
	// Takes what is written and reads as nothing, like a number that stays at 0.
	if err := os.Symlink("/dev/null", full); err != nil {
		t.Fatal(err)
	}
	if out := m.setup(1, "hugepages", "6"); !strings.Contains(out, "memory is short or fragmented") {
		t.Errorf("it printed %q", out)
	}
	if got := m.read("run/hugepages"); got != "(none)" {
		t.Errorf("the journal still says %s", got)
	}
}

// When setup.sh itself is killed, its watchdog puts things back and sweeps.
func TestSetupWatchdog(t *testing.T) {
	m := newMachine(t)
	m.write("sweeper", "#!/bin/sh\necho $1 >"+m.dir+"/swept\n", 0o755)
	c := m.command("run", "--sweep", m.dir+"/sweeper", "6", "sh", "-c", "echo ready $$; exec sleep 600")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	child := 0
	for s := bufio.NewScanner(out); s.Scan(); {
		if _, err := fmt.Sscanf(s.Text(), "ready %d", &child); err == nil {
			break
		}
	}
	m.pages("12")
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	err = lab.Until(limit(t), "the watchdog has put things back", func(context.Context) error {
		if pages, swept := m.read("pages/nr_hugepages"), m.read("swept"); pages != "10" || swept != "sweep" {
			return fmt.Errorf("nr_hugepages is %s, swept %s", pages, swept)
		}
		if err := syscall.Kill(child, 0); err == nil {
			return errors.New("the command still runs")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// sleepingUser starts a process and raises hugepages for it.
func sleepingUser(t *testing.T, m *machine, pages string) *exec.Cmd {
	t.Helper()
	c := exec.Command("sleep", "600")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	m.setup(0, "hugepages", pages, fmt.Sprint(c.Process.Pid))
	return c
}

func end(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
}

// apt gives the machine an apt-get and a dpkg-query: installed packages are lines
// of the file "installed", and apt-get notes what it was asked and whether services
// could have started. simulated is what apt-get -s prints.
func (m *machine) apt(simulated, atInstall string) {
	m.write("bin/dpkg-query", `#!/bin/sh
for name; do :; done
grep -qx "$name" "`+m.dir+`/installed" && printf 'install ok installed'
`, 0o755)
	m.write("bin/apt-get", `#!/bin/sh
case " $* " in
*" -s "*) printf '`+simulated+`'; exit 0 ;;
*" install "*) ;;
*) exit 1 ;;
esac
cd "`+m.dir+`"
./policy-rc.d && echo "services would start" >>transcript
while [ "$1" != --no-install-recommends ]; do shift; done
shift
echo "install $*" >>transcript
`+atInstall+`
for name; do echo "$name" >>installed; done
`, 0o755)
	m.write("installed", "iproute2\nopenvswitch-switch\n", 0o644)
	m.path = m.dir + "/bin:" + m.path
}

func TestSetupPackages(t *testing.T) {
	m := newMachine(t)
	m.apt("Inst dpdk-dev (22.11)\n", "")
	m.write("policy-rc.d", "#!/bin/sh\n# the operator's own\n", 0o755)
	out := m.setup(0, "packages")
	want := `setup: packages to be installed: openvswitch-switch-dpdk librte-meta-bus librte-meta-mempool librte-meta-net dpdk-dev
setup: with what they need: 1 packages
setup: installed; no service was started
`
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
	want = "install openvswitch-switch-dpdk librte-meta-bus librte-meta-mempool librte-meta-net dpdk-dev"
	if got := m.read("transcript"); got != want {
		t.Errorf("apt-get was told %q, want %q", got, want)
	}
	if got := m.read("policy-rc.d"); got != "#!/bin/sh\n# the operator's own" {
		t.Errorf("policy-rc.d is now %q, not what it was", got)
	}
	if out := m.setup(0, "packages"); out != "setup: all packages are installed\n" {
		t.Errorf("the second time it printed %q", out)
	}
	if got := m.read("transcript"); got != want {
		t.Errorf("the second time apt-get was told something: %q", got)
	}
	m.write("installed", m.read("installed")+"\nlinux-image-cloud-amd64\n", 0o644) // unless the machine's own kernel serves
	for _, step := range []struct{ words, also string }{
		{"qemu", "qemu-system-x86 busybox-static"}, {"tests", "gcc libc6-dev shellcheck systemd prometheus curl openssl"},
	} {
		want := "packages to be installed: " + step.also + "\n"
		if out := m.setup(0, "packages", step.words); !strings.Contains(out, want) {
			t.Errorf("packages %s printed %q, want %q in it", step.words, out, want)
		}
	}
	m.setup(2, "packages", "everything")
}

func TestSetupPackagesFails(t *testing.T) {
	for name, test := range map[string]struct {
		simulated, atInstall, uid string
		code                      int
		want                      string
	}{
		"not root":       {uid: "1000", code: 2, want: "this needs root, to run: apt-get install"},
		"apt-get fails":  {simulated: "Inst x\n", atInstall: "echo broken >&2; exit 100", uid: "0", code: 100, want: "broken"},
		"would remove":   {simulated: "Remv network-manager [1.42]\n", uid: "0", code: 1, want: "nothing was changed"},
		"would replace":  {simulated: "Inst openvswitch-switch [3.1.0-2] (3.1.7-1)\n", uid: "0", code: 1, want: "nothing was changed"},
		"another policy": {simulated: "Inst x\n", atInstall: "printf '#!/bin/sh\\n' >policy-rc.d; exit 7", uid: "0", code: 7, want: ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.uid = test.uid
			m.apt(test.simulated, test.atInstall)
			if out := m.setup(test.code, "packages"); !strings.Contains(out, test.want) {
				t.Errorf("it printed %q, want %q in it", out, test.want)
			}
			if got := m.read("policy-rc.d"); strings.Contains(got, "sluice") {
				t.Errorf("policy-rc.d was left behind: %q", got)
			}
		})
	}
}

// A power cut in the middle of an installation: the next run puts policy-rc.d back.
func TestSetupPolicyAfterPowerCut(t *testing.T) {
	m := newMachine(t)
	// $PPID is setup.sh.
	m.apt("Inst x\n", "kill -9 $PPID; exit 1")
	m.write("policy-rc.d", "#!/bin/sh\n# the operator's own\n", 0o755)
	if out, err := m.command("packages").CombinedOutput(); err == nil {
		t.Fatalf("setup.sh was not killed: %s", out)
	}
	if got := m.read("policy-rc.d"); !strings.Contains(got, "sluice") {
		t.Fatalf("policy-rc.d is %q: the test proves nothing", got)
	}
	m.setup(0, "undo")
	if got := m.read("policy-rc.d"); got != "#!/bin/sh\n# the operator's own" {
		t.Errorf("policy-rc.d is now %q, not what it was", got)
	}
}

func TestSetupIsShellcheckClean(t *testing.T) {
	if out, err := exec.Command(lab.Tool(t, "shellcheck", "shellcheck"), "setup/setup.sh").CombinedOutput(); err != nil {
		t.Errorf("%s", out)
	}
}

// A signal to setup.sh reaches the command, whose exit code is the script's.
func TestSetupRunPassesSignalsOn(t *testing.T) {
	m := newMachine(t)
	c := m.command("run", "6", "sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for s := bufio.NewScanner(out); s.Scan() && s.Text() != "ready"; {
	}
	m.pages("12")
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	if code := c.ProcessState.ExitCode(); code != 5 {
		t.Errorf("exit code %d, want the command's 5", code)
	}
	m.pages("10")
}
