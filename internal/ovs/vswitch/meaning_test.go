package vswitch_test

import (
	"testing"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

func TestMeaning(t *testing.T) {
	keys := map[string]vswitch.Key{
		"isolate": {Kind: vswitch.Boolean, Default: "true"},
		"smc":     {Kind: vswitch.Boolean, Default: "false"},
		"lsc":     {Kind: vswitch.Boolean, Default: "true", OldDefault: "false", DefaultSince: "3.4"},
		"queues":  {Kind: vswitch.Number, Default: "1"},
		"mask":    {Kind: vswitch.Mask},
		"memory":  {Kind: vswitch.Amounts},
		"pins":    {Kind: vswitch.Pins},
		"extra":   {Kind: vswitch.Words},
		"init":    {Kind: vswitch.AnyCase, Choices: "true try false", Default: "false"},
		"assign":  {Choices: "cycles group", Default: "cycles"},
		"path":    {},
	}
	for _, tt := range []struct{ key, text, release, want string }{
		{"isolate", "", "", "true"},
		{"isolate", "no", "", "true"},
		{"isolate", "False", "", "false"},
		{"smc", "", "", "false"},
		{"smc", "yes", "", "false"},
		{"smc", "TRUE", "", "true"},
		{"lsc", "", "3.3.9", "false"},
		{"lsc", "", "3.4.0", "true"},
		{"lsc", "", "", "true"},
		{"lsc", "1", "3.1.0", "false"},
		{"queues", "", "", "1"},
		{"queues", "04", "", "4"},
		{"queues", "0x4", "", "1"},
		{"mask", "", "", ""},
		{"mask", "6", "", "0x6"},
		{"mask", "0X0aF", "", "0xaf"},
		{"mask", "0x00", "", "0x0"},
		{"memory", "1024,0,0", "", "1024"},
		{"memory", "0,1024", "", "0,1024"},
		{"memory", "0,0", "", "0"},
		{"memory", "", "", ""},
		{"pins", "1:7, 0:3", "", "0:3,1:7"},
		{"pins", "0:3,1", "", "0:3,1"},
		{"extra", " -a  0000:01:00.0 ", "", "-a 0000:01:00.0"},
		{"init", "TRY", "", "try"},
		{"init", "yes", "", "false"},
		{"assign", "Group", "", "cycles"},
		{"assign", "group", "", "group"},
		{"path", "/A b", "", "/A b"},
	} {
		if got := keys[tt.key].Meaning(tt.text, tt.release); got != tt.want {
			t.Errorf("%s=%q in %q means %q, want %q", tt.key, tt.text, tt.release, got, tt.want)
		}
	}
}
