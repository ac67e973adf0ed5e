package logical

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// MaxName is the longest name, in bytes.
const MaxName = 63

// ValidateName says what is wrong with a name: it is printable text without
// spaces, commas and slashes, of 1 to MaxName bytes.
func ValidateName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("the name is empty")
	case len(name) > MaxName:
		return fmt.Errorf("name %.20q... has %d bytes: at most %d", name, len(name), MaxName)
	case !utf8.ValidString(name):
		return fmt.Errorf("name %q is no UTF-8", name)
	}
	for _, r := range name {
		switch {
		case r == '/' || r == ',' || unicode.IsSpace(r):
			return fmt.Errorf("name %q: %q may not be in a name", name, r)
		case !unicode.IsPrint(r):
			return fmt.Errorf("name %q: %U is not printable", name, r)
		}
	}
	return nil
}

// LinkNames are the names of the two ports that connect a router and a switch:
// TupleNet's <LR>_to_<LS> at the router, <LS>_to_<LR> at the switch.
func LinkNames(router, sw string) (routerPort, switchPort string) {
	return router + "_to_" + sw, sw + "_to_" + router
}
