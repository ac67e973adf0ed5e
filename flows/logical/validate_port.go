package logical

import (
	"fmt"
	"slices"
)

// validate makes no fault's words where there is none, nor room for them: of a network
// nearly all rows are ports, and a host's start waits for each.
func (e *SwitchPort) validate() error {
	var found faults
	note := func(err error) {
		if err != nil {
			found = append(found, err)
		}
	}
	note(ValidateName(e.Name))
	note(needs(e.Switch.IsZero(), "it has no switch"))
	note(oneOf("kind", e.Kind, PortGuest, PortRouter, PortOutside, PortLocalnet, PortUnknown))
	if e.Key > MaxPortKey {
		note(fmt.Errorf("key %d is above %d", e.Key, MaxPortKey))
	}
	if e.Tag > 4094 {
		note(fmt.Errorf("VLAN tag %d is not in 1 to 4094", e.Tag))
	}
	note(needs(e.Trunk.IsZero() != (e.Tag == 0), "a port of a trunk has both the parent and its tag"))
	note(needs(!e.Trunk.IsZero() && e.Trunk == e.ID, "it cannot carry itself"))
	if !e.Trunk.IsZero() && e.Kind != PortGuest && e.Kind != PortUnknown {
		note(fmt.Errorf("a %s port is not behind a trunk", e.Kind))
	}
	if e.Peer != "" && e.Kind != PortRouter {
		note(fmt.Errorf("a %s port has no peer", e.Kind))
	}
	switch e.Kind {
	case PortGuest, PortRouter:
		note(needs(e.MAC.IsZero(), "it has no MAC"))
		note(needs(e.Kind == PortRouter && len(e.Addresses) == 0, "it has no address"))
	case PortOutside:
		note(needs(e.Host == "", "an outside port needs a host"))
		note(needs(e.Bridge == "", "an outside port needs a bridge"))
	case PortLocalnet, PortUnknown:
	}
	e.validateAddresses(note)
	return about("port", e.Name, found...)
}

func (e *SwitchPort) validateAddresses(note func(error)) {
	own := e.Kind != PortOutside && e.Kind != PortLocalnet && e.Kind != PortUnknown
	if !own && (!e.MAC.IsZero() || len(e.MoreMACs) > 0 || len(e.Addresses) > 0) {
		note(fmt.Errorf("the addresses behind a port of kind %s are not its own: it has none", e.Kind))
	}
	if e.MAC.IsMulticast() {
		note(fmt.Errorf("MAC %s: no port can have it", e.MAC))
	}
	for _, m := range e.MoreMACs {
		if m.IsMulticast() || m.IsZero() {
			note(fmt.Errorf("MAC %s: no port can have it", m))
		}
	}
	for i, a := range e.Addresses {
		note(unicast("address", a))
		if slices.Contains(e.Addresses[:i], a) {
			note(fmt.Errorf("address %s stands twice", a))
		}
	}
}
