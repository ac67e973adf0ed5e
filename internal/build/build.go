// Package build tells from which sources the running binary was built. The
// go command records it; no linker flags are needed.
package build

import (
	"runtime/debug"
	"strings"
	"time"
)

// Info is what is known of the build. Empty fields were not recorded: a build
// outside a repository or with -buildvcs=false has no revision.
type Info struct {
	Version  string    `json:"version"`            // of the module, "v1.2.0"; "devel" where it has none
	Revision string    `json:"revision,omitempty"` // commit, in full
	Time     time.Time `json:"time,omitzero"`      // of the commit
	Dirty    bool      `json:"dirty"`              // with changes that are not committed
	Go       string    `json:"go"`                 // version of Go, "go1.26.0"
}

// Version returns what is recorded in the running binary.
func Version() Info {
	recorded, ok := debug.ReadBuildInfo()
	if !ok {
		return Info{Version: "devel"}
	}
	return read(recorded)
}

func read(recorded *debug.BuildInfo) Info {
	info := Info{Version: recorded.Main.Version, Go: recorded.GoVersion}
	if info.Version == "" || info.Version == "(devel)" {
		info.Version = "devel"
	}
	for _, setting := range recorded.Settings {
		switch setting.Key {
		case "vcs.revision":
			info.Revision = setting.Value
		case "vcs.time":
			// A time that does not parse is as good as none.
			info.Time, _ = time.Parse(time.RFC3339, setting.Value)
		case "vcs.modified":
			info.Dirty = setting.Value == "true"
		}
	}
	return info
}

// String returns one line: "v1.2.0 (2f6a9c1b3d4e, 2026-11-21, modified), go1.26.0".
func (i Info) String() string {
	var source []string
	if i.Revision != "" {
		source = append(source, i.Revision[:min(12, len(i.Revision))])
	}
	if !i.Time.IsZero() {
		source = append(source, i.Time.UTC().Format(time.DateOnly))
	}
	if i.Dirty {
		source = append(source, "modified")
	}
	text := i.Version
	if len(source) > 0 {
		text += " (" + strings.Join(source, ", ") + ")"
	}
	if i.Go != "" {
		text += ", " + i.Go
	}
	return text
}
