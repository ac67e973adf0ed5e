package main

import (
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/lab"
)

// block is one fenced block of a page.
type block struct{ kind, text string }

// blocksOf returns the blocks of one section.
func blocksOf(t *testing.T, page, heading string) []block {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(data), "\n"+heading+"\n")
	if !found {
		t.Fatalf("%s has no section %q", page, heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var all []block
	for _, m := range regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$").FindAllStringSubmatch(section, -1) {
		all = append(all, block{m[1], m[2]})
	}
	return all
}

// tlsPage runs docs/monitoring.md: what its text says that the operator does
// between the commands.
type tlsPage struct {
	t       *testing.T
	dir     string
	address string // where the daemon really listens
	here    *strings.Replacer
	daemons int
}

// TestTLSPage follows docs/monitoring.md to metrics by TLS, command by command: the
// certificates are good, the settings are taken, curl gets its answer, and without a
// certificate of its own it gets none.
func TestTLSPage(t *testing.T) {
	for _, tool := range []string{"openssl", "curl", "promtool"} {
		if _, err := exec.LookPath(tool); err != nil {
			lab.Require(t, tool)
		}
	}
	free, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &tlsPage{t: t, dir: t.TempDir(), address: free.Addr().String()}
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"etc/sluice", "etc/prometheus", "ovs"} {
		if err := os.MkdirAll(filepath.Join(p.dir, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p.here = strings.NewReplacer("/etc/", p.dir+"/etc/", "0.0.0.0:9467", p.address, "-o prometheus -g prometheus ", "",
		"https://nfv-01:9467", "--silent --show-error --connect-to nfv-01:9467:"+p.address+" https://nfv-01:9467")
	for _, b := range blocksOf(t, "../../docs/monitoring.md", "## TLS") {
		p.follow(b)
	}
	if p.daemons != 1 {
		t.Errorf("the page starts %d daemons", p.daemons)
	}
}

// follow does what a block says.
func (p *tlsPage) follow(b block) {
	p.t.Helper()
	text := p.here.Replace(b.text)
	switch {
	case b.kind == "yaml" && strings.HasPrefix(b.text, "metrics:"):
		p.write("etc/sluice/sluiced.yaml", text)
	case b.kind == "yaml":
		p.write("etc/prometheus/prometheus.yml", text)
	case b.kind != "sh":
		p.t.Errorf("a block of %s", b.kind)
	default:
		for line := range strings.Lines(text) {
			p.command(strings.TrimSpace(line))
		}
	}
}

func (p *tlsPage) write(file, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, file), []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p *tlsPage) command(line string) {
	p.t.Helper()
	switch {
	case line == "systemctl restart sluiced":
		p.serve()
		return
	case strings.HasPrefix(line, "systemctl "):
		return
	}
	out, err := p.sh(line)
	if err != nil {
		p.t.Fatalf("%s: %v\n%s", line, err, out)
	}
	if !strings.HasPrefix(line, "curl ") {
		return
	}
	if out != "healthy\n" {
		p.t.Errorf("%s: %q", line, out)
	}
	bare := regexp.MustCompile(` --(cert|key) \S+`).ReplaceAllString(line, "")
	if out, err := p.sh(bare); err == nil {
		p.t.Errorf("%s: answered %q to a client without a certificate", bare, out)
	}
}

func (p *tlsPage) sh(line string) (string, error) {
	c := exec.CommandContext(p.t.Context(), "sh", "-ec", line)
	c.Dir = p.dir
	out, err := c.CombinedOutput()
	return string(out), err
}

// serve runs the daemon with the settings of the page until the test ends. There is
// no switch: its metrics are served all the same.
func (p *tlsPage) serve() {
	p.t.Helper()
	p.daemons++
	s, err := configs.LoadSettings(nil, filepath.Join(p.dir, "etc/sluice/sluiced.yaml"))
	if err != nil {
		p.t.Fatal(err)
	}
	if s.Metrics.Listen != p.address {
		p.t.Fatalf("the page listens at %s", s.Metrics.Listen)
	}
	socket, err := os.MkdirTemp("", "sluiced")
	if err != nil {
		p.t.Fatal(err)
	}
	s.API.Socket, s.OVS.RunDir = filepath.Join(socket, "api.sock"), filepath.Join(p.dir, "ovs")
	s.Profile, s.Vars = filepath.Join(p.dir, "etc/sluice/host.yaml"), ""
	ctx, stop := context.WithCancel(p.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, s, io.Discard) }()
	p.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			p.t.Error(err)
		}
		_ = os.RemoveAll(socket)
	})
	err = lab.Until(p.t.Context(), "the daemon listens", func(ctx context.Context) error {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", p.address)
		if err == nil {
			err = conn.Close()
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
}
