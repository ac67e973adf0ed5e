package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// machine is one of a fleet's, with a root directory of its own and a service
// manager that runs what the shipped unit says.
type machine struct {
	*lab.Host
	root   string
	server *lab.Cmd
	ran    []string // every program, with its arguments
}

// fleetOf is several machines, and the loopback addresses of their members.
func fleetOf(t *testing.T, n int) (all []*machine, addresses []string) {
	t.Helper()
	h := lab.New(t, lab.Options{Dummy: true, DBOnly: true, Unconfigured: true})
	for i := range n {
		m := &machine{Host: h, root: h.Path(fmt.Sprint(i))}
		if err := os.MkdirAll(m.root, 0o755); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
		addresses = append(addresses, "tcp:127.0.0.1:"+freePort(t))
	}
	slices.Sort(addresses) // as they are shown
	return all, addresses
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// tool is ovsdb-tool itself, and a service manager.
func (m *machine) tool(ctx context.Context, program string, args ...string) error {
	line := strings.Join(append([]string{program}, args...), " ")
	m.ran = append(m.ran, strings.ReplaceAll(line, m.root, ""))
	switch line {
	case "systemctl enable --now " + memberUnit:
		return m.start()
	case "systemctl disable --now " + memberUnit:
		if m.server == nil {
			return nil
		}
		if err := m.server.Process.Signal(syscall.SIGTERM); err != nil {
			return err
		}
		_ = m.server.Wait() // by the signal
		return nil
	}
	out, err := m.Command(ctx, program, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", line, err, out)
	}
	return nil
}

// start runs the member's unit with the file that the tool wrote for it.
func (m *machine) start() error {
	env, err := os.ReadFile(filepath.Join(m.root, memberEnv))
	if err != nil {
		return err
	}
	m.server, err = m.startUnit(memberUnit, "", string(env))
	return err
}

// startUnit runs the ExecStart of a shipped unit, as systemd would.
func (m *machine) startUnit(unit, instance, env string) (*lab.Cmd, error) {
	text, err := os.ReadFile("../../configs/systemd/" + unit)
	if err != nil {
		return nil, err
	}
	_, line, ok := strings.Cut(strings.ReplaceAll(string(text), "\\\n", " "), "ExecStart=")
	if !ok {
		return nil, errors.New("no ExecStart")
	}
	line, _, _ = strings.Cut(line, "\n")
	line = strings.ReplaceAll(line, "%i", instance)
	for pair := range strings.Lines(env) {
		if name, value, ok := strings.Cut(strings.TrimSpace(pair), "="); ok {
			line = strings.NewReplacer("${"+name+"}", value, "$"+name, value).Replace(line)
		}
	}
	for _, dir := range []string{"/run/sluice-store", "/run/sluice-store-relay-" + instance, "/var/lib/sluice-store"} {
		if err := os.MkdirAll(m.root+dir, 0o750); err != nil {
			return nil, err
		}
	}
	line = strings.NewReplacer("/run/sluice-store", m.root+"/run/sluice-store", "/var/lib/sluice-store", m.root+"/var/lib/sluice-store").Replace(line)
	args := strings.Fields(line)
	c := m.Command(context.Background(), args[0], append(args[1:], "-vconsole:off")...)
	return c, c.Start()
}

// run calls the tool on this machine, as words of a shell.
func (m *machine) run(t *testing.T, line string) (text string, code int) {
	t.Helper()
	got := call{args: strings.Fields(line), root: m.root, tool: m.tool}.at(t, "/nowhere/api.sock")
	return strings.ReplaceAll(got.stdout+got.stderr, m.root, ""), got.code
}

func (m *machine) must(t *testing.T, line string) string {
	t.Helper()
	text, code := m.run(t, line)
	if code != 0 {
		t.Fatalf("%s: exit %d\n%s", line, code, text)
	}
	return text
}

// files are all below the machine's root, to see that nothing was changed.
func (m *machine) files(t *testing.T) string {
	t.Helper()
	var all []string
	err := filepath.Walk(m.root, func(path string, _ os.FileInfo, err error) error {
		all = append(all, strings.TrimPrefix(path, m.root))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, "\n")
}

// until repeats a command until it says what is waited for.
func (m *machine) until(t *testing.T, line, want string) {
	t.Helper()
	m.repeat(t, line, func(text string, _ int) bool { return strings.Contains(text, want) })
}

// repeat runs a command until what it says is as asked.
func (m *machine) repeat(t *testing.T, line string, ok func(text string, code int) bool) (text string, code int) {
	t.Helper()
	limit := time.After(30 * time.Second)
	for {
		if text, code = m.run(t, line); ok(text, code) {
			return text, code
		}
		select {
		case <-limit:
			t.Fatalf("%s never was as asked, but exit %d\n%s", line, code, text)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// TestFleet makes a cluster of three, reads its status, loses a member, replaces it.
func TestFleet(t *testing.T) {
	m, at := fleetOf(t, 4)
	port := freePort(t)
	first := "store init --port " + port + " --address " + at[0]
	dry := m[0].must(t, first+" --dry-run")
	if files := m[0].files(t); files != "" {
		t.Fatalf("a dry run left %s", files)
	}
	if len(m[0].ran) > 0 {
		t.Fatalf("a dry run ran %v", m[0].ran)
	}
	done := m[0].must(t, first)
	if want := strings.TrimSuffix(dry, "nothing was changed\n"); done != want {
		t.Errorf("said it would do\n%sand did\n%s", want, done)
	}
	if text, code := m[0].run(t, first); code != exitConflict || !strings.Contains(text, "this machine is a member") {
		t.Errorf("a second time: exit %d\n%s", code, text)
	}
	m[0].must(t, "ls add web")
	if text := m[0].must(t, "store status"); !strings.Contains(text, "one member: when it is lost") {
		t.Error(text)
	}
	for i := 1; i < 3; i++ {
		m[i].must(t, "store join --address "+at[i]+" --from "+at[0])
	}
	m[0].until(t, "store status", at[2])
	if text := m[2].must(t, "store status"); !strings.Contains(text, "election timer 5s") {
		t.Errorf("the third has another election timer:\n%s", text)
	}
	if text := m[2].must(t, "ls show"); !strings.Contains(text, "web") {
		t.Errorf("the third has not got the data:\n%s", text)
	}
	text := m[0].must(t, "store status")
	if strings.Contains(text, "warning") {
		t.Errorf("three members that are well:\n%s", text)
	}
	// One is lost for good.
	if err := m[1].server.Kill(); err != nil {
		t.Fatal(err)
	}
	if text, code := m[0].run(t, "store leave --yes tcp:192.0.2.1:1"); code != exitNotFound || !strings.Contains(text, at[1]) {
		t.Errorf("exit %d\n%s", code, text)
	}
	// Nobody who is up may go while it is not taken out: one of two would be no majority.
	for _, i := range []int{0, 2} {
		if text, code := m[i].run(t, "store leave --yes"); code != exitConflict || !strings.Contains(text, "only 1 are up") {
			t.Errorf("member %d leaves two of which one is up: exit %d\n%s", i, code, text)
		}
	}
	if text, code := m[2].run(t, "store leave --yes "+at[0]); code != exitConflict || !strings.Contains(text, "alive") {
		t.Errorf("a follower takes the leader out: exit %d\n%s", code, text)
	}
	m[0].until(t, "store leave --yes "+at[1], "2 members remain, and both have to be up")
	m[0].must(t, "ls add db")
	m[3].must(t, "store join --address "+at[3]+" --from "+at[1]+","+at[0])
	// A member leaves by itself: the machine may join again afterwards.
	before := m[3].must(t, "store leave --dry-run")
	after := m[3].must(t, "store leave --yes")
	if want := strings.TrimSuffix(before, "nothing was changed\n"); after != want {
		t.Errorf("said it would do\n%sand did\n%s", want, after)
	}
	if files := m[3].files(t); !strings.Contains(files, "sluice.db.left-20260301-120000") || strings.Contains(files, "store.env") {
		t.Error(files)
	}
	m[3].must(t, "store join --address "+at[3]+" --from "+at[0])
	// Without a majority the status still tells.
	for _, i := range []int{2, 3} {
		if err := m[i].server.Kill(); err != nil {
			t.Fatal(err)
		}
	}
	m[0].until(t, "store status", "no quorum: 2 of 3 members have to be up")
	if text, code := m[0].run(t, "store leave --yes"); code != exitConflict || !strings.Contains(text, "no majority") {
		t.Errorf("exit %d\n%s", code, text)
	}
}

// pki makes certificates of two authorities: of the fleet's machines, and of operators.
func (m *machine) pki(t *testing.T, more ...string) (machines, operators string) {
	t.Helper()
	calls := [][]string{{"init"}, {"req+sign", "store1", "switch"}, {"req+sign", "h1", "switch"}, {"req+sign", "alice", "controller"}}
	for _, name := range more {
		calls = append(calls, []string{"req+sign", name, "switch"})
	}
	for _, args := range calls {
		c := m.Command(t.Context(), "ovs-pki", append([]string{"--dir=" + m.root + "/pki", "--log=" + m.root + "/pki.log", "-B", "2048", "-u"}, args...)...)
		c.Dir = m.root
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("ovs-pki %v: %v\n%s", args, err, out)
		}
	}
	return m.root + "/pki/switchca/cacert.pem", m.root + "/pki/controllerca/cacert.pem"
}

// as are the flags of one who has a certificate.
func (m *machine) as(name, ca, port string) string {
	return fmt.Sprintf(" --store ssl:127.0.0.1:%s --ca %s --cert %s/%s-cert.pem --key %[3]s/%[4]s-privkey.pem", port, ca, m.root, name)
}

// TestFleetRoles: over TLS a host reads all, and is told whose certificate writes the
// logical network; the operators' comes in through a relay with their own CA.
func TestFleetRoles(t *testing.T) {
	machines, at := fleetOf(t, 1)
	m := machines[0]
	ca, operators := m.pki(t)
	port, door := freePort(t), freePort(t)
	certificate := fmt.Sprintf(" --ca %s --cert %s/store1-cert.pem --key %[2]s/store1-privkey.pem", ca, m.root)
	address := strings.Replace(at[0], "tcp:", "ssl:", 1)
	if text, code := m.run(t, "store init --address "+address+strings.Replace(certificate, ca, operators, 1)); code != exitUsage || !strings.Contains(text, "was not signed by --ca") {
		t.Errorf("another CA: exit %d\n%s", code, text)
	}
	m.must(t, "store init --address "+address+" --port "+port+certificate)
	text, code := m.run(t, "ls add web"+m.as("h1", ca, port))
	want := "sluicectl: ssl:127.0.0.1:" + port + `: this certificate may not change that: RBAC rules for client "h1" role "host" prohibit `
	if code != exitConflict || !strings.HasPrefix(text, want) || !strings.Contains(text, "\n  -> bring an operator's certificate: --ca --cert --key") {
		t.Errorf("a host writes: exit %d\n%s", code, text)
	}
	_, err := m.startUnit("sluice-store-relay@.service", "operators", fmt.Sprintf(`SLUICE_RELAY_FROM=unix:%s
SLUICE_RELAY_LISTEN=pssl:%s:127.0.0.1
SLUICE_RELAY_TLS=--private-key=%s/store1-privkey.pem --certificate=%[3]s/store1-cert.pem --ca-cert=%[4]s
`, memberSocket, door, m.root, operators))
	if err != nil {
		t.Fatal(err)
	}
	m.until(t, "store status"+m.as("alice", ca, door), "relay")
	m.must(t, "ls add web"+m.as("alice", ca, door))
	if text := m.must(t, "ls show"+m.as("h1", ca, port)); !strings.Contains(text, "web") {
		t.Errorf("a host reads\n%s", text)
	}
	if text, code := m.run(t, "ls add db"+m.as("h1", ca, door)); code == 0 {
		t.Errorf("a host comes in by the operators' door\n%s", text)
	}
	if text := m.must(t, "ls show"); !strings.Contains(text, "web") || strings.Contains(text, "db") {
		t.Errorf("root on the member reads\n%s", text)
	}
}

// TestFleetRefused: what makes no sense changes nothing, and what fails is taken back.
func TestFleetRefused(t *testing.T) {
	m, at := fleetOf(t, 1)
	for line, want := range map[string]string{
		"store init":                                                             "--local",
		"store init --local --address x":                                         "--local",
		"store init --address 10.0.0.1":                                          "write ssl:HOST:PORT",
		"store init --address tcp:0.0.0.0:6644":                                  "name the address at which",
		"store init --address tcp::6644":                                         "write ssl:HOST:PORT",
		"store init --address ssl:10.0.0.1:6644":                                 "needs --ca",
		"store init --address ssl:10.0.0.1:6644 --ca a --cert b --key c":         "--cert, --key:",
		"store init --address tcp:10.0.0.1:6644 --ca a":                          "certificates are for ssl:",
		"store join --address tcp:10.0.0.1:6644":                                 "--from",
		"store join --address tcp:10.0.0.1:6644 --from ssl:10.0.0.2:6644":        "either ssl: or tcp:",
		"store join --address tcp:10.0.0.1:6644 --from tcp:10.0.0.1:6644":        "this member itself",
		"store join --address " + at[0] + " --from tcp:127.0.0.1:" + freePort(t): "no member to join answers",
		"store leave": "does not answer",
	} {
		text, code := m[0].run(t, line)
		if code == 0 || !strings.Contains(text, want) {
			t.Errorf("%s: exit %d, want %q in\n%s", line, code, want, text)
		}
	}
	if files := m[0].files(t); files != "" || len(m[0].ran) > 0 {
		t.Errorf("left %q, ran %v", files, m[0].ran)
	}
	// The service manager does not know the unit.
	tool := m[0].tool
	c := call{args: strings.Fields("store init --address " + at[0]), root: m[0].root, tool: func(ctx context.Context, program string, args ...string) error {
		if program == "systemctl" && args[0] == "enable" {
			return errors.New("unit file sluice-store.service does not exist")
		}
		return tool(ctx, program, args...)
	}}
	got := c.at(t, "/nowhere/api.sock")
	if got.code != exitFailed || !strings.Contains(got.stderr, "sluice-store.service does not exist") {
		t.Error(got)
	}
	for _, file := range []string{memberEnv, memberDB, memberSchema} {
		if strings.Contains(m[0].files(t), file) {
			t.Errorf("%s was left behind", file)
		}
	}
}
