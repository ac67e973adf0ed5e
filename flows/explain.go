package flows

import (
	"fmt"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Names says whose a cookie is, in an operator's words: "switch port vm1".
type Names func(cookie uint64) string

// NamesOf is the names of all rows of a snapshot. It walks the snapshot once.
func NamesOf(s *logical.Snapshot) Names {
	names := map[uint64]string{0: "constant"}
	for e := range s.All() {
		if c := Cookie(e.Ref()); c != 0 {
			names[c] = e.Ref().Kind.String() + " " + logical.Name(e)
		}
	}
	return func(cookie uint64) string {
		if name, ok := names[cookie]; ok {
			return name
		}
		kind, digits, ok := Owner(cookie)
		if !ok {
			return "not ours"
		}
		return fmt.Sprintf("%s …%015x, which is gone", kind, digits)
	}
}

// Text is the rules as ovs-ofctl dump-flows and dump-groups print them, table by
// table, with the owner behind each flow.
func (r Rules) Text(names Names) string {
	var b strings.Builder
	last := -1
	for _, f := range r.Flows {
		if int(f.Table) != last {
			last = int(f.Table)
			fmt.Fprintf(&b, "# table %d %s\n", f.Table, Table(f.Table))
		}
		owner := names(f.Cookie)
		f.Cookie = 0
		fmt.Fprintf(&b, "%s  # %s\n", strings.TrimPrefix(f.String(), "cookie=0x0, "), owner)
	}
	if len(r.Groups) > 0 {
		b.WriteString("# groups\n")
	}
	for i := range r.Groups {
		fmt.Fprintln(&b, groupText(&r.Groups[i]))
	}
	return b.String()
}

func groupText(g *of.GroupEntry) string {
	var b strings.Builder
	kind := map[of.GroupType]string{of.GroupAll: "all", of.GroupSelect: "select", of.GroupIndirect: "indirect", of.GroupFailover: "ff"}[g.Type]
	fmt.Fprintf(&b, "group_id=%d,type=%s", g.ID, kind)
	if g.Method.Name != "" {
		fmt.Fprintf(&b, ",selection_method=%s", g.Method.Name)
	}
	for _, f := range g.Method.Fields {
		fmt.Fprintf(&b, ",fields(%s)", f.Field())
	}
	for _, k := range g.Buckets {
		fmt.Fprintf(&b, "\n  bucket=bucket_id:%d", k.ID)
		if g.Type == of.GroupSelect {
			fmt.Fprintf(&b, ",weight:%d", k.Weight)
		}
		if k.WatchPort != 0 {
			fmt.Fprintf(&b, ",watch_port:%s", k.WatchPort)
		}
		if k.WatchGroup != 0 {
			fmt.Fprintf(&b, ",watch_group:%d", k.WatchGroup)
		}
		fmt.Fprintf(&b, ",actions=%s", k.Actions)
	}
	return b.String()
}
