package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// confDirs are where packages and source builds of Open vSwitch keep conf.db: Debian's
// and Fedora's in /etc, upstream's own packages in /var/lib.
var confDirs = []string{"etc/openvswitch", "var/lib/openvswitch", "usr/local/etc/openvswitch"}

// LocalFiles finds the file of the local store, for the daemon and for commands alike,
// and the server's conf.db that it is to be like. runDir is where the switch's sockets
// are, dbDir where the settings want the file ("" = where one is already, or beside
// conf.db), root the directory that is "/".
//
// There may be one such file only, wherever it is: which of two is served after the
// server's next restart would be chance, and an empty one takes all flows away. Then,
// and where there is no conf.db, the error says what to do.
func LocalFiles(root, runDir, dbDir string) (file, like string, err error) {
	dirs := []string{runDir}
	// A server that has its database there is a sandbox, and nothing else is its own.
	if sandbox, err := exists(filepath.Join(runDir, "conf.db"), nil); err != nil || !sandbox {
		for _, d := range confDirs {
			dirs = append(dirs, filepath.Join(root, d))
		}
	}
	var found []string
	for _, d := range append([]string{dbDir}, dirs...) {
		if d == "" {
			continue
		}
		there, err := exists(filepath.Join(d, "sluice.db"), found)
		if err != nil {
			return "", "", err
		}
		if there {
			found = append(found, filepath.Join(d, "sluice.db"))
		}
		if conf, err := exists(filepath.Join(d, "conf.db"), nil); err == nil && conf && like == "" {
			like = filepath.Join(d, "conf.db")
		}
	}
	if dbDir != "" {
		file = filepath.Join(dbDir, "sluice.db")
	}
	switch {
	case like == "":
		return "", "", fmt.Errorf("there is no conf.db in %s: start Open vSwitch once, or link its conf.db there", strings.Join(dirs, ", "))
	case len(found) > 1:
		return "", "", fmt.Errorf("there are two files of the local store, %s: "+
			"keep the one with the network that is wanted (ovsdb-tool show-log FILE) and move the other away", strings.Join(found, " and "))
	case len(found) == 1 && file != "" && found[0] != file:
		return "", "", fmt.Errorf("the settings' dbDir wants the local store's file at %s, and it is at %s: "+
			"move it there while Open vSwitch is stopped, or change dbDir", file, found[0])
	case len(found) == 1:
		return found[0], like, nil
	}
	return cmp.Or(file, filepath.Join(filepath.Dir(like), "sluice.db")), like, nil
}

// exists says whether there is a file that none of the others is by another name.
func exists(path string, others []string) (bool, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, other := range others {
		if o, err := os.Stat(other); err == nil && os.SameFile(info, o) {
			return false, nil
		}
	}
	return true, nil
}
