package vswitch_test

import (
	"testing"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

func TestNameIn(t *testing.T) {
	sleep := vswitch.Key{Name: "new", Since: "3.2", OldName: "old", OldSince: "3.1"}
	gone := vswitch.Key{Name: "gone", Until: "4.0"}
	tests := []struct {
		key     vswitch.Key
		release string
		name    string
		known   bool
	}{
		{sleep, "2.17.12", "old", false},
		{sleep, "3.1.0", "old", true},
		{sleep, "3.2", "new", true},
		{sleep, "", "new", true},
		{gone, "3.7.1", "gone", true},
		{gone, "4.0.0", "", false},
	}
	for _, tt := range tests {
		name, known := tt.key.NameIn(tt.release)
		if known != tt.known || known && name != tt.name {
			t.Errorf("%s in %s: %q %v, want %q %v", tt.key.Name, tt.release, name, known, tt.name, tt.known)
		}
	}
}
