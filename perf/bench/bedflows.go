package bench

import (
	"context"
	"fmt"
	"os"
	"strings"
)

// flowSet is all that a bridge has of OpenFlow, as ovs-ofctl reads it: a line each.
type flowSet struct{ flows, groups []string }

// dump reads what is on the bridge. With the order of the calls of ovs-save, of
// which it has the substitutions too (utilities/ovs-save.in, 2.17 to 4.0).
func (b *bed) dump(ctx context.Context) (flowSet, error) {
	flows, err := b.ofctl(ctx, "--no-stats", "--no-names", "dump-flows", "unix:"+b.socket())
	if err != nil {
		return flowSet{}, err
	}
	groups, err := b.ofctl(ctx, "--no-names", "dump-groups", "unix:"+b.socket())
	if err != nil {
		return flowSet{}, err
	}
	set := flowSet{flows: dumped(flows), groups: dumped(groups)}
	if len(set.flows) == 0 {
		return flowSet{}, fmt.Errorf("%s has no flow", integration)
	}
	return set, nil
}

func (b *bed) ofctl(ctx context.Context, args ...string) (string, error) {
	out, err := b.host.Command(ctx, "ovs-ofctl", append([]string{"-O", "OpenFlow15"}, args...)...).Output()
	return string(out), err
}

// dumped returns the lines of dump-flows or dump-groups that can be read again
// (lib/ofp-print.c, the same in 2.17 to 4.0): a heading, "OFPST_FLOW reply (OF1.5)
// (xid=0x2):", goes before each message's.
func dumped(text string) []string {
	igmp := strings.NewReplacer("igmp_type", "tp_src", "igmp_code", "tp_dst", "igmp", "ip,nw_proto=2")
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "OFPST_") {
			lines = append(lines, igmp.Replace(line))
		}
	}
	return lines
}

// bundle is the file that makes ovs-ofctl replace everything by the set, in one
// bundle (ovs-ofctl(8), "bundle").
func (s flowSet) bundle() string {
	var b strings.Builder
	b.WriteString("flow delete\ngroup delete group_id=all\n")
	for _, g := range s.groups {
		b.WriteString("group add " + g + "\n")
	}
	for _, f := range s.flows {
		b.WriteString("flow add " + f + "\n")
	}
	return b.String()
}

// install puts the set on the bridge in place of all that is there.
func (b *bed) install(ctx context.Context, s flowSet) error {
	file := b.host.Path("bundle.txt")
	if err := os.WriteFile(file, []byte(s.bundle()), 0o644); err != nil {
		return err
	}
	_, err := b.ofctl(ctx, "bundle", "unix:"+b.socket(), file)
	return err
}

// decTTL is what a router does.
const decTTL = "dec_ttl,"

// bareFlows are flows by hand that do for the bed's guests what the network does:
// the least that somebody would write who knows the two guests. check matches more
// of what a port sends, in is done first with what it sent, out last before a port
// gets it; each returns "", or text that ends in a comma. ttl is what is done to it by
// the router, likewise.
func bareFlows(check, in, out func(port int) string, ttl string) flowSet {
	gateway, behind := macOf(gatewayOf(0)), macOf(gatewayOf(1))
	var set flowSet
	for _, l := range lanes(switched) {
		set.flows = append(set.flows, fmt.Sprintf("in_port=%s,%sdl_dst=%s actions=%s%soutput:%s",
			bedPort(l.from), check(l.from), macOf(addressOf(l.to)), in(l.from), out(l.to), bedPort(l.to)))
	}
	for _, l := range lanes(byRouter) {
		for _, from := range []int{l.from, crowdPort} {
			set.flows = append(set.flows, fmt.Sprintf("in_port=%s,ip,%sdl_dst=%s,nw_dst=%s actions=%sset_field:%s->eth_src,set_field:%s->eth_dst,%s%soutput:%s",
				bedPort(from), check(from), gateway, addressOf(l.to), in(from), behind, macOf(addressOf(l.to)), ttl, out(l.to), bedPort(l.to)))
		}
	}
	return set
}
