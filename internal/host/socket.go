package host

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// File is a file or directory as it is; the zero File but for Path does not exist.
type File struct {
	Path   string      `json:"path"`
	Exists bool        `json:"exists"`
	Mode   fs.FileMode `json:"mode,omitempty"` // of package io/fs: type and setgid included
	UID    uint32      `json:"uid"`
	GID    uint32      `json:"gid"`
}

// Look returns a file without opening it: nobody may probe a guest's socket.
// A file that cannot be looked at counts as not existing.
func (f FS) Look(name string) File {
	info, err := os.Stat(f.path(name))
	if err != nil {
		return File{Path: name}
	}
	file := File{Path: name, Exists: true, Mode: info.Mode()}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		file.UID, file.GID = st.Uid, st.Gid
	}
	return file
}

// Listening tells whether a process of this network namespace listens on the
// unix socket at path; nil where that cannot be told: a listener in another
// namespace is not shown.
func (f FS) Listening(path string) *bool {
	text, err := f.read("/proc/net/unix")
	if err != nil {
		return nil
	}
	if listens(bytes.NewReader(text), path) {
		yes := true
		return &yes
	}
	return nil
}

// acceptCon is SO_ACCEPTCON of the flags column of /proc/net/unix
// (net/unix/af_unix.c, unix_seq_show).
const acceptCon = 0x10000

func listens(r io.Reader, path string) bool {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		// Num RefCount Protocol Flags Type St Inode Path
		words := strings.Fields(lines.Text())
		if len(words) < 8 || words[7] != path {
			continue
		}
		if flags, err := strconv.ParseUint(words[3], 16, 32); err == nil && flags&acceptCon != 0 {
			return true
		}
	}
	return false
}

// Credentials returns the effective user and the groups of a process, from
// /proc/PID/status (proc(5)).
func (f FS) Credentials(pid int) (uid uint32, groups []uint32, err error) {
	text, err := f.read(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, nil, err
	}
	seen := false
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		switch words[0] {
		case "Uid:":
			if len(words) > 2 {
				uid, seen = id32(words[2]), true
			}
		case "Gid:":
			if len(words) > 2 {
				groups = append(groups, id32(words[2]))
			}
		case "Groups:":
			for _, w := range words[1:] {
				groups = append(groups, id32(w))
			}
		}
	}
	if !seen {
		return 0, nil, fmt.Errorf("/proc/%d/status: no Uid line", pid)
	}
	return uid, groups, nil
}

// id32 reads a numeric id; what is none becomes the overflow id of nobody.
func id32(text string) uint32 {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 65534
	}
	return uint32(n)
}
