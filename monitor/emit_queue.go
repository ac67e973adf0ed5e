package monitor

import "strings"

// queues sends what Interface.statistics has of single queues.
func (e emitter) queues(s InterfaceSample) {
	if e.without[Queue] {
		return
	}
	for name, value := range s.Statistics {
		if value < 0 {
			continue
		}
		if metric, direction, queue, ok := queueStatistic(name); ok {
			e.emit(metric, float64(value), s.Bridge, s.Interface, direction, queue)
		}
	}
}

// queueStatistic takes "rx_q0_good_packets" apart. vhost ports have the names of
// DPDK's vhost library (lib/vhost/vhost.c of DPDK 22.07 on, with "good_"), NICs those
// of their drivers, of which OVS keeps [rt]x_qN_{packets,bytes} and _errors
// (lib/netdev-dpdk.c, is_queue_stat, is_errors_or_dropped).
func queueStatistic(name string) (metric key, direction, queue string, ok bool) {
	direction, rest, _ := strings.Cut(name, "_")
	if direction != "rx" && direction != "tx" {
		return 0, "", "", false
	}
	rest, ok = strings.CutPrefix(rest, "q")
	queue, what, found := strings.Cut(rest, "_")
	if !ok || !found || queue == "" || len(queue) > 5 || strings.Trim(queue, "0123456789") != "" {
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
