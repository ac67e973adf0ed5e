package monitor

// key names a row of the table within this package: emitting goes by key, so
// what is not in the table cannot be emitted.
type key int

const (
	ovsBuildInfo key = iota
	dpdkInitialized

	pmdLookups
	pmdPasses
	pmdRxPackets
	pmdTxPackets
	pmdTxBatches
	pmdCycles
	pmdUsedCycles
	pmdBusy
	pmdIterations
	pmdSleepIterations
	pmdSleep
	pmdIsolated
	pmdOverhead
	rxqUsage
	rxqEnabled

	ifaceInfo
	ifaceAdminUp
	ifaceLinkUp
	ifaceLinkSpeed
	ifaceLinkResets
	ifaceMTU
	vhostConnected
	rxPackets
	txPackets
	rxBytes
	txBytes
	rxDropped
	txDropped
	rxErrors
	txErrors
	rxMissed
	rxNoMbuf
	txRetries
	rxMulticast
	rxCRC
	rxFrame
	rxOverrun
	collisions
	policingRate
	policingBurst
	ifaceFailed
	ifaceResets
	ifaceIdentity
	queuePackets
	queueBytes
	queueMulticast
	queueBroadcast
	queueErrors
	queueNotifications

	pmdContextSwitches
	pmdSubtables
	pmdResets

	bridgeInfo
	bridgePorts
	bridgeFlows
	meterPackets
	meterBytes
	meterBandPackets
	meterBandBytes

	vhostInfo
	vhostLastChange
	vhostReconnects
	vhostVRings
	vhostExpectedVRings
	vhostVRingSize
	vhostNode
	vhostRemoteQueues

	bondInfo
	bondMembers
	bondMembersEnabled
	bondMemberEnabled
	bondMemberActive
	lacpNegotiated
	lacpCurrent
	lacpAttached
	lacpPDUs
	lacpExpired
	lacpDefaulted
	lacpCarrier
	bfdInfo
	bfdUp
	bfdForwarding
	bfdFlaps
	tunnelInfo
	tunnelEgressUp

	mempoolBuffers
	mempoolInUse
	mempoolBufferSize
	heapSize
	heapFree
	heapGreatest
	conntrackConnections
	conntrackMax

	sluiceBuildInfo
	passes
	passDuration
	lastPass
	pendingChanges
	profileValid
	answers
	networkStoreUp
	networkFlows
	networkBundles
	networkMended
	networkSetAside
	networkUnusable
	networkGeneration
	networkLag
	ipfixPackets
	ipfixBytes
	ipfixHiddenPackets
	ipfixHiddenBytes
	ipfixSeries
	ipfixSeriesLimit
	ipfixListening
	ipfixMessages
	ipfixRecords
	ipfixLost
	ipfixUndecoded
	ipfixMalformed
	ipfixSocketDrops
	ipfixTemplates
	ipfixTemplateChanges
	ipfixExporters
	ipfixRestarts
	ipfixLastRecord
	ipfixFlows
	ipfixCurrentFlows
	ipfixSampled
	ipfixSampleErrors
	ipfixTx
	ipfixTxErrors
	collectorDuration
	collectorSuccess
	collectorAge
	collectorFailures
	identitiesHidden
	hugepagesAll
	hugepagesFree

	drops
	coverageEvent
	datapathFlows
	datapathPorts
	datapathLookups
	memoryObjects
	upcallFlows
	upcallFlowsAverage
	upcallFlowsMax
	upcallFlowLimit
	upcallOffloaded
	upcallDump
	revalidatorKeys

	keyCount
)

// table holds every row at the index of its key.
func table() (t [keyCount]Metric) {
	for _, rows := range []map[key]Metric{
		switchRows(), pmdRows(), interfaceRows(), selfRows(), networkRows(),
		interfaceMoreRows(), queueRows(), bridgeRows(), vhostRows(), bondRows(), linkRows(), memoryRows(), internalRows(), ipfixRows(),
	} {
		for k, m := range rows {
			t[k] = m
		}
	}
	return t
}

