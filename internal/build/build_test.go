package build_test

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/sluice-nfv/sluice/internal/build"
)

func TestString(t *testing.T) {
	setting := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	revision := setting("vcs.revision", "2f6a9c1b3d4e5f60718293a4b5c6d7e8f9012345")
	tests := []struct {
		recorded debug.BuildInfo
		want     string
	}{
		{debug.BuildInfo{}, "devel"},
		{debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: "(devel)"}}, "devel, go1.26.0"},
		{
			debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: "v1.2.0"}, Settings: []debug.BuildSetting{
				setting("-buildmode", "exe"), revision, setting("vcs.time", "2026-11-21T23:30:00-02:00"), setting("vcs.modified", "false"),
			}},
			"v1.2.0 (2f6a9c1b3d4e, 2026-11-22), go1.26.0",
		},
		{
			debug.BuildInfo{Settings: []debug.BuildSetting{revision, setting("vcs.time", "yesterday"), setting("vcs.modified", "true")}},
			"devel (2f6a9c1b3d4e, modified)",
		},
		{debug.BuildInfo{Settings: []debug.BuildSetting{setting("vcs.revision", "r7")}}, "devel (r7)"},
	}
	for _, tt := range tests {
		if got := build.Read(&tt.recorded).String(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestVersionOfThisTest(t *testing.T) {
	if got := build.Version(); got.Go != runtime.Version() || got.Version == "" {
		t.Errorf("got %+v, want Go %s and a version", got, runtime.Version())
	}
}
