package monitor

// statistic says which metric a key of Interface.statistics becomes, and the
// labels it has beside bridge and interface. Keys: vswitchd/vswitch.xml,
// "Statistics", and lib/netdev-dpdk.c (the ovs_ ones), OVS 2.17 to 4.0.
type statistic struct {
	name   string
	metric key
	labels []string
}

func statistics() []statistic {
	return []statistic{
		{"rx_packets", rxPackets, nil},
		{"tx_packets", txPackets, nil},
		{"rx_bytes", rxBytes, nil},
		{"tx_bytes", txBytes, nil},
		{"rx_dropped", rxDropped, nil},
		{"tx_dropped", txDropped, nil},
		{"rx_errors", rxErrors, nil},
		{"tx_errors", txErrors, nil},
		{"rx_missed_errors", rxMissed, nil},
		{"rx_mbuf_allocation_errors", rxNoMbuf, nil},
		{"ovs_tx_retries", txRetries, nil},
		{"rx_multicast_packets", rxMulticast, nil},
		{"rx_crc_err", rxCRC, nil},
		{"rx_frame_err", rxFrame, nil},
		{"rx_over_err", rxOverrun, nil},
		{"collisions", collisions, nil},
	}
}

func (e emitter) iface(s InterfaceSample, stats []statistic) {
	e.emit(ifaceInfo, 1, s.Bridge, s.Port, s.Interface, s.Type)
	truth(e, ifaceAdminUp, s.AdminUp, s.Bridge, s.Interface)
	truth(e, ifaceLinkUp, s.LinkUp, s.Bridge, s.Interface)
	truth(e, vhostConnected, s.Connected, s.Bridge, s.Interface)
	known(e, ifaceLinkResets, s.LinkResets, s.Bridge, s.Interface)
	if s.LinkSpeed != nil {
		e.emit(ifaceLinkSpeed, float64(*s.LinkSpeed)/8, s.Bridge, s.Interface)
	}
	if s.MTU != nil && *s.MTU > 0 {
		e.emit(ifaceMTU, float64(*s.MTU), s.Bridge, s.Interface)
	}
	for _, stat := range stats {
		value, ok := s.Statistics[stat.name]
		if !ok || value < 0 {
			continue
		}
		e.emit(stat.metric, float64(value), append([]string{s.Bridge, s.Interface}, stat.labels...)...)
	}
	truth(e, ifaceFailed, s.Failed, s.Bridge, s.Interface)
	if s.PolicingRate != nil {
		e.emit(policingRate, float64(*s.PolicingRate)*1000/8, s.Bridge, s.Interface)
	}
	if s.PolicingBurst != nil {
		e.emit(policingBurst, float64(*s.PolicingBurst)*1000/8, s.Bridge, s.Interface)
	}
	e.vhost(s)
	e.bfd(s)
	e.tunnel(s)
}