func switchRows() map[key]Metric {
	return map[key]Metric{
		ovsBuildInfo: {
			Name: "ovs_build_info", Type: Gauge, Set: Base,
			Labels: []string{"ovs_version", "dpdk_version", "db_version"},
			Help:   "Always 1; the labels are the versions of the running switch. A version that is not known is an empty label.",
			Source: "Open_vSwitch.ovs_version (or the command version), dpdk_version, db_version",
		},
		dpdkInitialized: {
			Name: "ovs_dpdk_initialized", Type: Gauge, Set: Base,
			Help:   "1 when the EAL has started, 0 when it was not asked to or could not.",
			Source: "Open_vSwitch.dpdk_initialized",
		},
	}
}

func selfRows() map[key]Metric {
	return map[key]Metric{
		sluiceBuildInfo: {
			Name: "sluice_build_info", Type: Gauge, Set: Self,
			Labels: []string{"version", "revision", "goversion"},
			Help:   "Always 1; the labels are the version of the daemon.",
			Source: "sluiced",
		},
		passes: {
			Name: "sluice_reconcile_passes_total", Type: Counter, Unit: Passes, Set: Self,
			Labels: []string{"result"},
			Help:   "Reconcile passes by result: converged, changed, pending, refused, failed, waiting.",
			Source: "sluiced",
		},
		passDuration: {
			Name: "sluice_reconcile_duration_seconds", Type: Histogram, Unit: Seconds, Set: Self,
			Help:   "Time from the start of a reconcile pass to its end, waiting for ovs-vswitchd included.",
			Source: "sluiced",
		},
		lastPass: {
			Name: "sluice_reconcile_last_pass_timestamp_seconds", Type: Gauge, Unit: Seconds, Set: Self,
			Help:   "Unix time at which the newest reconcile pass ended; absent before the first.",
			Source: "sluiced",
		},
		pendingChanges: {
			Name: "sluice_pending_changes", Type: Gauge, Unit: Changes, Set: Self,
			Labels: []string{"class"},
			Help: "Changes that wait for `sluicectl host apply`, each once: as take_over when it is one, else by its class " +
				"(live, pmd_recreation, port_restart, restart_needed). Absent before the first plan.",
			Source: "sluiced",
		},
		profileValid: {
			Name: "sluice_profile_valid", Type: Gauge, Set: Self,
			Help:   "1 when the profile's file is the profile in force, 0 when it was refused and the former one stays. Absent before the first look.",
			Source: "sluiced",
		},
		answers: {
			Name: "sluice_network_questions_total", Type: Counter, Unit: Packets, Set: Self,
			Labels: []string{"kind", "result"},
			Help: "Packets of guests that the switch handed to the daemon, by kind (dhcpv4, dhcpv6, ra, dns, nd, too-big, ttl, any) and result: " +
				"answered, refused (no question, or the network has no answer), lost (more at a time than were taken). Absent before the first.",
			Source: "sluiced",
		},
		collectorDuration: {
			Name: "sluice_collector_duration_seconds", Type: Gauge, Unit: Seconds, Set: Self,
			Labels: []string{"collector"},
			Help:   "Time the collector's newest read took; collector=\"snapshot\" is the whole of them.",
			Source: "sluiced",
		},
		collectorSuccess: {
			Name: "sluice_collector_success", Type: Gauge, Set: Self,
			Labels: []string{"collector"},
			Help:   "1 when the collector's newest read succeeded, 0 when it failed, wholly or in part: what it could not read is absent.",
			Source: "sluiced",
		},
		collectorAge: {
			Name: "sluice_collector_age_seconds", Type: Gauge, Unit: Seconds, Set: Self,
			Labels: []string{"collector"},
			Help:   "Time since the collector read what is shown here. Absent where it never read anything.",
			Source: "sluiced",
		},
		collectorFailures: {
			Name: "sluice_collector_failures_total", Type: Counter, Unit: Failures, Set: Self,
			Labels: []string{"collector", "fault"},
			Help: "Reads of a collector that failed: silent (no answer in time, or the connection closed), refused (the switch said no), " +
				"garbled (an answer that makes no sense), failed (anything else). Absent before the first.",
			Source: "sluiced",
		},
		identitiesHidden: {
			Name: "sluice_identities_hidden", Type: Gauge, Unit: Interfaces, Set: Self,
			Help:   "Interfaces with an identity that ovs_interface_identity_info leaves out because there are more than 4096.",
			Source: "sluiced",
		},
	}
}
