package host

import (
	"io/fs"
	"os/user"
	"strconv"
	"syscall"
)

// owner looks names up; a number that is no name is taken as an id, as
// chown(1) does. -1 = unchanged.
func owner(userName, group string) (uid, gid int, err error) {
	uid, gid = -1, -1
	if userName != "" {
		u, err := user.Lookup(userName)
		id := userName
		if err == nil {
			id = u.Uid
		}
		if uid, err = strconv.Atoi(id); err != nil || uid < 0 {
			return 0, 0, refuse("there is no user %s on this host", userName)
		}
	}
	if group != "" {
		g, err := user.LookupGroup(group)
		id := group
		if err == nil {
			id = g.Gid
		}
		if gid, err = strconv.Atoi(id); err != nil || gid < 0 {
			return 0, 0, refuse("there is no group %s on this host", group)
		}
	}
	return uid, gid, nil
}

func owned(info fs.FileInfo, uid, gid int) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && (uid < 0 || st.Uid == uint32(uid)) && (gid < 0 || st.Gid == uint32(gid))
}
