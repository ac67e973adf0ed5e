package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
)

// makeDirectory makes the directory and its parents, then the owner, then the
// mode: chown(2) may clear the setgid bit.
func (f FS) makeDirectory(a MakeDirectory) error {
	if err := properPath(a.Path); err != nil {
		return err
	}
	uid, gid, err := owner(a.User, a.Group)
	if err != nil {
		return err
	}
	name := f.path(a.Path)
	if err := f.makeParents(path.Dir(a.Path)); err != nil {
		return err
	}
	// Nobody else's until it has its owner; the umask cannot widen this.
	err = os.Mkdir(name, 0o700)
	made := err == nil
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return rebase("make", a.Path, err)
	}
	info, err := os.Lstat(name)
	if err != nil {
		return rebase("look at", a.Path, err)
	}
	if !info.IsDir() {
		return refuse("%s is there and is %s, not a directory", a.Path, kindOf(info.Mode()))
	}
	if !owned(info, uid, gid) {
		if err := os.Lchown(name, uid, gid); err != nil {
			return rebase("chown", a.Path, err)
		}
		if info, err = os.Lstat(name); err != nil {
			return rebase("look at", a.Path, err)
		}
	}
	mode := a.Mode
	if mode == 0 && made {
		mode = 0o755
	}
	const bits = fs.ModePerm | fs.ModeSetgid
	if mode != 0 && info.Mode()&bits != mode&bits {
		return rebase("chmod", a.Path, os.Chmod(name, mode&bits))
	}
	return nil
}

// makeParents makes what is missing with mode 0755, whatever the umask: guests
// and a switch that is not root must get through.
func (f FS) makeParents(dir string) error {
	if dir == "/" || f.exists(dir) {
		return nil
	}
	if err := f.makeParents(path.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(f.path(dir), 0o755); err != nil {
		return rebase("make", dir, err)
	}
	return rebase("chmod", dir, os.Chmod(f.path(dir), 0o755))
}

// removeDirectory removes the sockets in a directory and then the directory.
// It looks at everything before it removes anything.
func (f FS) removeDirectory(a RemoveDirectory) error {
	if err := properPath(a.Path); err != nil {
		return err
	}
	name := f.path(a.Path)
	info, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return rebase("look at", a.Path, err)
	}
	if !info.IsDir() {
		return refuse("%s is %s, not a directory", a.Path, kindOf(info.Mode()))
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		return rebase("read", a.Path, err)
	}
	var others []string
	for _, e := range entries {
		if e.Type() != fs.ModeSocket {
			others = append(others, fmt.Sprintf("%s (%s)", e.Name(), kindOf(e.Type())))
		}
	}
	if len(others) > 0 {
		return refuse("it holds what is no socket: %s; remove or move that by hand", strings.Join(others, ", "))
	}
	for _, e := range entries {
		if err := os.Remove(path.Join(name, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return rebase("remove", path.Join(a.Path, e.Name()), err)
		}
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return rebase("remove", a.Path, err)
	}
	return nil
}

func properPath(p string) error {
	if !path.IsAbs(p) || path.Clean(p) != p || p == "/" {
		return refuse("%q is no absolute path without detours", p)
	}
	return nil
}

func kindOf(m fs.FileMode) string {
	switch {
	case m&fs.ModeSymlink != 0:
		return "a symbolic link"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m.IsDir():
		return "a directory"
	case m&fs.ModeType != 0:
		return "a special file"
	}
	return "a file"
}
