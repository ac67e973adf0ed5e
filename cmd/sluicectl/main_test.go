package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/golden"
)

// call is one call of the tool.
type call struct {
	args     []string
	stdin    string
	terminal bool // people sit at stdin and stdout
	env      map[string]string
	root     string // of a member of the store
	tool     runner
}

// console is what a call printed and ended with.
type console struct {
	code           int
	stdout, stderr string
}

// String is the console as goldens hold it.
func (c console) String() string {
	var b strings.Builder
	b.WriteString(c.stdout)
	if c.stderr != "" {
		b.WriteString("--- standard error\n" + c.stderr)
	}
	b.WriteString("--- exit ")
	b.WriteByte(byte('0' + c.code))
	b.WriteByte('\n')
	return b.String()
}

// at calls the tool with a daemon behind socket.
func (c call) at(t *testing.T, socket string) console {
	t.Helper()
	var out, errs bytes.Buffer
	w := world{
		stdin: strings.NewReader(c.stdin), stdout: &out, stderr: &errs,
		getenv:   func(name string) string { return c.env[name] },
		now:      func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) },
		terminal: func(any) bool { return c.terminal },
		root:     c.root, tool: c.tool,
	}
	code := run(t.Context(), append([]string{"--socket", socket}, c.args...), w)
	scrub := strings.NewReplacer(socket, "SOCKET", filepath.Dir(socket), "DIR")
	return console{code, scrub.Replace(out.String()), scrub.Replace(errs.String())}
}

