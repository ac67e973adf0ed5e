package bench

import (
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// vsctlArgs returns the arguments of one ovs-vsctl invocation that makes these
// rows in one transaction, as an operator would write them: bridges, ports of one
// interface each, and their settings. Marks of ownership are left out.
func vsctlArgs(rows []vswitch.Row) []string {
	var args []string
	say := func(words ...string) {
		if len(args) > 0 {
			args = append(args, "--")
		}
		args = append(args, words...)
	}
	for _, r := range rows {
		switch {
		case r.Table == vswitch.BridgeTable:
			say("add-br", r.Name)
		case r.Table == vswitch.PortTable && r.Name != r.Parent.Name:
			say("add-port", r.Parent.Name, r.Name)
		}
		if len(r.Settings) == 0 {
			continue
		}
		words := []string{"set", string(r.Table), r.Name}
		for _, name := range r.Settings.Names() {
			words = append(words, name+"="+vsctlValue(name, r.Settings[name]))
		}
		say(words...)
	}
	return args
}

// vsctlValue quotes values of maps, which are strings to ovs-vsctl, where their
// commas and blanks would end them (ovs-vsctl(8), "Database Values").
func vsctlValue(setting, value string) string {
	if _, key := vswitch.Column(setting); key == "" {
		return value
	}
	if value == "" || strings.ContainsAny(value, " ,:={}[]\"\\()") {
		return strconv.Quote(value)
	}
	return value
}
