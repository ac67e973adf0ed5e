package openflow_test

import (
	"net"
	"testing"

	"antrea.io/libOpenflow/openflow15"

	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// aFlow is a flow of the kind there are most of.
func aFlow() of.Flow {
	return of.Flow{
		Table: 16, Priority: 100, Cookie: 1,
		Match: of.NewMatch(of.Metadata(7), of.EthDst([6]byte{2, 0, 0, 0, 0, 1})),
		Do:    of.Do(of.Set(of.Reg(8, 5)), of.Resubmit{Table: 48}),
	}
}

// theirFlow is the same flow in the types of libOpenflow.
func theirFlow() *openflow15.FlowMod {
	m := openflow15.NewFlowMod()
	m.TableId, m.Priority, m.Cookie, m.CookieMask = 16, 100, 1, 0
	m.OutPort, m.OutGroup = openflow15.P_ANY, openflow15.OFPG_ANY
	m.Match.AddField(*openflow15.NewEthDstField(net.HardwareAddr{2, 0, 0, 0, 0, 1}, nil))
	m.Match.AddField(*openflow15.NewMetadataField(7, nil))
	apply := openflow15.NewInstrApplyActions()
	reg, _ := openflow15.FindFieldHeaderByName("NXM_NX_REG8", false)
	reg.Value = &openflow15.Uint32Message{Data: 5}
	_ = apply.AddAction(openflow15.NewActionSetField(*reg), false)
	_ = apply.AddAction(openflow15.NewNXActionResubmitTableAction(openflow15.OFPP_IN_PORT, 48), false)
	m.AddInstruction(apply)
	return m
}

// TestAsLibrary expects libOpenflow to encode a flow as this package does.
func TestAsLibrary(t *testing.T) {
	theirs, err := theirFlow().MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	f := aFlow()
	ours := (&of.FlowMod{Flow: f}).AppendTo(nil, 0)
	copy(theirs[4:8], ours[4:8]) // the transaction id
	if string(theirs) != string(ours) {
		t.Errorf("libOpenflow %x\nours        %x", theirs, ours)
	}
}

func BenchmarkFlowMod(b *testing.B) {
	b.Run("append", func(b *testing.B) {
		m := of.FlowMod{Flow: aFlow()}
		var buffer []byte
		b.ReportAllocs()
		for b.Loop() {
			buffer = m.AppendTo(buffer[:0], 1)
		}
	})
	b.Run("make", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = aFlow()
		}
	})
	b.Run("libOpenflow", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = theirFlow().MarshalBinary()
		}
	})
}

func BenchmarkParseFlows(b *testing.B) {
	all := messages(b, "flows.bin")
	n := len(flows(b, "flows.bin"))
	b.ReportAllocs()
	for b.Loop() {
		for _, m := range all {
			_ = of.ParseFlows(m, func(of.FlowEntry) {})
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/flow")
}