// serve starts a daemon that answers with f, until the test ends.
func serve(t *testing.T, f *fake) (socket string) {
	t.Helper()
	socket = filepath.Join(shortDir(t), "api.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- api.Serve(ctx, l, api.NewServer(f, nil), nil) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return socket
}

// shortDir is a directory whose path leaves room in a socket's 107 bytes.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ctl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// Every verb against a daemon: what it prints, asks and ends with.
func TestVerbs(t *testing.T) {
	profile := filepath.Join(shortDir(t), "host.yaml")
	if err := os.WriteFile(profile, []byte("name: nfv-01\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		call  call
		alter func(*fake)
		asked []string
	}{
		"host-status":       {call: call{args: []string{"host", "status"}}, asked: []string{"status"}},
		"host-status-guard": {call: call{args: []string{"host", "status"}}, alter: guarded, asked: []string{"status"}},
		"host-status-old":   {call: call{args: []string{"host", "status"}}, alter: ofAnOldDaemon, asked: []string{"status"}},
		"host-status-apply": {call: call{args: []string{"host", "status"}}, alter: applying, asked: []string{"status"}},
		"host-status-hung":  {call: call{args: []string{"host", "status"}}, alter: hung, asked: []string{"status"}},
		"host-status-ended": {call: call{args: []string{"host", "status"}}, alter: ended, asked: []string{"status"}},
		"host-status-bare":  {call: call{args: []string{"host", "status"}}, alter: bare, asked: []string{"status"}},
		"host-status-found": {call: call{args: []string{"host", "status"}}, alter: warned, asked: []string{"status"}},
		"host-plan":         {call: call{args: []string{"host", "plan"}}, asked: []string{"plan {}"}},
		"host-plan-file":    {call: call{args: []string{"host", "plan", "-f", "-"}, stdin: "name: a\n"}, asked: []string{`plan {"profile":"name: a\n","name":"-"}`}},
		"host-plan-json":    {call: call{args: []string{"host", "plan", "-o", "json"}}, asked: []string{"plan {}"}},
		"host-plan-yaml":    {call: call{args: []string{"host", "plan", "--output=yaml"}}, asked: []string{"plan {}"}},
		"host-plan-color":   {call: call{args: []string{"host", "plan"}, terminal: true}, asked: []string{"plan {}"}},
		"host-plan-none":    {call: call{args: []string{"host", "plan"}}, alter: converged, asked: []string{"plan {}"}},
		"host-plan-refused": {call: call{args: []string{"host", "plan"}}, alter: refused, asked: []string{"plan {}"}},
		"host-check":        {call: call{args: []string{"host", "check"}}, asked: []string{"plan {}"}},
		"host-check-error":  {call: call{args: []string{"host", "check"}}, alter: refused, asked: []string{"plan {}"}},
		"host-check-clean":  {call: call{args: []string{"host", "check"}}, alter: converged, asked: []string{"plan {}"}},
		"host-facts":        {call: call{args: []string{"host", "facts"}}, asked: []string{"facts"}},

		"host-apply-yes": {
			call:  call{args: []string{"host", "apply", "--yes", "--atomic", "-f", profile}},
			asked: []string{`plan {"profile":"name: nfv-01\n","name":"PROFILE"}`, `apply {"profile":"name: nfv-01\n","name":"PROFILE","atomic":true}`},
		},
		"host-apply-asked":       {call: call{args: []string{"host", "apply"}, stdin: "y\n", terminal: true, env: map[string]string{"NO_COLOR": "1"}}, asked: []string{"plan {}", "apply {}"}},
		"host-apply-declined":    {call: call{args: []string{"host", "apply"}, stdin: "\n", terminal: true, env: map[string]string{"NO_COLOR": "1"}}, asked: []string{"plan {}"}},
		"host-apply-no-terminal": {call: call{args: []string{"host", "apply"}}, asked: []string{"plan {}"}},
		"host-apply-live-only":   {call: call{args: []string{"host", "apply"}}, alter: liveOnly, asked: []string{"plan {}", "apply {}"}},
		"host-apply-plan-refused": {
			call: call{args: []string{"host", "apply", "--yes"}}, alter: refused, asked: []string{"plan {}"},
		},
		"host-apply-ovs-refused": {
			call: call{args: []string{"host", "apply", "--yes"}}, alter: ovsRefused, asked: []string{"plan {}", "apply {}"},
		},
		"host-apply-json": {call: call{args: []string{"host", "apply", "--yes", "-o", "json"}}, alter: liveOnly, asked: []string{"plan {}", "apply {}"}},

		"host-adopt":            {call: call{args: []string{"host", "adopt"}}, asked: []string{"adopt {}"}},
		"host-adopt-dry":        {call: call{args: []string{"host", "adopt", "--dry-run"}}, asked: []string{`adopt {"dryRun":true}`}},
		"host-release-dry":      {call: call{args: []string{"host", "release", "--dry-run"}}, asked: []string{`release {"dryRun":true}`}},
		"host-release-yes":      {call: call{args: []string{"host", "release", "--yes"}}, asked: []string{"release {}"}},
		"host-release-no-one":   {call: call{args: []string{"host", "release"}}, asked: []string{`release {"dryRun":true}`}},
		"host-release-asked":    {call: call{args: []string{"host", "release"}, stdin: "yes\n", terminal: true, env: map[string]string{"NO_COLOR": "1"}}, asked: []string{`release {"dryRun":true}`, "release {}"}},
		"port-list":             {call: call{args: []string{"port", "list"}}, asked: []string{"ports"}},
		"port-list-hung":        {call: call{args: []string{"port", "list"}}, alter: hung, asked: []string{"ports"}},
		"port-show-hung":        {call: call{args: []string{"port", "show", "dpdk0"}}, alter: hung, asked: []string{"port dpdk0"}},
		"port-list-yaml":        {call: call{args: []string{"port", "list", "-o", "yaml"}}, asked: []string{"ports"}},
		"port-show":             {call: call{args: []string{"port", "show", "dpdk0"}}, asked: []string{"port dpdk0"}},
		"port-explain-healthy":  {call: call{args: []string{"port", "explain", "vm1-eth0"}}, asked: []string{"port vm1-eth0"}},
		"port-explain-drops":    {call: call{args: []string{"port", "explain", "dpdk0"}}, asked: []string{"port dpdk0"}},
		"port-explain-no-guest": {call: call{args: []string{"port", "explain", "vm2-eth0"}}, asked: []string{"port vm2-eth0"}},
		"port-unknown":          {call: call{args: []string{"port", "show", "vm1-eht0"}}, asked: []string{"port vm1-eht0", "ports"}},
		"port-unknown-far":      {call: call{args: []string{"port", "explain", "q"}}, asked: []string{"port q", "ports"}},
		"host-status-watch":     {call: call{args: []string{"host", "status", "--watch", "--count", "1"}}, asked: []string{"status"}},
		"standalone":            {call: call{args: []string{"host", "facts", "--standalone"}}, asked: []string{"version"}},
		"flows-show":            {call: call{args: []string{"flows", "show"}}, asked: []string{"flows {}"}},
		"flows-show-sound":      {call: call{args: []string{"flows", "show", "--object", "vm1", "--table", "l2"}}, alter: sound, asked: []string{`flows {"object":"vm1","table":"l2"}`}},
		"flows-show-json":       {call: call{args: []string{"flows", "show", "-o", "json"}}, asked: []string{"flows {}"}},
		"flows-show-yaml":       {call: call{args: []string{"flows", "show", "-o", "yaml"}}, asked: []string{"flows {}"}},
		"flows-show-bare":       {call: call{args: []string{"flows", "show"}}, alter: bare, asked: []string{"flows {}"}},
		"flows-show-none":       {call: call{args: []string{"flows", "show"}}, alter: empty, asked: []string{"flows {}"}},
		"flows-show-none-json":  {call: call{args: []string{"flows", "show", "-o", "json"}}, alter: empty, asked: []string{"flows {}"}},
		"flows-explain":         {call: call{args: []string{"flows", "explain", "0x38e2a1c7f90d2441"}}, asked: []string{"cookie 0x38e2a1c7f90d2441"}},
		"flows-explain-foreign": {call: call{args: []string{"flows", "explain", "0x9aaa"}}, asked: []string{"cookie 0x9aaa"}},
		"tunnel-show":           {call: call{args: []string{"tunnel", "show"}}, asked: []string{"tunnels"}},
		"tunnel-show-sound":     {call: call{args: []string{"tunnel", "show", "-o", "yaml"}}, alter: reachesAll, asked: []string{"tunnels"}},
		"tunnel-explain":        {call: call{args: []string{"tunnel", "explain", "edge1"}}, asked: []string{"tunnel edge1"}},
		"tunnel-explain-sound":  {call: call{args: []string{"tunnel", "explain", "nfv-02"}}, asked: []string{"tunnel nfv-02"}},
		"tunnel-explain-part":   {call: call{args: []string{"tunnel", "explain", "nfv-03"}}, asked: []string{"tunnel nfv-03"}},
		"tunnel-unknown":        {call: call{args: []string{"tunnel", "explain", "nfv-9"}}, asked: []string{"tunnel nfv-9"}},
		"talkers":               {call: call{args: []string{"talkers", "--window", "5m", "--limit", "3"}}, asked: []string{"talkers 5m0s 3 "}},
		"talkers-port":          {call: call{args: []string{"talkers", "--port", "vm-1", "-o", "yaml"}}, asked: []string{"talkers 1m0s 20 vm-1"}},
		"talkers-off":           {call: call{args: []string{"talkers"}}, alter: silent, asked: []string{"talkers 1m0s 20 "}},
		"complete-peer":         {call: call{args: []string{"__complete", "tunnel", "explain", "nfv"}}, asked: []string{"tunnels"}},
		"trace":                 {call: call{args: []string{"trace", "vm1", "--to", "10.2.0.11", "--proto", "tcp", "--dport", "80", "--ttl", "1"}}, asked: []string{`trace {"port":"vm1","to":"10.2.0.11","proto":"tcp","dstPort":80,"ttl":1}`}},
		"trace-json":            {call: call{args: []string{"trace", "vm1", "--to", "fd00::1", "-o", "json"}}, asked: []string{`trace {"port":"vm1","to":"fd00::1","proto":"udp"}`}},
		"complete-port":         {call: call{args: []string{"__complete", "port", "show", "vm"}}, asked: []string{"ports"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := nfvHost()
			if tt.alter != nil {
				tt.alter(f)
			}
			got := tt.call.at(t, serve(t, f)).String()
			golden.Check(t, "testdata/"+name+".txt", strings.ReplaceAll(got, profile, "PROFILE"))
			var asked []string
			for _, c := range f.calls {
				asked = append(asked, strings.ReplaceAll(c, profile, "PROFILE"))
			}
			if diff := cmp.Diff(tt.asked, asked); diff != "" {
				t.Errorf("asked the daemon (-want +got):\n%s", diff)
			}
		})
	}
}

func converged(f *fake) { f.plan = api.Plan{Host: "nfv-01", OVS: "3.1.0", Converged: true} }

func liveOnly(f *fake) { f.plan.Steps[0].Changes = f.plan.Steps[0].Changes[:1] }

func refused(f *fake) {
	f.plan.Refused, f.plan.Steps = true, nil
	f.plan.Findings[0].Severity = api.SeverityError
}

func ovsRefused(f *fake) {
	f.result.Refused = []string{"Interface vm3-eth0: could not open network device vm3-eth0 (Address already in use)\x1b[2J"}
	f.result.RolledBack = []string{"Open_vSwitch . other_config:pmd-cpu-mask=0x2: PMD threads were re-created twice"}
	f.result.Pending = f.plan.Steps[0].Changes[1:]
	f.result.Profile = "/etc/sluice/host.yaml"
}

// What new users get wrong, and what the world does to them.
func TestMistakes(t *testing.T) {
	t.Setenv("PATH", "") // of sluice-perf
	dir := shortDir(t)
	for name, text := range map[string]string{"empty.yaml": "", "big.yaml": strings.Repeat("#", 10<<20), "host.yaml": "name: a\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, args := range map[string][]string{
		"none":            {},
		"noun-alone":      {"host"},
		"noun-forgotten":  {"plan"},
		"verb-misspelt":   {"host", "stauts"},
		"verb-elsewhere":  {"host", "explain"},
		"noun-misspelt":   {"prot", "list"},
		"unknown":         {"frobnicate"},
		"flag-misspelt":   {"host", "plan", "--fiel", "a"},
		"flag-unknown":    {"host", "status", "-q"},
		"flag-no-value":   {"host", "plan", "-f"},
		"output-unknown":  {"host", "status", "-o", "xml"},
		"timeout-wrong":   {"host", "status", "--timeout", "5"},
		"port-no-name":    {"port", "show"},
		"port-two-names":  {"port", "show", "a", "b"},
		"argument":        {"host", "plan", "host.yaml"},
		"file-absent":     {"host", "plan", "-f", dir + "/absent.yaml"},
		"file-directory":  {"host", "apply", "-f", dir},
		"file-empty":      {"host", "plan", "-f", dir + "/empty.yaml"},
		"file-big":        {"host", "plan", "-f", dir + "/big.yaml"},
		"ovs-version":     {"host", "plan", "--ovs-version", "3.1.0"},
		"facts-alone":     {"host", "plan", "--facts", dir + "/host.yaml"},
		"facts-no-facts":  {"host", "plan", "-f", dir + "/host.yaml", "--facts", dir + "/host.yaml"},
		"store-no-files":  {"--store", "ssl:127.0.0.1:1", "--ca", dir + "/ca.pem", "--cert", dir + "/cert.pem", "--key", dir + "/key.pem", "ls", "list"},
		"shell-unknown":   {"completion", "tcsh"},
		"completion-bare": {"completion"},
		"perf-absent":     {"perf", "list"},
		"trace-live":      {"trace", "vm1", "--to", "10.2.0.11", "--live"},
		"trace-nowhere":   {"trace", "vm1"},
		"trace-no-ip":     {"trace", "vm1", "--to", "vm2"},
		"trace-icmp-port": {"trace", "vm1", "--to", "10.2.0.11", "--proto", "icmp", "--dport", "8"},
	} {
		t.Run(name, func(t *testing.T) {
			f := nfvHost()
			got := call{args: args}.at(t, serve(t, f)).String()
			golden.Check(t, "testdata/mistake-"+name+".txt", strings.ReplaceAll(got, dir, "FILES"))
			if len(f.calls) > 0 {
				t.Errorf("the daemon was asked %v", f.calls)
			}
		})
	}
}

func TestDaemonErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		err  error
		code int
	}{
		"failed":      {[]string{"host", "status"}, errors.New("transact: connection reset"), 1},
		"usage":       {[]string{"host", "plan"}, api.Usage("host.yaml:3: unknown key \"brigdes\", did you mean \"bridges\"?"), 2},
		"not-found":   {[]string{"host", "plan"}, api.NotFound("no valid profile is in force").WithFix("write /etc/sluice/host.yaml"), 3},
		"conflict":    {[]string{"host", "adopt"}, api.Conflict("another daemon owns br-int"), 4},
		"unavailable": {[]string{"host", "facts"}, api.Unavailable("the Open_vSwitch database is not reachable"), 1},
		"details": {
			[]string{"host", "release", "--yes"},
			api.Conflict("refused").WithDetails([]api.Finding{{Severity: api.SeverityError, Code: "memory", Line: 4, What: "512 MiB are missing", Fix: "set mtu to 1500"}}), 4,
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := nfvHost()
			f.err = tt.err
			got := call{args: tt.args}.at(t, serve(t, f))
			if got.code != tt.code {
				t.Errorf("exit %d, want %d", got.code, tt.code)
			}
			golden.Check(t, "testdata/error-"+name+".txt", got.String())
		})
	}
}

