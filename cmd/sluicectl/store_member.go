package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/store"
)

// Where a member of the store's cluster lives; configs/systemd/sluice-store.service
// names the same.
const (
	memberUnit   = "sluice-store.service"
	memberEnv    = "/etc/sluice/store.env"
	memberDB     = "/var/lib/sluice-store/sluice.db"
	memberSchema = "/var/lib/sluice-store/sluice.ovsschema"
	memberSocket = "/run/sluice-store/db.sock"
	memberCtl    = "/run/sluice-store/ctl"
)

// memberSpec is a member as its operator asks for it.
type memberSpec struct {
	address string   // where the other members reach it: ssl:HOST:PORT or tcp:HOST:PORT
	from    []string // addresses of members to join; none = the first
	tls     store.TLS
}

// check refuses what could not work, before anything is changed.
func (m *memberSpec) check() error {
	scheme, err := raftAddress("--address", m.address)
	if err != nil {
		return err
	}
	for _, f := range m.from {
		other, err := raftAddress("--from", f)
		if err != nil {
			return err
		}
		if other != scheme {
			return usagef("--address %s and --from %s: all members speak either ssl: or tcp:", m.address, f)
		}
		if f == m.address {
			return usagef("--from %s is this member itself: name one that is there", f)
		}
	}
	if scheme == "ssl" {
		return checkTLS(&m.tls)
	}
	if m.tls != (store.TLS{}) {
		return usagef("--address %s: certificates are for ssl:\n  -> --address ssl:%s", m.address, strings.TrimPrefix(m.address, "tcp:"))
	}
	return nil
}

// raftAddress checks an address, and returns its scheme.
func raftAddress(flag, address string) (string, error) {
	scheme, rest, _ := strings.Cut(address, ":")
	host, port, err := net.SplitHostPort(rest)
	switch ip := net.ParseIP(host); {
	case scheme != "ssl" && scheme != "tcp", err != nil, host == "", port == "", port == "0", strings.ContainsAny(address, " \t\"'$%"):
		return "", usagef("%s %q: write ssl:HOST:PORT or tcp:HOST:PORT, for instance ssl:10.0.0.1:6644", flag, address)
	case ip != nil && ip.IsUnspecified():
		return "", usagef("%s %s: name the address at which the other members reach this machine", flag, address)
	case ip == nil && net.ParseIP(strings.Trim(host, "[]")) != nil:
		return "", usagef("%s %q: an IPv6 address stands in brackets once", flag, address)
	}
	return scheme, nil
}

// checkTLS makes paths absolute, and holds the files to each other.
func checkTLS(files *store.TLS) error {
	for _, f := range []struct {
		flag string
		path *string
	}{{"--ca", &files.CA}, {"--cert", &files.Cert}, {"--key", &files.Key}} {
		if *f.path == "" {
			return usagef("an ssl: member needs %s\n  -> --ca FILE --cert FILE --key FILE", f.flag)
		}
		abs, err := filepath.Abs(*f.path)
		if err != nil || strings.ContainsAny(abs, " \t\"'$%\\") {
			return usagef("%s %s: a path without spaces, quotes, $, %% and \\ is needed: it stands in a systemd unit", f.flag, *f.path)
		}
		*f.path = abs
	}
	pair, err := tls.LoadX509KeyPair(files.Cert, files.Key)
	if err != nil {
		return usagef("--cert, --key: %v", err)
	}
	text, err := os.ReadFile(files.CA)
	if err != nil {
		return usagef("--ca: %v", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return usagef("--ca %s holds no certificate", files.CA)
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return usagef("--cert: %v", err)
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
		return usagef("--cert %s was not signed by --ca %s: %v", files.Cert, files.CA, err)
	}
	return nil
}

// env is what the unit reads.
func (m *memberSpec) env() string {
	options := ""
	if m.tls.CA != "" {
		options = fmt.Sprintf("--private-key=%s --certificate=%s --ca-cert=%s", m.tls.Key, m.tls.Cert, m.tls.CA)
	}
	return fmt.Sprintf("# Written by sluicectl store. This machine is the member %s.\nSLUICE_STORE_TLS=%s\n", m.address, options)
}

// steps make the member and start it.
func (a *app) memberSteps(m *memberSpec) []step {
	args := []string{fmt.Sprintf("--election-timer=%d", store.ElectionTimer.Milliseconds()), "create-cluster", memberDB, memberSchema, m.address}
	if len(m.from) > 0 {
		args = append([]string{"join-cluster", memberDB, store.Database, m.address}, m.from...)
	}
	here := slices.Clone(args)
	for i, arg := range here {
		if arg == memberDB || arg == memberSchema {
			here[i] = a.path(arg)
		}
	}
	return []step{
		a.writeStep(memberEnv, m.env(), 0o644),
		a.writeStep(memberSchema, string(store.Schema()), 0o644),
		{
			words: "run ovsdb-tool " + strings.Join(args, " "),
			do:    func(ctx context.Context) error { return a.tool(ctx, "ovsdb-tool", here...) },
			undo:  func() error { return unlessAbsent(os.Remove(a.path(memberDB))) },
		},
		{
			words: "run systemctl enable --now " + memberUnit,
			do:    func(ctx context.Context) error { return a.tool(ctx, "systemctl", "enable", "--now", memberUnit) },
			undo: func() error {
				ctx, cancel := context.WithTimeout(context.Background(), a.timeout)
				defer cancel()
				return a.tool(ctx, "systemctl", "disable", "--now", memberUnit)
			},
		},
	}
}

// member is this machine's.
func (a *app) member() (*store.Client, error) {
	return store.New(store.Options{Endpoints: []string{"unix:" + a.path(memberSocket)}})
}

func (a *app) memberControl() *unixctl.Client {
	return &unixctl.Client{Program: "ovsdb-server", Socket: a.path(memberCtl)}
}

// serving waits for this machine's member.
func (a *app) serving(ctx context.Context, lead bool) error {
	c, err := a.member()
	if err != nil {
		return err
	}
	defer c.Close()
	return c.WaitMember(ctx, lead)
}

// free refuses on a machine that is a member.
func (a *app) free() error {
	return a.absent(memberDB, "this machine is a member: sluicectl store status; sluicectl store leave takes it out")
}

// reached refuses when none of the members to join answers.
func reached(ctx context.Context, addresses []string) error {
	var faults []error
	for _, at := range addresses {
		_, rest, _ := strings.Cut(at, ":")
		d := net.Dialer{Timeout: 3 * time.Second}
		conn, err := d.DialContext(ctx, "tcp", rest)
		if err == nil {
			return conn.Close()
		}
		faults = append(faults, err)
	}
	return api.Unavailable("no member to join answers: %s", oneLine(errors.Join(faults...))).
		WithFix("--from takes the addresses of RAFT (--address of the others), not those of hosts")
}
