package host

import (
	"strings"
	"testing"
)

func FuzzCPULists(f *testing.F) {
	for _, s := range []string{"", "0-111", "(null)", "all", "8-N", "0-15:2/8", "N:1/1", "1,,2", "9999999999"} {
		f.Add(s, 127)
	}
	f.Fuzz(func(t *testing.T, list string, last int) {
		last = min(max(last, 0), 8191)
		for _, got := range []func() (string, error){
			func() (string, error) { s, err := parseCPUs([]byte(list)); return s.String(), err },
			func() (string, error) { s, err := parseKernelCPUs(list, last); return s.String(), err },
		} {
			text, err := got()
			if err != nil {
				continue
			}
			if again, err := parseCPUs([]byte(text)); err != nil || again.String() != text {
				t.Errorf("%q is read back as %q, %v", text, again, err)
			}
		}
	})
}

func FuzzParameter(f *testing.F) {
	f.Add(`quiet rcu_nocbs=1-3 dyndbg="a b" -- rcu_nocbs=8`)
	f.Add(`"a b=c`)
	f.Fuzz(func(t *testing.T, line string) {
		for _, w := range words(line) {
			if w == "" || strings.Contains(w, `"`) {
				t.Errorf("word %q of %q", w, line)
			}
		}
		if v, ok := parameter(line, "rcu_nocbs"); !ok && v != "" {
			t.Errorf("value %q of a parameter that is not there", v)
		}
	})
}

func FuzzCgroups(f *testing.F) {
	f.Add("4:cpu,cpuacct:/docker/x\n0::/\n", "1 2 0:1 /docker/x /c\\040d rw master:1 - cgroup cgroup rw,cpu\n", "max 100000")
	f.Add("0::/../../x\n", "29 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "1 2")
	f.Fuzz(func(t *testing.T, groups, mounts, limit string) {
		if q, err := parseCPUMax([]byte(limit)); err == nil && q < 0 {
			t.Errorf("a quota of %v from %q", q, limit)
		}
		gs, err1 := parseCgroups([]byte(groups))
		ms, err2 := parseMounts([]byte(mounts))
		if err1 != nil || err2 != nil {
			return
		}
		p, ok := locate(gs, ms, "cpu")
		if !ok {
			return
		}
		up := p.upward()
		if up[0] != p.dir() || strings.Contains(p.below+"/", "/../") {
			t.Errorf("%+v goes up by %v", p, up)
		}
	})
}

func FuzzRoutes(f *testing.F) {
	f.Add("Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT\neno1	00000000	0102000A	0003	0	0	100	00000000	0	0	0\n")
	zero := strings.Repeat("0", 32)
	f.Add(zero + " 00 " + zero + " 00 " + zero + " 00000400 00000002 00000000 00000003     eth0\n")
	f.Add("fe8000000000000000fc00fffe000001 02 40 20 80     eth0\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, parse := range []func([]byte) ([]string, error){parseRoutes4, parseRoutes6} {
			devices, err := parse([]byte(text))
			if err != nil && devices != nil {
				t.Errorf("devices %v and error %v", devices, err)
			}
			for _, d := range devices {
				if d == "" || !strings.Contains(text, d) {
					t.Errorf("device %q is not in the text", d)
				}
			}
		}
		addrs, err := parseAddresses6([]byte(text))
		if err != nil {
			return
		}
		for d, ps := range addrs {
			for _, p := range ps {
				if !p.IsValid() || d == "" {
					t.Errorf("address %v of device %q", p, d)
				}
			}
		}
	})
}

func FuzzNodeFiles(f *testing.F) {
	f.Add("Node 0 MemTotal:        4015864 kB\n", "10 21\n", "hugepages-2048kB", "(null)\n")
	f.Fuzz(func(t *testing.T, meminfo, distance, pool, override string) {
		if n, err := parseMemTotal([]byte(meminfo)); err != nil && n != 0 {
			t.Errorf("%d MiB with error %v", n, err)
		}
		ds, err := parseDistances([]byte(distance))
		if err == nil && len(ds) != len(strings.Fields(distance)) {
			t.Errorf("%q has %d distances", distance, len(ds))
		}
		if size, ok := poolSize(pool); ok && size == 0 {
			t.Errorf("a pool of pages of no size from %q", pool)
		}
		if got, _ := parseOverride([]byte(override)); got == "(null)" || got != strings.TrimSpace(got) {
			t.Errorf("override %q", got)
		}
	})
}
