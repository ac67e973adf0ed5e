package difftest

// mutants are mistakes that somebody could make in the compiler.
var mutants = []mutant{
	// A flow is missing.
	{"unit_constants.go", "	r.add(TableGateFrom, prioMore, on(of.EthType(of.TypeARP)), TableCtrl.then())\n", ""},
	{"unit_constants.go", "	r.add(TableGateFrom, prioMore, on(multicast()), TableCtrl.then())\n", ""},
	{"unit_constants.go", "	r.add(TableEgress, prioMiss, on(), TableOut.then())\n", ""},
	{"answer.go", "		r.add(TableCtrl, prioMore, asked.With(inPort(s.p.Key)), TableL2.then())\n", ""},
	{"unit_router.go", "		r.add(TableLRIn, prioMatch, to4or6(in(key), of.Host(linkLocal(rp.MAC))), TableLRLocal.then())\n", ""},
	{"unit_security.go", "			r.add(TablePortSec, prioMatch, from(mac, of.EthType(of.TypeARP), of.ARPSHA(m), of.ARPSPA(of.Host(a))), pass)\n", ""},
	{"unit_local.go", "		r.add(TableEgress, prioMore, on(in(s.sw), outPort(s.p.Key), inPort(s.p.Key), flag(bitTurned, true)))\n", ""},
	{"open.go", "	r.add(TableTunnel, prioMore, on(in(sw), inPort(key)))\n", ""},
	{"open.go", "	r.add(TableCtrl, prioOutside, on(in(sw), inPort(key), of.EthType(of.TypeARP), of.ARPOp(1)), TableL2.then())\n", ""},
	{"request.go", "		r.add(TableCtrl, prioMatch, dhcpv6(in(key)), ask(OpDHCPv6))\n", ""},
	{"unit_constants.go", "[]Table{TableLRIn, TableEgress, TableTunnel}", "[]Table{TableLRIn, TableEgress}"},

	{"unit_flood.go", "	r.add(TableEgress, prioMatch, on(in(key), outPort(keyFlood)), of.Group{ID: here.ID})\n", ""},

	// A match is too wide or too narrow.
	{"unit_host.go", "on(of.TunSrc(of.Host(a)))", "on()"},
	{"unit_security.go", "of.ARPSHA(m), of.ARPSPA(of.Host(a))", "of.ARPSPA(of.Host(a))"},
	{"unit_security.go", "from(mac, multicast(), of.EthType(of.TypeIPv4), of.IPSrc(any4))", "from(mac, of.EthType(of.TypeIPv4), of.IPSrc(any4))"},
	{"unit_security.go", "of.NDTarget(a), of.NDTLL(m)", "of.NDTarget(a)"},
	{"unit_security.go", "if !s.p.Security || s.p.Kind == logical.PortUnknown {", "if s.p.Kind == logical.PortUnknown {"},
	{"unit_local.go", "	tag := of.NoVLAN()\n", "	tag := of.InPort(s.local)\n"},
	{"unit_router.go", "on(in(key), of.EthType(t), flag(bitRouted, false))", "on(in(key), of.EthType(t))"},
	{"request.go", "	for _, rp := range v.links(sw.ID) {\n		if has6(rp) {", "	for range v.links(sw.ID) {\n		{"},

	// A register, a bit or an action is wrong.
	{"unit_constants.go", "of.Set(of.TTL(255)), of.Set(of.ICMPType(0)),", "of.Set(of.ICMPType(0)),"},
	{"unit_constants.go", "[]of.Action{anyPort(), of.Set(flag(bitRouted, false)), TableLRIn.again()}", "[]of.Action{anyPort(), TableLRIn.again()}"},
	{"answer.go", "		flags |= flagRouter\n", ""},
	{"answer.go", "		of.Move{From: of.Whole(of.FieldARPSPA), To: of.Whole(of.FieldARPTPA)},\n", ""},
	{"unit_host.go", "of.Bits(of.FieldReg0+regOut, 0, 16), To: of.TunMetadataBits(0, optionSize, 0, 16)", "of.Bits(of.FieldReg0+regOut, 0, 15), To: of.TunMetadataBits(0, optionSize, 0, 15)"},
	{"unit_link.go", "of.Set(of.EthDst(p.MAC)), of.Set(of.EthSrc(rp.MAC)), enter(s.sw))", "of.Set(of.EthDst(rp.MAC)), of.Set(of.EthSrc(p.MAC)), enter(s.sw))"},
	{"unit_link.go", "append(measure(rp), of.Set(flag(bitRouted, true)), enter(key), TableLRIn.again())", "append(measure(rp), enter(key), TableLRIn.again())"},
	{"unit_link.go", "		s.routed = router.TTL == logical.TTLOnce\n", ""},
	{"unit_port.go", "				if s.local != 0 || s.wire != 0 {\n", "				if s.wire != 0 {\n"},
	{"open.go", "		pop = []of.Action{of.PopVLAN{}}\n", ""},
	{"spread.go", "			if i != len(do)-1 {\n				return false\n			}\n		default:\n			return false\n", "			_ = i\n"},
	{"unit_local.go", "do = []of.Action{of.PushVLAN{Type: 0x8100}, of.Set(of.VLAN(s.p.Tag)), of.Output{Port: s.local}}", "_ = do"},
	{"unit_switch.go", "bucketHere(keyOf(p), s.turn()...)", "bucketHere(keyOf(p))"},

	// A priority is wrong.
	{"route.go", "return 1 + 4*uint16(p.Bits()) + what", "return 1 + uint16(p.Bits())/8 + what"},
	{"route.go", "	routeConnected = 2\n", "	routeConnected = 0\n"},
	{"answer.go", "		priority = prioHere\n", "		_ = prioHere\n"},

	// A condition is forgotten or turned round.
	{"place.go", "if b := v.snap.Bound(p.ID); b != nil && b.Host != v.local.Host {", "if b := v.snap.Bound(p.ID); b == nil {"},
	{"place.go", "		case !h.Drained:\n", "		case h.Drained:\n"},
	{"unit_port.go", "if key == 0 || !v.snap.Holds(s.p, a) || !connected(rp, a) {", "if key == 0 || !connected(rp, a) {"},
	{"unit_port.go", "to != nil && v.snap.HoldsMAC(s.p, m) {", "to != nil {"},
	{"open.go", "if v.network(sw) != 0 && slices.Contains(h.Provider, sw.Network) {", "if v.network(sw) != 0 {"},
	{"open.go", "if p.Kind != logical.PortLocalnet || !slices.Contains(h.Provider, p.Network) {", "if p.Kind != logical.PortLocalnet {"},
	{"unit_switch.go", "			if from != to {\n", "			if false && from != to {\n"},
	{"unit_switch.go", "case s.host != nil && !hosts[s.host.Index]:", "case s.host != nil:"},
	{"loop.go", "!ok || !c.back[next] || inside", "!ok || inside"},
	{"reach.go", "	if v.wired(id) {\n		return viaPort\n	}\n", ""},

	// Physical networks, outside ports and trunks.
	{"open.go", "			if other != p {\n", "			if false && other != p {\n"},
	{"open.go", "return v.local.Networks[name], sw.VLAN", "return v.local.Networks[name], 0"},
	{"open.go", "		if p.Kind == logical.PortLocalnet {\n			if port, _ := v.patch(p, sw); port != 0 {\n				all =", "		if p.Kind == logical.PortOutside {\n			if port, _ := v.patch(p, sw); port != 0 {\n				all ="},
	{"open.go", "return []of.Action{of.Set(inPort(link.Key))}", "return nil"},
	{"unit_port.go", "		quiet(r, s.sw, keyOf(s.p))\n		heard(r, s.sw, keyOf(s.p))\n", "		quiet(r, s.sw, keyOf(s.p))\n"},
	{"unit_port.go", "of.Set(outPort(s.wire))", "of.Set(outPort(key))"},
	{"unit_port.go", "		s.wire, s.host = wire, nil\n", "		_ = wire\n"},
	{"unit_link.go", "	if works && !router.Pinned() {\n", "	if works && router.Pinned() {\n"},
	{"unit_switch.go", "to.wires = append(to.wires, bucketHere(keyOf(p)))", "to.here = append(to.here, bucketHere(keyOf(p)))"},
	{"unit_switch.go", "			if v.shared(sw, s.host) != 0 {\n", "			if false {\n"},
	{"reach.go", "			for child := range v.snap.PortsOver(p.ID) {\n				if !yield(child) {\n					return\n				}\n			}\n", ""},
	{"place.go", "		carrier = p.Trunk\n", "		_ = p.Trunk\n"},
	{"unit_local.go", "		do = []of.Action{of.PopVLAN{}}\n", ""},
	{"unit_local.go", "		tag = of.VLAN(s.p.Tag)\n", ""},

	// A dependency is forgotten: what was computed stays when it should not.
	{"deps.go", "			touched[addressOn(e.Switch, a)] = true\n", "			_ = a\n"},
	{"routeindex.go", "	touch(prefixOf(readRoutesTo, id, p))\n", ""},
	{"deps.go", "			by(readTrunk, e.Trunk.UUID())\n", ""},
	{"deps.go", "			by(readLinks, e.Switch.UUID())\n", ""},
	{"view.go", "	v.readID(logical.KindRouter, id.UUID())\n", ""},
	{"view.go", "	v.readID(logical.KindDatapath, sw.Datapath.UUID())\n", ""},
	{"place.go", "	v.read(named(readLocal, p.Name))\n", ""},
	{"seen.go", "	v.read(h.name)\n", ""},
	{"units.go", "				dirty[p.Ref()] = true\n", "				_ = p\n"},
	{"units.go", "			dirty[route.Ref()] = true\n", "			_ = route\n"},
	{"recompute.go", "			c.table.release(u, k)\n", ""},
	{"recompute.go", "			c.table.dropGroup(u, id)\n", ""},
	{"open.go", "return id == p.ID })", "return false })"},
	{"table.go", "	default:\n		t.touch(k, e)\n		e.unit, e.flow = e.rest[0]", "	default:\n		e.unit, e.flow = e.rest[0]"},
}
