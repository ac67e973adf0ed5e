package agent

import (
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// meanings knows what one release makes of the texts of settings.
type meanings struct {
	release string
	keys    map[vswitch.ID]vswitch.Key
	echoes  []echo
}

func newMeanings(release string) meanings {
	m := meanings{release: release, keys: map[vswitch.ID]vswitch.Key{}, echoes: echoes()}
	for _, k := range plan.Keys() {
		m.keys[vswitch.ID{Table: k.Table, Name: k.Name}] = k
	}
	return m
}

// of returns what a text means, in one form for all that mean the same.
func (m meanings) of(t vswitch.Table, setting, text string) string {
	return m.keys[vswitch.ID{Table: t, Name: setting}].Meaning(text, m.release)
}

// judged returns the settings of a wanted row that the database has so: of what
// waits to be written nothing can have been refused.
func (m meanings) judged(want vswitch.Row, is vswitch.Settings) vswitch.Settings {
	judged := vswitch.Settings{}
	for name, text := range want.Settings {
		if m.of(want.Table, name, text) == m.of(want.Table, name, is[name]) {
			judged[name] = text
		}
	}
	return judged
}

// written tells whether the database has all of a wanted row so.
func (m meanings) written(want vswitch.Row, is vswitch.Settings) bool {
	return len(m.judged(want, is)) == len(want.Settings)
}
