package bench

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// portStats are the counters of one OpenFlow port.
type portStats struct{ rx, tx, rxDrop, txDrop uint64 }

// parsePortStats reads `ovs-ofctl dump-ports` (lib/ofp-print.c and ofp-port.c,
// ofputil_format_port_stats..., the same in 2.17 to 4.0), of which each port takes
// two lines; a counter that the device does not keep is "?":
//
//	OFPST_PORT reply (xid=0x2): 2 ports
//	  port  1: rx pkts=64, bytes=4096, drop=0, errs=?, frame=?, over=?, crc=?
//	           tx pkts=64, bytes=4096, drop=0, errs=?, coll=?
//
// The keys are the ports as printed, "1" or "LOCAL".
func parsePortStats(text string) (map[string]portStats, error) {
	ports := map[string]portStats{}
	name := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "port "); ok {
			name, line, _ = strings.Cut(strings.TrimSpace(rest), ": ")
		}
		way, counters, _ := strings.Cut(line, " ")
		if way != "rx" && way != "tx" || name == "" {
			continue
		}
		packets, drops, err := parseCounters(counters)
		if err != nil {
			return nil, fmt.Errorf("dump-ports: port %s: %s: %w", name, way, err)
		}
		p := ports[name]
		if way == "rx" {
			p.rx, p.rxDrop = packets, drops
		} else {
			p.tx, p.txDrop = packets, drops
		}
		ports[name] = p
	}
	if len(ports) == 0 {
		return nil, fmt.Errorf("dump-ports: no port in %q", text)
	}
	return ports, nil
}

// parseCounters reads "pkts=64, bytes=4096, drop=0, errs=?".
func parseCounters(text string) (packets, drops uint64, err error) {
	seen := 0
	for field := range strings.SplitSeq(text, ", ") {
		key, value, _ := strings.Cut(field, "=")
		to := map[string]*uint64{"pkts": &packets, "drop": &drops}[key]
		if to == nil {
			continue
		}
		seen++
		if value == "?" {
			continue
		}
		n, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			return 0, 0, err
		}
		*to = n
	}
	if seen != 2 {
		err = errors.New("pkts= and drop= expected")
	}
	return packets, drops, err
}
