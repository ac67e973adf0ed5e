package appctl

import (
	"io"
	"strings"
)

// ParseMemory reads the reply of memory/show: how many objects of each kind
// ovs-vswitchd or ovsdb-server holds ("rules", "udpif keys",
// "idl-cells-Open_vSwitch"). Kinds without any are left out.
//
// Printed by compose_report of lib/memory.c, in one line, the same from OVS 2.17
// to 4.0; the kinds differ between releases and some have blanks in their names.
func ParseMemory(r io.Reader) (map[string]uint64, error) {
	counts := map[string]uint64{}
	err := eachLine(r, "memory/show", func(line string) bool {
		kind := ""
		for word := range strings.SplitSeq(strings.TrimRight(line, " "), " ") {
			kind += word
			name, text, counted := cutLast(kind, ":")
			var count uint64
			if !counted || !number(&count, text, 64) {
				kind += " "
				continue
			}
			counts[name] = count
			kind = ""
		}
		return kind == ""
	})
	if err != nil {
		return nil, err
	}
	return counts, nil
}
