package ovsdb

import (
	"github.com/ovn-kubernetes/libovsdb/model"
)

// The models hold just the columns that Sluice reads from the monitor; all of
// them exist in every schema from OVS 2.17 (8.3.0) to 4.0 (8.8.0). Statistics
// are left out on purpose: ovs-vswitchd rewrites them every five seconds, some
// five hundred keys for a vhost port of sixteen queues.

type openvSwitch struct {
	UUID            string            `ovsdb:"_uuid"`
	Bridges         []string          `ovsdb:"bridges"`
	CurCfg          int               `ovsdb:"cur_cfg"`
	NextCfg         int               `ovsdb:"next_cfg"`
	DatapathTypes   []string          `ovsdb:"datapath_types"`
	DPDKInitialized bool              `ovsdb:"dpdk_initialized"`
	DPDKVersion     *string           `ovsdb:"dpdk_version"`
	ExternalIDs     map[string]string `ovsdb:"external_ids"`
	IfaceTypes      []string          `ovsdb:"iface_types"`
	OtherConfig     map[string]string `ovsdb:"other_config"`
	OVSVersion      *string           `ovsdb:"ovs_version"`
}

type bridge struct {
	UUID         string            `ovsdb:"_uuid"`
	DatapathType string            `ovsdb:"datapath_type"`
	ExternalIDs  map[string]string `ovsdb:"external_ids"`
	FailMode     *string           `ovsdb:"fail_mode"`
	IPFIX        *string           `ovsdb:"ipfix"`
	Name         string            `ovsdb:"name"`
	OtherConfig  map[string]string `ovsdb:"other_config"`
	Ports        []string          `ovsdb:"ports"`
}

type port struct {
	UUID        string            `ovsdb:"_uuid"`
	BondMode    *string           `ovsdb:"bond_mode"`
	ExternalIDs map[string]string `ovsdb:"external_ids"`
	Interfaces  []string          `ovsdb:"interfaces"`
	LACP        *string           `ovsdb:"lacp"`
	Name        string            `ovsdb:"name"`
	OtherConfig map[string]string `ovsdb:"other_config"`
	QoS         *string           `ovsdb:"qos"`
	Tag         *int              `ovsdb:"tag"`
	Trunks      []int             `ovsdb:"trunks"`
	VLANMode    *string           `ovsdb:"vlan_mode"`
}

type iface struct {
	UUID          string            `ovsdb:"_uuid"`
	AdminState    *string           `ovsdb:"admin_state"`
	BFD           map[string]string `ovsdb:"bfd"`
	Error         *string           `ovsdb:"error"`
	ExternalIDs   map[string]string `ovsdb:"external_ids"`
	PolicingBurst int               `ovsdb:"ingress_policing_burst"`
	PolicingRate  int               `ovsdb:"ingress_policing_rate"`
	LinkSpeed     *int              `ovsdb:"link_speed"`
	LinkState     *string           `ovsdb:"link_state"`
	MACInUse      *string           `ovsdb:"mac_in_use"`
	MTU           *int              `ovsdb:"mtu"`
	MTURequest    *int              `ovsdb:"mtu_request"`
	Name          string            `ovsdb:"name"`
	OFPort        *int              `ovsdb:"ofport"`
	Options       map[string]string `ovsdb:"options"`
	OtherConfig   map[string]string `ovsdb:"other_config"`
	Status        map[string]string `ovsdb:"status"`
	Type          string            `ovsdb:"type"`
}

type qos struct {
	UUID        string            `ovsdb:"_uuid"`
	ExternalIDs map[string]string `ovsdb:"external_ids"`
	OtherConfig map[string]string `ovsdb:"other_config"`
	Type        string            `ovsdb:"type"`
}

type collectorSet struct {
	UUID        string            `ovsdb:"_uuid"`
	Bridge      string            `ovsdb:"bridge"`
	ExternalIDs map[string]string `ovsdb:"external_ids"`
	ID          int               `ovsdb:"id"`
	IPFIX       *string           `ovsdb:"ipfix"`
}

type ipfix struct {
	UUID               string            `ovsdb:"_uuid"`
	CacheActiveTimeout *int              `ovsdb:"cache_active_timeout"`
	CacheMaxFlows      *int              `ovsdb:"cache_max_flows"`
	ExternalIDs        map[string]string `ovsdb:"external_ids"`
	ObsDomainID        *int              `ovsdb:"obs_domain_id"`
	ObsPointID         *int              `ovsdb:"obs_point_id"`
	OtherConfig        map[string]string `ovsdb:"other_config"`
	Sampling           *int              `ovsdb:"sampling"`
	Targets            []string          `ovsdb:"targets"`
}

func models() map[string]model.Model {
	return map[string]model.Model{
		"Open_vSwitch": &openvSwitch{},
		"Bridge":       &bridge{},
		"Port":         &port{},
		"Interface":    &iface{},
		"QoS":          &qos{},

		"Flow_Sample_Collector_Set": &collectorSet{},
		"IPFIX":                     &ipfix{},
	}
}
