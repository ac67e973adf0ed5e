package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// directory is an absolute path in which sockets outlive a restart.
type directory string

// socketPath is the absolute path of a unix socket. Empty = the default.
type socketPath string

// maxSocket is the longest path of a unix socket (struct sockaddr_un, unix(7)):
// 108 bytes with the final zero.
const maxSocket = 107

// UnmarshalText reads the directory of the ports' socket directories.
func (p *directory) UnmarshalText(text []byte) error {
	if err := checkPath(string(text)); err != nil {
		return err
	}
	*p = directory(text)
	return nil
}

// UnmarshalText reads a socket's path.
func (p *socketPath) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*p = ""
		return nil
	}
	if err := checkPath(string(text)); err != nil {
		return err
	}
	if len(text) > maxSocket {
		return fmt.Errorf("has %d bytes, over the %d of a unix socket's path; shorten it", len(text), maxSocket)
	}
	*p = socketPath(text)
	return nil
}

// checkPath refuses what is not absolute and clean, what systemd empties and
// what belongs to the system: a port's directory changes owner and mode.
func checkPath(p string) error {
	if p == "" {
		return errors.New("is empty; write an absolute path")
	}
	if err := printable(p, "\"' "); err != nil {
		return err
	}
	switch {
	case !path.IsAbs(p):
		return fmt.Errorf("%q is not absolute; it must begin with /", p)
	case hasDots(p):
		return fmt.Errorf("%q leads through . or ..; write the path itself: %s", p, path.Clean(p))
	case path.Clean(p) != p:
		return fmt.Errorf("%q has empty parts; write %s", p, path.Clean(p))
	}
	for _, dir := range []string{"/run", "/var/run", "/tmp", "/var/tmp"} {
		if inside(p, dir) {
			return fmt.Errorf("%q lies in %s, which systemd empties: a guest that runs on would lose its socket for good; use for instance /var/lib/vhost_sockets", p, dir)
		}
	}
	for _, dir := range []string{"/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/sbin", "/sys", "/usr"} {
		if inside(p, dir) {
			return fmt.Errorf("%q lies in %s, which belongs to the system; use for instance /var/lib/vhost_sockets", p, dir)
		}
	}
	if strings.Count(p, "/") < 2 {
		return fmt.Errorf("%q stands at the root of the file system; use for instance /var/lib/vhost_sockets", p)
	}
	return nil
}

func hasDots(p string) bool {
	for part := range strings.SplitSeq(p, "/") {
		if part == "." || part == ".." {
			return true
		}
	}
	return false
}

// inside tells whether p is dir or lies below it.
func inside(p, dir string) bool { return p == dir || strings.HasPrefix(p, dir+"/") }

// fileMode is permission bits in octal: "0770".
type fileMode fs.FileMode

var modeForm = regexp.MustCompile(`^0?[0-7]{3}$`)

// UnmarshalText reads octal permission bits.
func (m *fileMode) UnmarshalText(text []byte) error {
	if !modeForm.Match(text) {
		return fmt.Errorf("%q is no file mode; write octal permission bits in quotes: \"0770\"", text)
	}
	bits, err := strconv.ParseUint(string(text), 8, 32)
	if err != nil {
		return err
	}
	*m = fileMode(bits)
	return nil
}

// MarshalText writes the mode as chmod takes it.
func (m fileMode) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "0%03o", uint32(m)), nil }
