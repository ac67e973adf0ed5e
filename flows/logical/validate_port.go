package logical

import (
	"slices"
)

func (e *SwitchPort) validate() error {
	faults := []error{
		ValidateName(e.Name), needs(e.Switch.IsZero(), "it has no switch"),
		oneOf("kind", e.Kind, PortGuest, PortRouter, PortOutside, PortLocalnet, PortUnknown),
		needs(e.Key > MaxPortKey, "key %d is above %d", e.Key, MaxPortKey),
		needs(e.Tag > 4094, "VLAN tag %d is not in 1 to 4094", e.Tag),
		needs(e.Trunk.IsZero() != (e.Tag == 0), "a port of a trunk has both the parent and its tag"),
		needs(!e.Trunk.IsZero() && e.Trunk == e.ID, "it cannot carry itself"),
		needs(!e.Trunk.IsZero() && e.Kind != PortGuest && e.Kind != PortUnknown, "a %s port is not behind a trunk", e.Kind),
		needs(e.Peer != "" && e.Kind != PortRouter, "a %s port has no peer", e.Kind),
	}
	switch e.Kind {
	case PortGuest, PortRouter:
		faults = append(faults, needs(e.MAC.IsZero(), "it has no MAC"), needs(e.Kind == PortRouter && len(e.Addresses) == 0, "it has no address"))
	case PortOutside:
		faults = append(faults, needs(e.Host == "", "an outside port needs a host"), needs(e.Bridge == "", "an outside port needs a bridge"))
	case PortLocalnet, PortUnknown:
	}
	return about("port", e.Name, append(faults, e.validateAddresses())...)
}

func (e *SwitchPort) validateAddresses() error {
	var faults []error
	if e.Kind == PortOutside || e.Kind == PortLocalnet || e.Kind == PortUnknown {
		faults = append(faults, needs(!e.MAC.IsZero() || len(e.MoreMACs) > 0 || len(e.Addresses) > 0,
			"the addresses behind a port of kind %s are not its own: it has none", e.Kind))
	}
	for i, m := range append([]MAC{e.MAC}, e.MoreMACs...) {
		faults = append(faults, needs(m.IsMulticast() || i > 0 && m.IsZero(), "MAC %s: no port can have it", m))
	}
	for i, a := range e.Addresses {
		faults = append(faults, unicast("address", a), needs(slices.Contains(e.Addresses[:i], a), "address %s stands twice", a))
	}
	return join(faults...)
}
