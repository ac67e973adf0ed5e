package configs

import "github.com/sluice-nfv/sluice/internal/ovs/vswitch"

// rawVLAN is a port's way with 802.1Q tags.
type rawVLAN struct {
	// none leaves OVS's own default, a trunk of all VLANs.
	Mode vswitch.VLANMode `yaml:"mode" jsonschema:"enum=none,enum=access,enum=trunk,enum=native-tagged,enum=native-untagged"`
	// The VLAN of an access port, or the native VLAN.
	Tag *int `yaml:"tag" jsonschema:"minimum=0,maximum=4094" why:"802.1Q keeps 4095 for itself"`
	// The VLANs of a trunk; none named = all.
	Trunks []int `yaml:"trunks" jsonschema:"minimum=0,maximum=4095" why:"a VLAN number has 12 bits"`
}

func (r *rawVLAN) setDefaults() { r.Mode = vswitch.VLANNone }

func (r *rawVLAN) check(say func(key, format string, args ...any)) {
	needsTag := r.Mode != vswitch.VLANNone && r.Mode != vswitch.VLANTrunk
	mayTrunk := r.Mode != vswitch.VLANNone && r.Mode != vswitch.VLANAccess
	if needsTag && r.Tag == nil {
		say("tag", "is missing, but mode %s needs it; write for instance tag: 100", r.Mode)
	}
	if !needsTag && r.Tag != nil {
		say("tag", "has no meaning in mode %s; remove it, or write mode: access", r.Mode)
	}
	if !mayTrunk && len(r.Trunks) > 0 {
		say("trunks", "has no meaning in mode %s; remove it, or write mode: trunk", r.Mode)
	}
	seen := map[int]bool{}
	for _, vid := range r.Trunks {
		if seen[vid] {
			say("trunks", "names VLAN %d twice; keep one of them", vid)
		}
		seen[vid] = true
	}
}

func (r rawVLAN) spec() vswitch.VLAN {
	v := vswitch.VLAN{Mode: r.Mode, Trunks: r.Trunks}
	if r.Tag != nil {
		v.Tag = *r.Tag
	}
	return v
}

func vlanOf(v vswitch.VLAN) rawVLAN {
	r := rawVLAN{Mode: v.Mode, Trunks: v.Trunks}
	if r.Mode == "" {
		r.Mode = vswitch.VLANNone
	}
	if v.Mode != "" && v.Mode != vswitch.VLANNone && v.Mode != vswitch.VLANTrunk {
		r.Tag = &v.Tag
	}
	return r
}

// rawRateLimit limits a port. Directions are OVS's: ingress is what the port
// receives, for a guest's port what the guest sends.
type rawRateLimit struct {
	// What the port receives (of a guest's port: what the guest sends).
	Ingress rawRate `yaml:"ingress"`
	// What is sent out of the port.
	Egress rawRate `yaml:"egress"`
}

// rawRate is one direction's limit.
type rawRate struct {
	// Bits of IP packets (without Ethernet header) per second with k, M, G or T; 0 = no limit.
	Rate bitRate `yaml:"rate"`
	// Bytes that may pass at once. Default: 10 ms of the rate, at least 64 kB.
	Burst byteSize `yaml:"burst"`
}

func (r *rawRate) check(say func(key, format string, args ...any)) {
	if r.Rate == 0 && r.Burst > 0 {
		say("burst", "is set, but rate is 0, which is no limit; write a rate, or remove burst")
	}
	if r.Rate > 0 && r.Rate < 1000 {
		say("rate", "%d bits per second is less than OVS counts, in thousands; a forgotten unit? Write for instance %dM", r.Rate, r.Rate)
	}
}

// fits refuses a burst that no packet of full size can pass.
func (r rawRateLimit) fits(mtu int, say func(key, format string, args ...any)) {
	for _, k := range []struct {
		key  string
		rate rawRate
	}{{"ingress", r.Ingress}, {"egress", r.Egress}} {
		if k.rate.Burst > 0 && k.rate.Burst < byteSize(mtu) {
			say("rateLimit."+k.key+".burst", "%d bytes is less than one packet of the port's MTU of %d, so none of that size would ever pass; write %d or more, or leave it out for 10 ms of the rate",
				k.rate.Burst, mtu, mtu)
		}
	}
}

func (r rawRate) spec() vswitch.Rate {
	return vswitch.Rate{BitsPerSecond: uint64(r.Rate), BurstBytes: uint64(r.Burst)}
}

func (r rawRateLimit) spec() vswitch.RateLimit {
	return vswitch.RateLimit{Ingress: r.Ingress.spec(), Egress: r.Egress.spec()}
}

func rateOf(r vswitch.Rate) rawRate {
	return rawRate{Rate: bitRate(r.BitsPerSecond), Burst: byteSize(r.BurstBytes)}
}

func rateLimitOf(l vswitch.RateLimit) rawRateLimit {
	return rawRateLimit{Ingress: rateOf(l.Ingress), Egress: rateOf(l.Egress)}
}
