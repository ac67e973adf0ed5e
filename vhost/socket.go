package vhost

import (
	"fmt"
	"io/fs"
	"slices"
)

// SocketFacts is what the file system and /proc/net/unix tell of a port's
// socket. Nobody connects to find out: a guest takes any connection for the
// switch.
type SocketFacts struct {
	// Dirs are the directories above the socket, from the root downwards.
	Dirs   []FileFact
	Socket FileFact
	// Listening tells whether a process listens on the socket; nil = unknown.
	Listening *bool
	// OVS is the identity ovs-vswitchd runs with; nil = unknown.
	OVS *Identity
}

// FileFact is a file or directory as it is.
type FileFact struct {
	Path     string
	Exists   bool
	Mode     fs.FileMode
	UID, GID uint32
}

// Identity is a process's user and groups.
type Identity struct {
	UID    uint32
	Groups []uint32 // the primary one and all others
}

// may tells whether the permission bits (rwx as in 0..7) are granted. Root
// passes all of them (CAP_DAC_OVERRIDE).
func (id Identity) may(f FileFact, bits fs.FileMode) bool {
	perm := f.Mode.Perm()
	switch {
	case id.UID == 0:
		return true
	case id.UID == f.UID:
		perm >>= 6
	case slices.Contains(id.Groups, f.GID):
		perm >>= 3
	}
	return perm&bits == bits
}

// String returns for instance "/var/lib/x (uid 0, gid 36, mode 2770)".
func (f FileFact) String() string {
	mode := uint32(f.Mode.Perm())
	if f.Mode&fs.ModeSetgid != 0 {
		mode |= 0o2000
	}
	return fmt.Sprintf("%s (uid %d, gid %d, mode %04o)", f.Path, f.UID, f.GID, mode)
}

// missingDir returns the first directory above the socket that is not there.
func (s SocketFacts) missingDir() (FileFact, bool) {
	for _, d := range s.Dirs {
		if !d.Exists {
			return d, true
		}
	}
	return FileFact{}, false
}

// denied returns the first file that keeps ovs-vswitchd from the socket:
// directories must let it search, the socket must let it read and write.
func (s SocketFacts) denied() (FileFact, bool) {
	if s.OVS == nil {
		return FileFact{}, false
	}
	for _, d := range s.Dirs {
		if d.Exists && !s.OVS.may(d, 1) {
			return d, true
		}
	}
	if s.Socket.Exists && !s.OVS.may(s.Socket, 6) {
		return s.Socket, true
	}
	return FileFact{}, false
}

func isSocket(f FileFact) bool { return f.Mode&fs.ModeSocket != 0 }
