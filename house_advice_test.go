package sluice_test

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// harm is a command that no document, help, alert or finding may tell an operator to run.
type harm struct {
	command *regexp.Regexp
	// does is what it does, and in which releases of OVS.
	does string
	// unless matches the paragraph that names the command to warn of it; nil = there is none.
	unless *regexp.Regexp
}

func harms() []harm {
	return []harm{
		{
			// lib/netdev-dpdk.c, netdev_dpdk_get_mempool_info. "without a port" is no port.
			regexp.MustCompile(`get-mempool-info[ \t]+([A-Z<${%]|[a-z]+[0-9])`),
			"ends a 2.17 before 2.17.11, 3.0 before 3.0.8, 3.1 before 3.1.6, 3.2 before 3.2.4 or 3.3 before 3.3.2 where the port has no mempool yet",
			nil,
		},
		{
			regexp.MustCompile(`get-mempool-info\W+(with a port|of a port)`),
			"ends an OVS where the port has no mempool yet",
			regexp.MustCompile(`(?i)never|crash`),
		},
		{
			// lib/dpctl.c, dpctl_del_if: ofproto's backer is not told, and does not make the port again (seen with 3.1).
			regexp.MustCompile(`dpctl[/ ]del-(if|dp)`),
			"takes a port from below ovs-vswitchd, which does not make it again: with a tunnel's backer go all tunnels of its kind (all releases)",
			regexp.MustCompile(`(?i)never`),
		},
		{
			// lib/dpctl.c, show_dpif: it leaks and races with PMDs in some release.
			regexp.MustCompile(`dpctl[/ ]show +-s`),
			"crashes or leaks in some release",
			regexp.MustCompile(`(?i)never asked`),
		},
		{
			regexp.MustCompile(`dpctl[/ ]del-flows`),
			"makes every packet's flow an upcall at once; the revalidators are told of none of it (all releases)",
			nil,
		},
		{
			// ofproto/ofproto-dpif-upcall.c: resuming twice blocks for ever, and a paused switch does not end.
			regexp.MustCompile(`revalidator/(pause|resume)`),
			"stops what takes back old megaflows, and keeps ovs-vswitchd from ending (all releases)",
			nil,
		},
		{
			regexp.MustCompile(`exit +--cleanup`),
			"takes the datapath down with ovs-vswitchd (all releases)",
			nil,
		},
		{
			regexp.MustCompile(`gcore`),
			"stops every thread, the PMDs' too, while it writes",
			regexp.MustCompile(`(?i)stops? (of )?the data plane`),
		},
	}
}

// paragraphs lie between these.
var paragraphs = regexp.MustCompile(`\n\s*\n|\n\s*[-|#] ?`)

// anyCommand is in every text with a harmful command, and found fast.
var anyCommand = regexp.MustCompile(`get-mempool-info|dpctl|revalidator|cleanup|gcore`)

// adviceIn returns what is harmful in a text; paragraphs, items of lists and rows of tables stand for themselves.
func adviceIn(text string) []string {
	var complaints []string
	if !anyCommand.MatchString(text) {
		return nil
	}
	for _, paragraph := range paragraphs.Split(text, -1) {
		for _, h := range harms() {
			found := h.command.FindString(paragraph)
			if found != "" && (h.unless == nil || !h.unless.MatchString(paragraph)) {
				complaints = append(complaints, strconv.Quote(found)+" "+h.does)
			}
		}
	}
	return complaints
}

// TestNoHarmfulAdvice looks through everything that tells an operator what to do.
func TestNoHarmfulAdvice(t *testing.T) {
	walk(t, func(name, text string) {
		for _, complaint := range adviceIn(text) {
			t.Errorf("%s: %s", name, complaint)
		}
	}, ".md", ".yaml", ".yml", ".json", ".html")
	for _, f := range sources(t) {
		if f.test {
			continue
		}
		ast.Inspect(f.file, func(n ast.Node) bool {
			l, ok := n.(*ast.BasicLit)
			if !ok || l.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(l.Value)
			if err != nil {
				t.Errorf("%s: %s: %v", f.path, l.Value, err)
			}
			for _, complaint := range adviceIn(text) {
				t.Errorf("%s: %s", f.path, complaint)
			}
			return true
		})
	}
}

// TestAdviceBites: what must be found is, and what warns is not.
func TestAdviceBites(t *testing.T) {
	for text, want := range map[string]int{
		"- `ovs-appctl netdev-dpdk/get-mempool-info PORT`: who shares the pool.": 1,
		"ovs-appctl netdev-dpdk/get-mempool-info vhost0":                         1,
		"`netdev-dpdk/get-mempool-info` without a port":                          0,
		"netdev-dpdk/get-mempool-info, every 30 s":                               0,
		"remove it (dpctl/del-if).":                                              1,
		"ovs-dpctl del-if dp p":                                                  1,
		"Never\nremove it by dpctl/del-if.":                                      0,
		"Never do that.\n\n- dpctl/del-if PORT":                                  1,
		"take a core of it before (`gcore`)":                                     1,
		"`gcore` stops the data plane while it writes":                           0,
		"ovs-appctl dpctl/show -s, revalidator/pause, exit --cleanup":            3,
		"ovs-appctl dpctl/show, dpctl/dump-flows":                                0,
	} {
		if got := adviceIn(text); len(got) != want {
			t.Errorf("%q: %s, want %d", text, strings.Join(got, "; "), want)
		}
	}
}
