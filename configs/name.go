package configs

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// kernelName is the name of a network device: a bridge's internal port.
type kernelName string

// portName is the name of a port that the kernel does not see.
type portName string

// hostName is the profile's name and a certificate's CN.
type hostName string

// Longest names: IFNAMSIZ is 16 with its final zero (include/uapi/linux/if.h);
// a certificate's common name has 64 characters (RFC 5280, ub-common-name).
const (
	maxKernelName = 15
	maxPortName   = 63
	maxHostName   = 64
)

// UnmarshalText reads a device name.
func (n *kernelName) UnmarshalText(text []byte) error {
	if err := checkName(string(text), maxKernelName, "the kernel's limit for network devices"); err != nil {
		return err
	}
	if s := string(text); s == "lo" || s == "ovs-netdev" {
		return fmt.Errorf("%q is a device that is always there; choose another name", s)
	}
	*n = kernelName(text)
	return nil
}

// UnmarshalText reads a port name.
func (n *portName) UnmarshalText(text []byte) error {
	if err := checkName(string(text), maxPortName, "the limit for ports the kernel does not see"); err != nil {
		return err
	}
	*n = portName(text)
	return nil
}

// UnmarshalText reads a host name.
func (n *hostName) UnmarshalText(text []byte) error {
	if err := checkName(string(text), maxHostName, "the limit of a certificate's common name"); err != nil {
		return err
	}
	*n = hostName(text)
	return nil
}

// CheckBridgeName says what keeps a name from being a bridge's, in words that follow
// "bridge"; nil for one that a profile could have.
func CheckBridgeName(name string) error {
	var n kernelName
	return n.UnmarshalText([]byte(name))
}

// checkName keeps names to what a shell, a path, an ovs-vsctl argument and a
// metric label take without quoting.
func checkName(name string, limit int, whose string) error {
	if name == "" {
		return errors.New("is empty; a name has letters, digits, dots, dashes and underscores")
	}
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
		switch {
		case letter || i > 0 && (r == '.' || r == '-'):
		case r > unicode.MaxASCII:
			return fmt.Errorf("%q holds %q (%U), which is not ASCII: two names could look alike and differ; use letters, digits, dots, dashes and underscores", name, r, r)
		case i == 0 && (r == '.' || r == '-'):
			return fmt.Errorf("%q begins with %q, which tools take for an option or a hidden file; begin with a letter or digit", name, r)
		default:
			return fmt.Errorf("%q holds %q; use letters, digits, dots, dashes and underscores", name, r)
		}
	}
	if len(name) > limit {
		return fmt.Errorf("%q has %d characters, over %s of %d", name, len(name), whose, limit)
	}
	return nil
}

// label is text that OVS only stores: an iface-id, a physical network, a user.
type label string

// UnmarshalText reads a label: printable ASCII without spaces, or nothing.
func (l *label) UnmarshalText(text []byte) error {
	if err := printable(string(text), "\" "); err != nil {
		return err
	}
	*l = label(text)
	return nil
}

// argument is one argument of EAL. It may hold quotes, no space.
type argument string

// UnmarshalText reads an argument.
func (a *argument) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return errors.New("is empty; remove the line")
	}
	if strings.ContainsRune(string(text), ' ') {
		return fmt.Errorf("%q holds a space; write each EAL argument as an item of its own", text)
	}
	if err := printable(string(text), ""); err != nil {
		return err
	}
	*a = argument(text)
	return nil
}

func printable(text, without string) error {
	if len(text) > 255 {
		return fmt.Errorf("has %d characters; 255 are enough", len(text))
	}
	for _, r := range text {
		if r > unicode.MaxASCII || !unicode.IsPrint(r) || strings.ContainsRune(without, r) {
			return fmt.Errorf("%q holds %q; printable ASCII characters without spaces are valid", text, r)
		}
	}
	return nil
}

// collector is host:port of a flow collector.
type collector string

var hostForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)

// UnmarshalText reads host:port; an IPv6 address stands in brackets.
func (c *collector) UnmarshalText(text []byte) error {
	t := string(text)
	wrong := fmt.Errorf("%q is no collector; write address:port, for instance 192.0.2.7:4739 or [2001:db8::7]:4739", t)
	i := strings.LastIndexByte(t, ':')
	if i < 0 {
		return fmt.Errorf("%q has no port; write %s:4739", t, t)
	}
	if _, err := portNumber(t[i+1:]); err != nil {
		return wrong
	}
	host := t[:i]
	if inner, found := strings.CutPrefix(host, "["); found {
		a, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		if err != nil || !a.Is6() || a.Zone() != "" || !strings.HasSuffix(inner, "]") {
			return wrong
		}
	} else if !hostForm.MatchString(host) {
		return wrong
	}
	*c = collector(t)
	return nil
}

func portNumber(text string) (uint16, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 || text[0] == '0' {
		return 0, fmt.Errorf("%q is no port; valid: 1 to 65535", text)
	}
	return uint16(n), nil
}
