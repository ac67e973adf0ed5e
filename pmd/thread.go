package pmd

import (
	"strconv"
	"strings"
)

// ThreadCore returns the core of a PMD thread by the thread's name, "pmd-c01/id:9",
// as the kernel shows it, cut to 15 bytes: lib/dpif-netdev.c, dp_netdev_configure_pmd and
// reconfigure_pmd_threads, and lib/ovs-thread.c, ovsthread_wrapper, of OVS 2.17 to 4.0.
// False = the thread is no PMD.
func ThreadCore(name string) (core int, ok bool) {
	text, ok := strings.CutPrefix(name, "pmd-c")
	digits, _, ok2 := strings.Cut(text, "/")
	n, err := strconv.ParseUint(digits, 10, 31)
	return int(n), ok && ok2 && err == nil
}
