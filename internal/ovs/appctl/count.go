package appctl

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseCount reads the reply of a command that prints one number alone, as
// dpctl/ct-get-nconns and dpctl/ct-get-maxconns do (lib/dpctl.c, OVS 2.17 to 4.0).
func ParseCount(command, text string) (uint64, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %.100q: %w", command, text, ErrFormat)
	}
	return n, nil
}
