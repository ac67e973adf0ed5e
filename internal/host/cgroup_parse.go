package host

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// cgroup is one line of /proc/self/cgroup.
type cgroup struct {
	controllers []string // empty: the version 2 hierarchy
	path        string
}

// parseCgroups reads "3:cpu,cpuacct:/x" and, for version 2, "0::/x"
// (Documentation/admin-guide/cgroup-v2.rst, "Processes").
func parseCgroups(b []byte) ([]cgroup, error) {
	var out []cgroup
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		f := strings.SplitN(line, ":", 3)
		if len(f) != 3 || !strings.HasPrefix(f[2], "/") {
			return nil, fmt.Errorf("%q is no id:controllers:path", clip([]byte(line)))
		}
		g := cgroup{path: f[2]}
		if f[1] != "" {
			g.controllers = strings.Split(f[1], ",")
		}
		out = append(out, g)
	}
	return out, nil
}

// mount is one line of /proc/self/mountinfo.
type mount struct {
	root, point string // what of the filesystem is mounted, and where
	kind        string
	options     []string // of the filesystem: for cgroup version 1 its controllers
}

// parseMounts reads mountinfo (Documentation/filesystems/proc.rst, 3.5):
// "36 35 98:0 /root /point rw,noatime master:1 - ext4 /dev/sda rw,errors=continue",
// with any number of optional fields before the dash.
func parseMounts(b []byte) ([]mount, error) {
	var out []mount
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		dash := slices.Index(f, "-")
		if dash < 6 || len(f) < dash+4 {
			return nil, fmt.Errorf("%q is no mount", clip([]byte(line)))
		}
		out = append(out, mount{
			root: unescape(f[3]), point: unescape(f[4]),
			kind: f[dash+1], options: strings.Split(f[dash+3], ","),
		})
	}
	return out, nil
}

// unescape undoes mangle() of fs/seq_file.c: "\040" is a blank.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// place is a group's directory: the mount point and the path below it.
type place struct {
	point, below string
	v2           bool
}

func (p place) dir() string { return path.Join(p.point, p.below) }

// upward returns the group's directory and those of its parents up to the mount point.
func (p place) upward() []string {
	dirs := []string{p.dir()}
	for below := p.below; below != "/"; {
		below = path.Dir(below)
		dirs = append(dirs, path.Join(p.point, below))
	}
	return dirs
}

// locate finds our group's directory for a controller. A hierarchy of version 1
// that holds the controller goes before version 2: it has it then.
func locate(groups []cgroup, mounts []mount, controller string) (place, bool) {
	for _, v2 := range []bool{false, true} {
		for _, g := range groups {
			if v2 != (len(g.controllers) == 0) || !v2 && !slices.Contains(g.controllers, controller) {
				continue
			}
			for _, m := range mounts {
				if v2 && m.kind == "cgroup2" || !v2 && m.kind == "cgroup" && slices.Contains(m.options, controller) {
					return place{point: m.point, below: below(m.root, g.path), v2: v2}, true
				}
			}
		}
	}
	return place{}, false
}

// below returns a group's path as seen below the mount. In a container the
// mount shows the container's own group, and the path may be outside of it, in
// a cgroup namespace as "/../x" (cgroup_namespaces(7)): then the mount point
// itself is all that can be seen.
func below(root, group string) string {
	if strings.HasPrefix(group+"/", "/../") {
		return "/"
	}
	if root == "/" {
		return path.Clean(group)
	}
	if rest, ok := strings.CutPrefix(group, root); ok && (rest == "" || rest[0] == '/') {
		return path.Clean("/" + rest)
	}
	return "/"
}

// parseCPUMax reads cpu.max in cores: "200000 100000"; "max 100000" is no
// limit, 0 (Documentation/admin-guide/cgroup-v2.rst, "CPU Interface Files").
func parseCPUMax(b []byte) (float64, error) {
	f := strings.Fields(string(b))
	if len(f) != 2 {
		return 0, fmt.Errorf("%q is no quota and period", clip(b))
	}
	period, err := strconv.ParseUint(f[1], 10, 63)
	if err != nil || period == 0 {
		return 0, fmt.Errorf("%q is no quota and period", clip(b))
	}
	if f[0] == "max" {
		return 0, nil
	}
	quota, err := strconv.ParseUint(f[0], 10, 63)
	if err != nil {
		return 0, fmt.Errorf("%q is no quota and period", clip(b))
	}
	return float64(quota) / float64(period), nil
}
