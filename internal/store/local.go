package store

import (
	"context"
	"crypto/sha1" //nolint:gosec // the checksum of OVSDB's log format, not a secret
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
)

// Empty returns the file of an empty standalone database: one record, the schema.
// The format is that of ovsdb/log.c: "OVSDB JSON LENGTH SHA1", a newline, and the
// record with a newline at its end.
func Empty() ([]byte, error) {
	var compact json.RawMessage
	if err := json.Unmarshal(schemaText, &compact); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return logRecord(compact)
}

// logRecord is one record of ovsdb/log.c's file.
func logRecord(v any) ([]byte, error) {
	record, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	record = append(record, '\n')
	sum := sha1.Sum(record) //nolint:gosec // see above
	return append(fmt.Appendf(nil, "OVSDB JSON %d %s\n", len(record), hex.EncodeToString(sum[:])), record...), nil
}

// EnsureLocal sees to it that a running ovsdb-server serves the database in file,
// which is made when it is absent, owned as the file like is (the server's
// conf.db, as a rule). It may be called again and again: after each restart of the
// server it has to be, for the server forgets what was added.
func EnsureLocal(ctx context.Context, server *unixctl.Client, file, like string) error {
	served, err := server.Call(ctx, "ovsdb-server/list-dbs")
	if err != nil {
		return fmt.Errorf("local store: %w", err)
	}
	for _, name := range strings.Fields(served) {
		if name == Database {
			return nil
		}
	}
	if err := create(file, like); err != nil {
		return fmt.Errorf("local store: %w", err)
	}
	_, err = server.Call(ctx, "ovsdb-server/add-db", file)
	var refused *unixctl.CommandError
	if errors.As(err, &refused) {
		return fmt.Errorf("local store: ovsdb-server%s cannot open %s: %s", user(like), file, refused.Text)
	}
	if err != nil {
		return fmt.Errorf("local store: %w", err)
	}
	return nil
}

// create makes the file in one step: a half-written one is never seen.
func create(file, like string) error {
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	text, err := Empty()
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+"-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if _, err := f.Write(text); err != nil {
		return err
	}
	if err := own(f, like); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	// Not rename: two daemons that start at once must not replace each other's.
	if err := os.Link(f.Name(), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// own gives a file the owner and the mode of another.
func own(f *os.File, like string) error {
	info, err := os.Stat(like)
	if err != nil {
		return err
	}
	if err := f.Chmod(info.Mode().Perm()); err != nil {
		return err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return f.Chown(int(stat.Uid), int(stat.Gid))
	}
	return nil
}

// user says who the server probably runs as: whoever owns its database.
func user(like string) string {
	info, err := os.Stat(like)
	if err != nil {
		return ""
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf(" (user id %d)", stat.Uid)
}
