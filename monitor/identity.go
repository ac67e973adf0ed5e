package monitor

import (
	"strings"
	"unicode/utf8"
)

// Identity says whose an interface is; what is not known is empty.
type Identity struct {
	LogicalPort string
	VM          string // uuid
	MAC         string // that the guest shall have
	Pod         string
	Namespace   string
}

// IdentityOf reads the external_ids of an Interface row, or returns nil where they
// tell nothing. The keys: iface-id, attached-mac and vm-id or vm-uuid are OVS's own
// convention (Documentation/topics/integration.rst, vswitch.xml; nova writes vm-uuid,
// XenServer xs-vm-uuid); pod_name and pod_namespace are Kube-OVN's, pod-name and
// pod-namespace Antrea's. ovn-kubernetes writes a pod into iface-id, NAMESPACE_POD,
// and the id of its sandbox beside.
func IdentityOf(ids map[string]string) *Identity {
	first := func(keys ...string) string {
		for _, k := range keys {
			if v := ids[k]; v != "" {
				return v
			}
		}
		return ""
	}
	i := Identity{
		LogicalPort: first("iface-id"),
		VM:          first("vm-uuid", "vm-id", "xs-vm-uuid"),
		MAC:         first("attached-mac", "attached_mac"),
		Pod:         first("pod_name", "pod-name"),
		Namespace:   first("pod_namespace", "pod-namespace"),
	}
	if i.Pod == "" && ids["sandbox"] != "" {
		// Names of Kubernetes have no underscore. A second network stands before.
		if parts := strings.Split(i.LogicalPort, "_"); len(parts) >= 2 {
			i.Namespace, i.Pod = parts[len(parts)-2], parts[len(parts)-1]
		}
	}
	if i == (Identity{}) {
		return nil
	}
	return &i
}

const (
	// maxIdentities bounds the series of ovs_interface_identity_info.
	maxIdentities = 4096
	// maxIdentityValue bounds each of its labels, in bytes.
	maxIdentityValue = 128
)

// identities sends whose the interfaces are, and how many were left out.
func (e emitter) identities(all []InterfaceSample) {
	sent, hidden := 0, 0
	for _, s := range all {
		i := s.Identity
		switch {
		case i == nil:
			continue
		case sent == maxIdentities:
			hidden++
			continue
		}
		sent++
		e.emit(ifaceIdentity, 1, s.Bridge, s.Interface,
			clipped(i.LogicalPort), clipped(i.VM), clipped(i.MAC), clipped(i.Pod), clipped(i.Namespace))
	}
	if len(all) > 0 {
		e.emit(identitiesHidden, float64(hidden))
	}
}

// clipped shortens a value that somebody else wrote, between two characters.
func clipped(s string) string {
	if len(s) <= maxIdentityValue {
		return s
	}
	n := maxIdentityValue
	for n > maxIdentityValue-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
