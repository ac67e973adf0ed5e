package configs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	host := write("host.yaml", minimal+"\nbridges: [{name: br-phy, addresses: [\"${ip}/24\"]}]\n")
	vars := write("vars.yaml", "# of this host\nip: 172.16.0.1\nrack: 010\n")
	p, err := Load(host, vars, "nfv-01")
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Bridges[0].Addresses[0].String(); got != "172.16.0.1/24" {
		t.Errorf("address = %s", got)
	}
	for _, tc := range []struct{ name, host, vars, want string }{
		{
			"no variables file", host, dir + "/absent.yaml",
			"DIR/host.yaml:4: bridges[0].addresses[0]: the variable ${ip} has no value; add a line ip: VALUE to DIR/absent.yaml",
		},
		{"broken variables file", host, write("broken.yaml", "ip: [1]\nip: x\n1st: x\na: ${b}\nb:\n"), strings.Join([]string{
			"DIR/broken.yaml:1: ip: is a list, but a single value belongs here",
			"DIR/broken.yaml:2: ip: stands here again, first in line 1; keep one of them",
			"DIR/broken.yaml:3: 1st: is no name of a variable; letters, digits and _ are valid, and no digit first",
			"DIR/broken.yaml:4: a: refers to another variable; write the value out",
			"DIR/broken.yaml:5: b: has no value; write one (of a section {} means all defaults), or remove the key",
		}, "\n")},
		{"list of variables", host, write("list.yaml", "- a\n"), "DIR/list.yaml:1: the file is a list, but lines of name: value belong here"},
		{"no profile", dir + "/gone.yaml", vars, "read profile: open DIR/gone.yaml: no such file or directory"},
		{"directory", dir, vars, "read profile: read DIR: is a directory"},
		{"variables are a directory", host, dir, "read variables: read DIR: is a directory"},
		{
			"10 MiB", write("big.yaml", strings.Repeat("# another line\n", 10<<20/15)), vars,
			"DIR/big.yaml: the profile is larger than 1024 KiB; this is surely another file",
		},
	} {
		_, err := Load(tc.host, tc.vars, "nfv-01")
		if err == nil {
			t.Errorf("%s: no error", tc.name)
			continue
		}
		if diff := cmp.Diff(tc.want, strings.ReplaceAll(err.Error(), dir, "DIR")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestVars(t *testing.T) {
	if v, err := ParseVars("vars.yaml", []byte("# nothing yet\n")); err != nil || len(v.Values) != 0 {
		t.Errorf("no variables: %v, %v", v, err)
	}
	vars := Vars{Values: map[string]string{"a": "1", "b": "${a}", "long": strings.Repeat("x", 600)}}
	for _, tc := range []struct{ text, want string }{
		{"plain", "plain"},
		{"$", "$"},
		{"$a", "$a"},
		{"${a}", "1"},
		{"x${a}y${a}", "x1y1"},
		{"${b}", "${a}"}, // not expanded again
		{"$${a}", "${a}"},
		{"$$${a}", "$${a}"},
		{"$${a}${a}", "${a}1"},
	} {
		got, _, err := vars.expand(tc.text)
		if err != nil || got != tc.want {
			t.Errorf("%s = %s, %v; want %s", tc.text, got, err, tc.want)
		}
		if back, _, err := (Vars{}).expand(escape(tc.text)); err != nil || back != tc.text {
			t.Errorf("escaped %s = %s, %v", tc.text, back, err)
		}
	}
}

// TestErrorBound keeps a message readable when a file of another kind is read.
func TestErrorBound(t *testing.T) {
	var b strings.Builder
	for i := range 500 {
		b.WriteString("k" + strings.Repeat("x", i%50) + strings.Repeat("y", i/50) + ": 1\n")
	}
	_, err := Parse([]byte(b.String()), Options{File: "host.yaml"})
	var wrong *Error
	if !errors.As(err, &wrong) || len(wrong.Problems) != 502 {
		t.Fatalf("%v", err)
	}
	lines := strings.Split(err.Error(), "\n")
	if got := lines[len(lines)-1]; len(lines) != maxShown+1 || got != "host.yaml: and 452 more" {
		t.Errorf("%d lines, the last %q", len(lines), got)
	}
}

func TestNearest(t *testing.T) {
	keys := []string{"rxQueues", "txDescriptors", "rxDescriptors", "mtu", "name", "device"}
	for _, tc := range []struct{ word, want string }{
		{"rxQueus", "rxQueues"},
		{"RXQUEUES", "rxQueues"},
		{"rx_queues", "rxQueues"},
		{"rxDescriptor", "rxDescriptors"},
		{"mut", ""},
		{"mt", "mtu"},
		{"colour", ""},
		{"", ""},
		{strings.Repeat("m", 100), ""},
	} {
		if got := nearest(tc.word, keys); got != tc.want {
			t.Errorf("nearest(%q) = %q, want %q", tc.word, got, tc.want)
		}
	}
}

func FuzzParseVars(f *testing.F) {
	f.Add([]byte("tunnel_ip: 172.16.0.1\nrack: 010\n"))
	f.Add([]byte("a: ${b}\n&x b: *x\n? [c]\n: !!int d\n"))
	f.Add(ReferenceVars())
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := ParseVars("vars.yaml", data)
		if err != nil {
			return
		}
		for name, value := range v.Values {
			if got, _, err := v.expand("${" + name + "}"); err != nil || got != value {
				t.Errorf("${%s} = %q, %v; want %q", name, got, err, value)
			}
			if back, _, err := v.expand(escape(value)); err != nil || back != value {
				t.Errorf("escaped %q = %q, %v", value, back, err)
			}
		}
	})
}
