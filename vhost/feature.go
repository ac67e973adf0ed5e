package vhost

// FeatureNames returns the names of the virtio features in a bit field, ascending
// by bit, as virtio 1.2 writes them without VIRTIO_NET_F_, VIRTIO_F_ and the like, in
// lower case (sections 5.1.3 and 6; of vhost-user, protocol_features). Bits without
// a name here are left out.
func FeatureNames(bits uint64) []string {
	var names []string
	for _, f := range []struct {
		bit  uint
		name string
	}{
		{0, "csum"},
		{1, "guest_csum"},
		{featureMTU, "mtu"},
		{7, "guest_tso4"},
		{8, "guest_tso6"},
		{9, "guest_ecn"},
		{10, "guest_ufo"},
		{11, "host_tso4"},
		{12, "host_tso6"},
		{13, "host_ecn"},
		{14, "host_ufo"},
		{15, "mrg_rxbuf"},
		{16, "status"},
		{17, "ctrl_vq"},
		{18, "ctrl_rx"},
		{21, "guest_announce"},
		{featureMQ, "mq"},
		{26, "log_all"},
		{27, "any_layout"},
		{28, "indirect_desc"},
		{29, "event_idx"},
		{30, "protocol_features"},
		{32, "version_1"},
		{33, "iommu_platform"},
		{34, "ring_packed"},
		{35, "in_order"},
		{36, "order_platform"},
		{38, "notification_data"},
		{57, "hash_report"},
	} {
		if bits&(1<<f.bit) != 0 {
			names = append(names, f.name)
		}
	}
	return names
}
