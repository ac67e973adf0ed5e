// Package respond makes the daemon's own packets: DHCP and DHCPv6 replies, router
// advertisements, DNS answers, neighbour advertisements and ICMP errors, each from a
// packet that the switch handed over and the logical network. It is pure: nothing is
// leased and nothing remembered, as the network says who has which address.
package respond
