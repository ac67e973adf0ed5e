package host

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestListens(t *testing.T) {
	const table = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 20000 /s/listening.sock
0000000000000000: 00000003 00000000 00000000 0001 03 20001 /s/connected.sock
0000000000000000: 00000003 00000000 00000000 0001 03 20002
garbage
`
	for path, want := range map[string]bool{"/s/listening.sock": true, "/s/connected.sock": false, "/s/none.sock": false} {
		if got := listens(strings.NewReader(table), path); got != want {
			t.Errorf("listens(%s) = %v, want %v", path, got, want)
		}
	}
}

func TestLookAndListenOnThisMachine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.sock")
	f := NewFS("/")
	if got := f.Look(path); got.Exists || got.Path != path {
		t.Errorf("before: %+v", got)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if got := f.Look(path); !got.Exists || got.Mode.Type() != os.ModeSocket || got.UID != uint32(os.Geteuid()) {
		t.Errorf("socket: %+v", got)
	}
	if yes := f.Listening(path); yes == nil || !*yes {
		t.Errorf("Listening(%s) = %v, want true", path, yes)
	}
	uid, groups, err := f.Credentials(os.Getpid())
	if err != nil || uid != uint32(os.Geteuid()) || !slices.Contains(groups, uint32(os.Getegid())) {
		t.Errorf("Credentials: %d %v %v", uid, groups, err)
	}
}
