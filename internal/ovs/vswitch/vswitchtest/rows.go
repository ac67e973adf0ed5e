// Package vswitchtest has what tests need to speak of databases in text and to
// see what changes make of them.
package vswitchtest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Rows reads lines like
//
//	Port p1 in Bridge br0 owner=profile keys=tag tag=5 former:tag=7
//	Interface p1 in Port p1 type=dpdk ~link=up ~mtu=1500 ~numa_id=0
//
// With ~ stands what vswitchd reports: link, mtu, mac, ofport and error, or a key
// of Interface.status; and guest, what else tells of one. keys=* are all settings of the row. Values with blanks
// stand in double quotes; lines that begin with # are comments.
func Rows(t testing.TB, text string) []vswitch.ObservedRow {
	t.Helper()
	var rows []vswitch.ObservedRow
	for line := range strings.Lines(text) {
		ws := words(strings.TrimSpace(line))
		if len(ws) == 0 || strings.HasPrefix(ws[0], "#") {
			continue
		}
		r := vswitch.ObservedRow{UUID: "uuid of " + ws[1]}
		r.ID, r.Settings = vswitch.ID{Table: vswitch.Table(ws[0]), Name: ws[1]}, vswitch.Settings{}
		ws = ws[2:]
		if r.Table == vswitch.BridgeTable {
			r.Parent = vswitch.Root
		}
		if r.Table == vswitch.IfaceTable {
			r.Status = &vswitch.InterfaceStatus{Status: map[string]string{}}
		}
		if len(ws) > 2 && ws[0] == "in" {
			r.Parent = vswitch.ID{Table: vswitch.Table(ws[1]), Name: ws[2]}
			ws = ws[3:]
		}
		for _, w := range ws {
			key, value, ok := strings.Cut(w, "=")
			former, isFormer := strings.CutPrefix(key, "former:")
			status, isStatus := strings.CutPrefix(key, "~")
			switch {
			case !ok:
				t.Fatalf("%q in %q is no setting", w, line)
			case isStatus:
				report(t, r.Status, status, value)
			case key == "owner":
				r.Mark.Owner = value
			case key == "keys" && value == "*": // all that follow
				r.Mark.Keys = []string{"*"}
			case key == "keys":
				r.Mark.Keys = strings.Split(value, "+")
			case isFormer:
				if r.Mark.Former == nil {
					r.Mark.Former = map[string]string{}
				}
				r.Mark.Former[former] = value
			default:
				r.Settings[key] = value
			}
		}
		if slices.Equal(r.Mark.Keys, []string{"*"}) {
			r.Mark.Keys = r.Settings.Names()
		}
		rows = append(rows, r)
	}
	vswitch.SortObserved(rows)
	return rows
}

func report(t testing.TB, s *vswitch.InterfaceStatus, key, value string) {
	t.Helper()
	number := func() *int64 {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return &n
	}
	switch key {
	case "link":
		s.LinkState = value
	case "mtu":
		s.MTU = number()
	case "ofport":
		s.OFPort = number()
	case "mac":
		s.MACInUse = value
	case "error":
		s.Error = value
	case "guest":
		s.Guest = value
	default:
		s.Status[key] = value
	}
}

// words splits at blanks outside of double quotes.
func words(line string) []string {
	quoted := false
	ws := strings.FieldsFunc(line, func(r rune) bool {
		quoted = quoted != (r == '"')
		return r == ' ' && !quoted
	})
	for i := range ws {
		ws[i] = strings.ReplaceAll(ws[i], `"`, "")
	}
	return ws
}

// Lines is the inverse of Rows, less the status, for what a test made up.
func Lines(o vswitch.Observed) string {
	var b strings.Builder
	for _, r := range o.Rows {
		fmt.Fprintf(&b, "%s", r.ID)
		if r.Parent != (vswitch.ID{}) && r.Parent != vswitch.Root {
			fmt.Fprintf(&b, " in %s", r.Parent)
		}
		if r.Mark.Owner != "" {
			fmt.Fprintf(&b, " owner=%s", r.Mark.Owner)
		}
		if len(r.Mark.Keys) > 0 {
			fmt.Fprintf(&b, " keys=%s", strings.Join(r.Mark.Keys, "+"))
		}
		for _, name := range r.Settings.Names() {
			if v := r.Settings[name]; strings.Contains(v, " ") {
				fmt.Fprintf(&b, " %s=%q", name, v)
			} else {
				fmt.Fprintf(&b, " %s=%s", name, v)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(r.Mark.Former)) {
			fmt.Fprintf(&b, " former:%s=%s", name, r.Mark.Former[name])
		}
		b.WriteByte('\n')
	}
	return b.String()
}
