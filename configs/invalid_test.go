package configs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/golden"
)

// testVars stand in the files of testdata.
func testVars() Vars {
	return Vars{File: "/etc/sluice/vars.yaml", Values: map[string]string{"tunnel_ip": "172.16.0.1", "socket_dir": "/var/lib/vhost_sockets"}}
}

func parseTest(file string, data []byte) (*Profile, error) {
	return Parse(data, Options{File: file, Vars: testVars(), Hostname: "nfv-01"})
}

// TestInvalid shows each broken profile's complete message as the operator sees it.
func TestInvalid(t *testing.T) {
	files, err := filepath.Glob("testdata/invalid/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no invalid profiles: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, err := parseTest(filepath.Base(file), data)
			var wrong *Error
			if p != nil || !errors.As(err, &wrong) {
				t.Fatalf("Parse = %v, %v; want nil and an *Error", p, err)
			}
			golden.Check(t, strings.TrimSuffix(file, ".yaml")+".txt", err.Error()+"\n")
		})
	}
}
