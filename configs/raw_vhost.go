package configs

import "path"

// rawVHost is the ports of fixed guests.
type rawVHost struct {
	// One port for each virtual NIC. The API and the CNI plugin add more at run time.
	Ports []rawVHostPort `yaml:"ports"`
}

// rawVHostPort is one vhost-user-client port: the guest makes the socket.
type rawVHostPort struct {
	// Name of the port in OVS and of its socket directory.
	Name portName `yaml:"name" jsonschema:"required" example:"vm1-eth0"`
	// Bridge of this profile that has the port.
	Bridge kernelName `yaml:"bridge" jsonschema:"required" example:"br-int"`
	// Queue pairs that the guest is expected to negotiate.
	Queues int `yaml:"queues" jsonschema:"minimum=1,maximum=128" why:"DPDK's vhost knows 128 queue pairs"`
	// MTU; it decides the size of packet buffers.
	MTU int `yaml:"mtu" jsonschema:"minimum=68,maximum=9702" why:"OVS takes frames of 94 to 9728 bytes"`
	// The guest's MAC address, recorded as attached-mac; the guest owns it.
	MAC macAddress `yaml:"mac"`
	// Name of the port in the logical network (iface-id).
	LogicalPort label `yaml:"logicalPort"`
	// Path of the socket. Default: socketDir/port/port.sock; each port has a directory of its own.
	Socket socketPath `yaml:"socket"`
	// Owner and mode of that directory, which is setgid besides.
	Access rawAccess `yaml:"access"`
	// How often a packet is tried again when the guest's queue is full.
	TxRetries int `yaml:"txRetries" jsonschema:"minimum=0,maximum=32" why:"OVS tries again 32 times at most (tx-retries-max)"`
	// 802.1Q.
	VLAN rawVLAN `yaml:"vlan"`
	// Limits of what the guest sends (ingress) and receives (egress).
	RateLimit rawRateLimit `yaml:"rateLimit"`
}

func (r *rawVHostPort) setDefaults() {
	r.Queues, r.MTU, r.TxRetries = 1, 1500, 8
}

func (r *rawVHostPort) check(say func(key, format string, args ...any)) {
	r.RateLimit.fits(r.MTU, say)
}

// rawAccess is the owner and mode of a socket directory.
type rawAccess struct {
	// Owner; "" leaves it unchanged.
	User label `yaml:"user"`
	// Group, which the guest's process belongs to; "" leaves it unchanged.
	Group label `yaml:"group"`
	// Permission bits in octal, "0770"; "0000" leaves them unchanged.
	Mode fileMode `yaml:"mode"`
}

func (r *rawAccess) setDefaults() { *r = rawAccess{User: "root", Group: "kvm", Mode: 0o770} }

func (r *rawAccess) check(say func(key, format string, args ...any)) {
	if r.Mode&0o002 != 0 {
		say("mode", "%04o lets every user put a socket where the guest's belongs, and so become the guest; clear the last write bit: %04o", uint32(r.Mode), uint32(r.Mode)&^0o002)
	}
	if r.Mode != 0 && r.Mode&0o700 != 0o700 {
		say("mode", "%04o keeps the owner out of the directory; write for instance \"0770\"", uint32(r.Mode))
	}
}

// defaultSocket is where a port's socket is unless the profile says otherwise.
func defaultSocket(dir, port string) string { return path.Join(dir, port, port+".sock") }