func TestNoDaemon(t *testing.T) {
	socket := filepath.Join(shortDir(t), "api.sock")
	golden.Check(t, "testdata/no-daemon.txt", call{args: []string{"host", "status"}}.at(t, socket).String())
	golden.Check(t, "testdata/no-daemon-complete.txt", call{args: []string{"__complete", "port", "show", ""}}.at(t, socket).String())
	if err := os.WriteFile(socket, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "testdata/no-socket.txt", call{args: []string{"host", "status"}}.at(t, socket).String())
	if err := os.Remove(socket); err != nil {
		t.Fatal(err)
	}
	got := call{args: []string{"version"}}.at(t, socket)
	if got.code != 0 || !strings.HasPrefix(got.stdout, "sluicectl ") || !strings.Contains(got.stdout, "not reached: sluiced is not running") {
		t.Errorf("version: %s", got)
	}
}

// socketVariable names the socket to a process of this binary that runs
// TestNoPermission for root, whom no mode keeps out.
const socketVariable = "SLUICE_TEST_SOCKET"

func TestNoPermission(t *testing.T) {
	socket := os.Getenv(socketVariable)
	if socket == "" {
		socket = serve(t, nfvHost())
		for name, mode := range map[string]os.FileMode{socket: 0, filepath.Dir(socket): 0o755} {
			if err := os.Chmod(name, mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	if os.Geteuid() == 0 {
		asNobody(t, socketVariable+"="+socket)
		return
	}
	got := call{args: []string{"host", "status"}}.at(t, socket)
	if got.code != exitFailed || !strings.HasPrefix(got.stderr, "sluicectl: no permission to open SOCKET\n  -> run as root, or ") {
		t.Errorf("%s", got)
	}
}

// asNobody runs the test again in a process of user nobody's. It starts from
// /proc/self/exe because nobody may not look into the directory of test binaries.
func asNobody(t *testing.T, variable string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.v", "-test.run=^"+t.Name()+"$")
	c.Dir, c.Env = "/", append(os.Environ(), variable)
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}, Pdeathsig: syscall.SIGKILL}
	if out, err := c.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
}

func TestPermissionNamesTheGroup(t *testing.T) {
	socket := serve(t, nfvHost())
	if err := os.Chmod(socket, 0o660); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	a := &app{world: world{stderr: &errs, stdout: io.Discard, getenv: func(string) string { return "" }}, socket: socket}
	code := a.exit(&api.Error{Code: api.CodePermission, Message: "no permission to open it", Fix: "join its group"})
	info, err := os.Stat(socket)
	if err != nil {
		t.Fatal(err)
	}
	want := "sluicectl: no permission to open it\n  -> " + letIn(groupOf(info)) + "\n"
	if code != exitFailed || errs.String() != want {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}

func TestLetIn(t *testing.T) {
	for group, want := range map[string]string{
		"root":   "run as root, or set api.group in /etc/sluice/sluiced.yaml to a group of yours and restart sluiced",
		"sluice": "run as root, or join the group sluice (usermod -aG sluice USER, then log in anew)",
	} {
		if got := letIn(group); got != want {
			t.Errorf("%s: %s", group, got)
		}
	}
}

func TestTimeout(t *testing.T) {
	f := nfvHost()
	f.block = true
	golden.Check(t, "testdata/timeout.txt", call{args: []string{"host", "status", "--timeout", "50ms"}}.at(t, serve(t, f)).String())
}

func TestSocketFromEnvironment(t *testing.T) {
	socket := serve(t, nfvHost())
	var out bytes.Buffer
	w := world{
		stdin: strings.NewReader(""), stdout: &out, stderr: &out, now: time.Now, terminal: func(any) bool { return false },
		getenv: func(name string) string { return map[string]string{socketVar: socket}[name] },
	}
	if code := run(t.Context(), []string{"host", "facts"}, w); code != 0 {
		t.Errorf("exit %d: %s", code, &out)
	}
}

// Who knows other tools asks for the version by a flag.
func TestVersionFlag(t *testing.T) {
	got := call{args: []string{"--version"}}.at(t, "nowhere/api.sock").String()
	if diff := cmp.Diff("sluicectl "+line(tool())+"\n--- exit 0\n", got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		got := call{args: []string{"completion", shell}}.at(t, "nowhere/api.sock")
		if got.code != 0 || !strings.Contains(got.stdout, "sluicectl") || !strings.Contains(got.stdout, shell+" completion") {
			t.Errorf("%s: exit %d, %.80s", shell, got.code, got.stdout)
		}
	}
}

func TestAdoptWritesANewFileOnly(t *testing.T) {
	dir := shortDir(t)
	file := filepath.Join(dir, "host.yaml")
	f := nfvHost()
	socket := serve(t, f)
	if got := (call{args: []string{"host", "adopt", "--write", file}}).at(t, socket); got.code != 0 || got.stdout != "" {
		t.Errorf("first: %s", got)
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(text), "apiVersion: sluice/v1\n") {
		t.Errorf("file: %q %v", text, err)
	}
	f.calls = nil
	if got := (call{args: []string{"host", "adopt", "--write", file}}).at(t, socket); got.code != exitConflict || !strings.Contains(got.stderr, "is there already") {
		t.Errorf("second: %s", got)
	}
	if got := (call{args: []string{"host", "adopt", "--write", dir + "/no/host.yaml"}}).at(t, socket); got.code != exitUsage {
		t.Errorf("no directory: %s", got)
	}
	if len(f.calls) > 0 {
		t.Errorf("the daemon was asked %v", f.calls)
	}
	f.err = api.Conflict("no")
	other := filepath.Join(dir, "other.yaml")
	if got := (call{args: []string{"host", "adopt", "--write", other}}).at(t, socket); got.code != exitConflict {
		t.Errorf("refused: %s", got)
	}
	if _, err := os.Stat(other); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was left: %v", err)
	}
}

func TestReferenceAndSchema(t *testing.T) {
	for verb, want := range map[string][]byte{"reference": configs.Reference(), "schema": configs.Schema()} {
		if got := (call{args: []string{"host", verb}}).at(t, "nowhere/api.sock"); got.code != 0 || got.stdout != string(want) {
			t.Errorf("%s: exit %d, %d bytes", verb, got.code, len(got.stdout))
		}
	}
}

func TestMain(m *testing.M) {
	if os.Getenv("SLUICECTL_UNDER_TEST") != "" {
		main()
	}
	os.Exit(m.Run())
}

// The process becomes sluice-perf: arguments and exit code are its own.
func TestPerfBecomesTheProgram(t *testing.T) {
	dir := shortDir(t)
	script := "#!/bin/sh\necho \"$0 $*\"\nexit 7\n"
	if err := os.WriteFile(filepath.Join(dir, perfProgram), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "perf", "run", "apply", "--count", "3")
	cmd.Env = append(os.Environ(), "SLUICECTL_UNDER_TEST=1", "PATH="+dir+":"+os.Getenv("PATH"))
	out, err := cmd.Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 7 || string(out) != dir+"/sluice-perf run apply --count 3\n" {
		t.Errorf("%q %v", out, err)
	}
}
