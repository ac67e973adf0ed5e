package host

import (
	"fmt"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// kernelPatience is how long the kernel may take for an answer: a question that was
// lost would otherwise be waited for without end, and a pass with it.
const kernelPatience = 5 * time.Second

// routeSocket asks the kernel for devices, addresses and routes.
func routeSocket() (*netlink.Handle, error) {
	h, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return nil, err
	}
	if err := h.SetSocketTimeout(kernelPatience); err != nil {
		h.Close()
		return nil, fmt.Errorf("netlink socket: %w", err)
	}
	return h, nil
}
