package monitor

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

func (e emitter) bridge(b BridgeSample) {
	e.emit(bridgeInfo, 1, b.Name, b.DatapathType, b.FailMode)
	e.emit(bridgePorts, float64(b.Ports), b.Name)
	known(e, bridgeFlows, b.Flows, b.Name)
	for _, m := range b.Meters {
		id := strconv.FormatUint(uint64(m.ID), 10)
		e.emit(meterPackets, float64(m.Packets), b.Name, id)
		e.emit(meterBytes, float64(m.Bytes), b.Name, id)
		for i, band := range m.Bands {
			e.emit(meterBandPackets, float64(band.Packets), b.Name, id, strconv.Itoa(i))
			e.emit(meterBandBytes, float64(band.Bytes), b.Name, id, strconv.Itoa(i))
		}
	}
}

func (e emitter) vhost(s InterfaceSample) {
	v := s.Vhost
	if v == nil {
		return
	}
	bits, names := e.features(v)
	e.emit(vhostInfo, 1, s.Bridge, s.Interface, v.Mode, v.Socket, names, bits)
	if !v.LastChange.IsZero() {
		e.emit(vhostLastChange, float64(v.LastChange.UnixMilli())/1000, s.Bridge, s.Interface)
	}
	e.emit(vhostReconnects, float64(v.Reconnects), s.Bridge, s.Interface)
	count(e, vhostVRings, v.VRings, s.Bridge, s.Interface)
	count(e, vhostExpectedVRings, v.Expected, s.Bridge, s.Interface)
	count(e, vhostNode, v.Node, s.Bridge, s.Interface)
	count(e, vhostRemoteQueues, v.RemoteRxqs, s.Bridge, s.Interface)
	for i, size := range v.Sizes {
		if size >= 0 {
			e.emit(vhostVRingSize, float64(size), s.Bridge, s.Interface, strconv.Itoa(i))
		}
	}
}

// features are the texts of what a guest negotiated, which most guests share.
func (e emitter) features(v *VhostSample) (bits, names string) {
	if v.Features == nil {
		return "", strings.Join(v.FeatureList, ",")
	}
	if was := e.negotiated; was.names == "" || was.features != *v.Features || !slices.Equal(was.list, v.FeatureList) {
		e.negotiated = featureTexts{*v.Features, v.FeatureList, fmt.Sprintf("0x%016x", *v.Features), strings.Join(v.FeatureList, ",")}
	}
	return e.negotiated.bits, e.negotiated.names
}

// featureTexts are features with their texts.
type featureTexts struct {
	features    uint64
	list        []string
	bits, names string
}

// count sends a number that cannot be negative when there is one.
func count(e emitter, k key, n *int, labels ...string) {
	if n != nil && *n >= 0 {
		e.emit(k, float64(*n), labels...)
	}
}

func (e emitter) bfd(s InterfaceSample) {
	b := s.BFD
	if b == nil {
		return
	}
	e.emit(bfdInfo, 1, s.Bridge, s.Interface, b.State, b.RemoteState, b.Diagnostic)
	if b.State != "" {
		e.emit(bfdUp, number(b.State == "up"), s.Bridge, s.Interface)
	}
	truth(e, bfdForwarding, b.Forwarding, s.Bridge, s.Interface)
	known(e, bfdFlaps, b.Flaps, s.Bridge, s.Interface)
}

func (e emitter) tunnel(s InterfaceSample) {
	t := s.Tunnel
	if t == nil {
		return
	}
	e.emit(tunnelInfo, 1, s.Bridge, s.Interface, s.Type, t.Local, t.Remote, t.Key, t.Egress)
	truth(e, tunnelEgressUp, t.EgressUp, s.Bridge, s.Interface)
}

func (e emitter) bond(b BondSample) {
	e.emit(bondInfo, 1, b.Bridge, b.Port, b.Mode, b.LACP)
	e.emit(bondMembers, float64(len(b.Members)), b.Bridge, b.Port)
	if b.LACP == "negotiated" || b.LACP == "configured" {
		e.emit(lacpNegotiated, number(b.LACP == "negotiated"), b.Bridge, b.Port)
	}
	enabled := 0
	for _, m := range b.Members {
		if m.Enabled {
			enabled++
		}
		e.emit(bondMemberEnabled, number(m.Enabled), b.Bridge, b.Port, m.Interface)
		e.emit(bondMemberActive, number(m.Active), b.Bridge, b.Port, m.Interface)
		truth(e, lacpCurrent, m.LACPCurrent, b.Bridge, b.Port, m.Interface)
		truth(e, lacpAttached, m.LACPAttached, b.Bridge, b.Port, m.Interface)
		e.lacp(b, m)
	}
	e.emit(bondMembersEnabled, float64(enabled), b.Bridge, b.Port)
}

func (e emitter) lacp(b BondSample, m BondMemberSample) {
	c := m.LACP
	if c == nil {
		return
	}
	e.emit(lacpPDUs, float64(c.Tx), b.Bridge, b.Port, m.Interface, "tx")
	e.emit(lacpPDUs, float64(c.Rx), b.Bridge, b.Port, m.Interface, "rx")
	e.emit(lacpPDUs, float64(c.RxBad), b.Bridge, b.Port, m.Interface, "rx_bad")
	e.emit(lacpPDUs, float64(c.RxMarker), b.Bridge, b.Port, m.Interface, "rx_marker")
	e.emit(lacpExpired, float64(c.Expired), b.Bridge, b.Port, m.Interface)
	e.emit(lacpDefaulted, float64(c.Defaulted), b.Bridge, b.Port, m.Interface)
	e.emit(lacpCarrier, float64(c.CarrierChanges), b.Bridge, b.Port, m.Interface)
}

func (e emitter) memory(s Snapshot) {
	for _, m := range s.Mempools {
		node := ""
		if m.Node >= 0 {
			node = strconv.Itoa(m.Node)
		}
		e.emit(mempoolBuffers, float64(m.Buffers), m.Name, node)
		e.emit(mempoolInUse, float64(m.InUse), m.Name, node)
		e.emit(mempoolBufferSize, float64(m.BufferBytes), m.Name, node)
	}
	for _, h := range s.Heaps {
		e.emit(heapSize, float64(h.Size), h.Name)
		e.emit(heapFree, float64(h.Free), h.Name)
		e.emit(heapGreatest, float64(h.GreatestFree), h.Name)
	}
	for _, h := range s.Hugepages {
		node, size := strconv.Itoa(h.Node), strconv.FormatUint(h.SizeKiB, 10)+"kB"
		page := float64(h.SizeKiB) * 1024
		e.emit(hugepagesAll, float64(h.Total)*page, node, size)
		e.emit(hugepagesFree, float64(h.Free)*page, node, size)
	}
	if c := s.Conntrack; c != nil {
		known(e, conntrackConnections, c.Connections)
		known(e, conntrackMax, c.Max)
	}
}
