package monitor

import (
	"slices"
	"strings"
)

// queueCounter is what Interface.statistics has of one queue.
type queueCounter struct {
	port             *InterfaceSample
	metric           key
	direction, queue string
	value            int64
}

// queues sends what Interface.statistics has of single queues, one direction after the
// other.
func (e emitter) queues(ports []InterfaceSample) {
	if e.without[Queue] {
		return
	}
	var all []queueCounter
	for i := range ports {
		first := len(all)
		for name, value := range ports[i].Statistics {
			if value < 0 {
				continue
			}
			if metric, direction, queue, ok := queueStatistic(name); ok {
				all = append(all, queueCounter{&ports[i], metric, direction, queue, value})
			}
		}
		slices.SortFunc(all[first:], func(a, b queueCounter) int { return strings.Compare(a.queue, b.queue) })
	}
	for _, direction := range []string{"rx", "tx"} {
		for _, c := range all {
			if c.direction == direction {
				e.emit(c.metric, float64(c.value), c.port.Bridge, c.port.Interface, direction, c.queue)
			}
		}
	}
}

// queueStatistic takes "rx_q0_good_packets" apart. vhost ports have the names of
// DPDK's vhost library (lib/vhost/vhost.c of DPDK 22.07 on, with "good_"), NICs those
// of their drivers, of which OVS keeps [rt]x_qN_{packets,bytes} and _errors
// (lib/netdev-dpdk.c, is_queue_stat, is_errors_or_dropped).
func queueStatistic(name string) (metric key, direction, queue string, ok bool) {
	if len(name) < len("rx_q") || name[2:4] != "_q" || name[:2] != "rx" && name[:2] != "tx" {
		return 0, "", "", false
	}
	direction = name[:2]
	end := 4
	for end < len(name) && name[end] >= '0' && name[end] <= '9' {
		end++
	}
	queue, what, found := strings.Cut(name[4:], "_")
	if !found || queue == "" || len(queue) > 5 || len(queue) != end-4 {
		return 0, "", "", false
	}
	switch what {
	case "good_packets", "packets":
		metric = queuePackets
	case "good_bytes", "bytes":
		metric = queueBytes
	case "multicast_packets":
		metric = queueMulticast
	case "broadcast_packets":
		metric = queueBroadcast
	case "errors":
		metric = queueErrors
	case "guest_notifications":
		metric = queueNotifications
	default:
		return 0, "", "", false
	}
	return metric, direction, queue, true
}
