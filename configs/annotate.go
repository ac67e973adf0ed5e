package configs

import (
	"slices"

	"github.com/sluice-nfv/sluice/internal/finding"
)

// Annotate returns the findings with the line of each one's Path filled in,
// gravest first. The argument is left as it is.
func (p *Profile) Annotate(fs []finding.Finding) []finding.Finding {
	fs = slices.Clone(fs)
	for i := range fs {
		if fs[i].Line == 0 {
			fs[i].Line = p.Line(fs[i].Path)
		}
	}
	finding.Sort(fs)
	return fs
}
