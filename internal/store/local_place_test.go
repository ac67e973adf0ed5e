package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLocalFiles: wherever conf.db and the store's file are, one place comes of it, or
// a word of what to do.
func TestLocalFiles(t *testing.T) {
	const etc, lib, usr = "etc/openvswitch/", "var/lib/openvswitch/", "usr/local/etc/openvswitch/"
	for what, try := range map[string]struct {
		files, links []string // below the root; links are to var/lib/openvswitch
		dbDir        string
		file, like   string
		wrong        []string
	}{
		"Debian's":          {files: []string{etc + "conf.db"}, file: etc + "sluice.db", like: etc + "conf.db"},
		"upstream's":        {files: []string{lib + "conf.db"}, file: lib + "sluice.db", like: lib + "conf.db"},
		"a build's":         {files: []string{usr + "conf.db"}, file: usr + "sluice.db", like: usr + "conf.db"},
		"a sandbox":         {files: []string{"run/conf.db", "run/sluice.db", lib + "conf.db", lib + "sluice.db"}, file: "run/sluice.db", like: "run/conf.db"},
		"both":              {files: []string{etc + "conf.db", lib + "conf.db"}, file: etc + "sluice.db", like: etc + "conf.db"},
		"both, it is there": {files: []string{etc + "conf.db", lib + "conf.db", lib + "sluice.db"}, file: lib + "sluice.db", like: etc + "conf.db"},
		"linked":            {files: []string{lib + "conf.db", lib + "sluice.db"}, links: []string{etc + "conf.db", etc + "sluice.db"}, file: etc + "sluice.db", like: etc + "conf.db"},
		"two":               {files: []string{etc + "conf.db", etc + "sluice.db", lib + "sluice.db"}, wrong: []string{etc + "sluice.db and ", lib + "sluice.db", "move the other away"}},
		"elsewhere":         {files: []string{etc + "conf.db"}, dbDir: "srv", file: "srv/sluice.db", like: etc + "conf.db"},
		"elsewhere, is":     {files: []string{etc + "conf.db", "srv/sluice.db"}, dbDir: "srv", file: "srv/sluice.db", like: etc + "conf.db"},
		"elsewhere, is not": {files: []string{etc + "conf.db", etc + "sluice.db"}, dbDir: "srv", wrong: []string{"srv/sluice.db", "it is at", etc + "sluice.db", "dbDir"}},
		"elsewhere, two":    {files: []string{etc + "conf.db", etc + "sluice.db", "srv/sluice.db"}, dbDir: "srv", wrong: []string{"srv/sluice.db and ", "move the other away"}},
		"nothing":           {wrong: []string{"no conf.db in", etc[:len(etc)-1], lib[:len(lib)-1]}},
	} {
		t.Run(what, func(t *testing.T) {
			root := t.TempDir()
			at := func(path string) string {
				if path == "" {
					return ""
				}
				full := filepath.Join(root, path)
				must(t, os.MkdirAll(filepath.Dir(full), 0o755))
				return full
			}
			for _, f := range try.files {
				must(t, os.WriteFile(at(f), nil, 0o600))
			}
			for _, l := range try.links {
				must(t, os.Symlink(at(lib+filepath.Base(l)), at(l)))
			}
			file, like, err := LocalFiles(root, filepath.Join(root, "run"), at(try.dbDir))
			if (err == nil) != (try.wrong == nil) || file != at(try.file) || like != at(try.like) {
				t.Fatalf("%s, %s, %v", file, like, err)
			}
			for _, w := range try.wrong {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%v: no word of %s", err, w)
				}
			}
		})
	}
}
