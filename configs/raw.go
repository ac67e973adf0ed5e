package configs

import (
	"time"

	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// The raw types are the file as written. Their tags and comments are the one
// source of the decoder's rules and of the JSON Schema's; setDefaults is the
// one source of defaults.

// rawProfile says what a host shall be. A section that is absent owns nothing.
type rawProfile struct {
	// Version of this format.
	APIVersion string `yaml:"apiVersion" jsonschema:"required,enum=sluice/v1"`
	// What the file describes.
	Kind string `yaml:"kind" jsonschema:"required,enum=HostProfile"`
	// What commands call the host, and the common name of its certificate. Default: the host name.
	Name hostName `yaml:"name"`
	// What the daemon may do by itself.
	Apply rawApply `yaml:"apply"`
	// Which cores poll, and how queues are given to them.
	CPU *rawCPU `yaml:"cpu"`
	// The DPDK side of ovs-vswitchd as a whole.
	DPDK *rawDPDK `yaml:"dpdk"`
	// Bridges of the userspace datapath, with their physical ports and bonds.
	Bridges []rawBridge `yaml:"bridges"`
	// Ports of fixed guests.
	VHost *rawVHost `yaml:"vhost"`
	// This host's part in the logical network.
	Overlay *rawOverlay `yaml:"overlay"`
	// What is watched beyond the metrics that are always there.
	Monitor *rawMonitor `yaml:"monitor"`
}

// rawApply says what the daemon may do by itself.
type rawApply struct {
	// Changes that disturb packets wait for `sluicectl host apply` (ask), or are made at once (auto).
	Disruptive Disruptive `yaml:"disruptive" jsonschema:"enum=ask,enum=auto"`
}

func (r *rawApply) setDefaults() { r.Disruptive = Ask }

// rawMonitor is what is watched.
type rawMonitor struct {
	// Flow records that OVS samples and exports.
	IPFIX *rawIPFIX `yaml:"ipfix"`
}

// rawIPFIX is the export of flow records.
type rawIPFIX struct {
	// Where packets are sampled: off, in the pipeline at each port (ports), or on whole bridges (bridge). Default: ports where there is an overlay section, else off.
	Mode *ipfix.Mode `yaml:"mode" jsonschema:"enum=off,enum=ports,enum=bridge"`
	// One packet in this many is sampled. Each sample is an upcall in the PMD thread.
	Sampling int `yaml:"sampling" jsonschema:"minimum=1,maximum=4294967295"`
	// Address and port of the daemon's own collector.
	Listen endpoint `yaml:"listen"`
	// Further collectors, address:port. OVS sends to them itself, whether or not the daemon runs.
	ExportTo []collector `yaml:"exportTo"`
	// Bridges to sample in mode bridge.
	Bridges []kernelName `yaml:"bridges"`
	// How long OVS gathers the packets of a flow before it exports them; 0s = not at all, each sampled packet is a datagram of the PMD thread.
	CacheTimeout duration `yaml:"cacheTimeout"`
	// How many flows OVS gathers at a time; 0 = none.
	CacheFlows int `yaml:"cacheFlows" jsonschema:"minimum=0,maximum=4294967295"`
	// Largest number of flow series shown to Prometheus.
	MaxSeries int `yaml:"maxSeries" jsonschema:"minimum=0,maximum=1000000" why:"each series costs Prometheus memory"`
}

func (r *rawIPFIX) setDefaults() {
	r.Sampling = 400
	r.MaxSeries = 2000
	r.CacheTimeout, r.CacheFlows = duration(5*time.Second), 4096
	r.Listen = mustEndpoint("127.0.0.1:4739")
}

func (r *rawIPFIX) check(say func(key, format string, args ...any)) {
	if r.Mode != nil && *r.Mode == ipfix.ModeBridge && len(r.Bridges) == 0 {
		say("bridges", "names no bridge, but mode is bridge: nothing would be sampled; name one, or write mode: off")
	}
	if t := time.Duration(r.CacheTimeout); t < 0 || t > 4200*time.Second || t%time.Second != 0 {
		say("cacheTimeout", "%s is out of range: OVS takes whole seconds; valid: 0s to 4200s", t)
	}
}
