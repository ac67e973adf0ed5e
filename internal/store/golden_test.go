package store

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

var uuids = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// describe prints a snapshot, names in place of UUIDs, one line an entity.
func describe(s *logical.Snapshot) string {
	names := map[string]string{}
	for e := range s.All() {
		names[e.Ref().UUID.String()] = logical.Name(e)
	}
	for d := range s.Datapaths() {
		names[d.ID.String()] = fmt.Sprintf("datapath%d", d.Key)
	}
	var lines []string
	for e := range s.All() {
		text := fmt.Sprintf("%+v", e)
		text = uuids.ReplaceAllStringFunc(text, func(u string) string {
			switch {
			case u == (logical.UUID{}).String():
				return "-"
			case names[u] == u: // a row without a name
				return "*"
			}
			return names[u]
		})
		lines = append(lines, fmt.Sprintf("%v %s", e.Ref().Kind, text))
	}
	slices.Sort(lines)
	return fmt.Sprintf("generation %d\n%s\n", s.Generation(), strings.Join(lines, "\n"))
}
