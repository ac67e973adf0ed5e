package configs

import (
	"fmt"

	"github.com/sluice-nfv/sluice/internal/cpuset"
)

// cpus keeps explicit sets apart and pins on PMD cores. What auto and perNode
// will be is known with the host's topology only: the planner goes on there.
func (c *checker) cpus() {
	if c.CPU == nil {
		return
	}
	reserved, polling, guests := c.CPU.Reserved.Set, c.CPU.PMD.Set, c.CPU.Guests
	c.overlap("cpu.pmd", polling, "cpu.reserved", reserved, "a PMD thread polls without pause and would starve what else runs there")
	c.overlap("cpu.guests", guests, "cpu.reserved", reserved, "guests would wait for the operating system's work")
	c.overlap("cpu.guests", guests, "cpu.pmd", polling, "a PMD thread polls without pause and would starve the guest")
	for _, p := range c.dpdkPorts() {
		for i, pin := range p.RxAffinity {
			path := fmt.Sprintf("%s.rxAffinity[%d].cpu", p.Path, i)
			switch {
			case !polling.IsEmpty() && !polling.Contains(pin.CPU):
				c.say(path, "CPU %d is no PMD core, and OVS would poll the queue somewhere else; valid: %s of cpu.pmd", pin.CPU, polling)
			case reserved.Contains(pin.CPU):
				c.say(path, "CPU %d is in cpu.reserved (%s), where no PMD thread runs; name another", pin.CPU, reserved)
			case guests.Contains(pin.CPU):
				c.say(path, "CPU %d is in cpu.guests (%s), where no PMD thread runs; name another", pin.CPU, guests)
			}
		}
	}
}

func (c *checker) overlap(path string, set cpuset.Set, otherPath string, other cpuset.Set, why string) {
	both := set.Intersect(other)
	if both.IsEmpty() {
		return
	}
	rest := "a set without them"
	if left := set.Minus(other); !left.IsEmpty() {
		rest = fmt.Sprintf("%q", left)
	}
	c.say(path, "CPU %s is in %s too: %s; write %s", both, c.at(otherPath), why, rest)
}
