package openflow_test

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// TestMatchIsCanonical writes the same match in different ways.
func TestMatchIsCanonical(t *testing.T) {
	mac := [6]byte{2, 0, 0, 0, 0, 1}
	for name, c := range map[string]struct{ a, b of.Match }{
		"order":            {of.NewMatch(of.Metadata(1), of.InPort(2), of.EthSrc(mac)), of.NewMatch(of.EthSrc(mac), of.Metadata(1), of.InPort(2))},
		"bits outside":     {of.NewMatch(of.RegMasked(3, 0xffff, 0xff)), of.NewMatch(of.RegMasked(3, 0xff, 0xff))},
		"a whole mask":     {of.NewMatch(of.RegMasked(3, 7, 0xffffffff)), of.NewMatch(of.Reg(3, 7))},
		"an empty mask":    {of.NewMatch(of.RegMasked(3, 7, 0)), of.NewMatch()},
		"a default route":  {of.NewMatch(of.IPDst(netip.MustParsePrefix("0.0.0.0/0"))), ""},
		"a field in parts": {of.NewMatch(of.RegMasked(3, 1, 1), of.RegMasked(3, 0, 2)), of.NewMatch(of.RegMasked(3, 1, 3))},
		"twice the same":   {of.NewMatch(of.Reg(3, 1), of.Reg(3, 1)), of.NewMatch(of.Reg(3, 1))},
		"a register pair":  {of.NewMatch(of.Number(of.FieldXReg0+1, 5<<32|6)), of.NewMatch(of.Reg(2, 5), of.Reg(3, 6))},
		"four registers":   {of.NewMatch(of.XXReg(1, [16]byte{3: 1, 15: 4})), of.NewMatch(of.Reg(4, 1), of.Reg(5, 0), of.Reg(6, 0), of.Reg(7, 4))},
		"added later":      {of.NewMatch(of.Metadata(1)).With(of.InPort(2)), of.NewMatch(of.InPort(2), of.Metadata(1))},
		"host bits":        {of.NewMatch(of.IPDst(netip.MustParsePrefix("10.0.0.7/8"))), of.NewMatch(of.IPDst(netip.MustParsePrefix("10.0.0.0/8")))},
	} {
		if c.a != c.b {
			t.Errorf("%s: %q and %q", name, c.a, c.b)
		}
	}
	if a, b := of.NewMatch(of.Reg(0, 1), of.Reg(0, 2)), of.NewMatch(of.Reg(0, 2)); a == b {
		t.Error("a contradiction is forgotten")
	}
	m := of.NewMatch(of.TunMetadataMasked(0, []byte{0, 0, 0, 5}, []byte{0, 0, 0xff, 0xff}), of.InPort(3))
	if v, ok := m.Get(of.FieldInPort); !ok || v != of.InPort(3) {
		t.Errorf("in_port of %s: %v", m, v)
	}
	if _, ok := m.Get(of.FieldMetadata); ok {
		t.Errorf("%s has metadata", m)
	}
}

// TestConstructorsPanic lists what only a mistake in the code can ask for.
func TestConstructorsPanic(t *testing.T) {
	v4, v6 := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("fd00::1")
	for name, f := range map[string]func(){
		"register 16":          func() { of.Reg(16, 0) },
		"register -1":          func() { of.Reg(-1, 0) },
		"xxreg4":               func() { of.XXReg(4, [16]byte{}) },
		"option 64":            func() { of.TunMetadata(64, []byte{0, 0, 0, 0}) },
		"an option of 20":      func() { of.TunMetadata(0, make([]byte, 20)) },
		"IPv6 in an IPv4":      func() { of.Addr(of.FieldIPSrc, v6) },
		"IPv4 in an IPv6":      func() { of.NDTarget(v4) },
		"no prefix":            func() { of.IPSrc(netip.Prefix{}) },
		"a number of 128 bits": func() { of.Number(of.FieldCTLabel, 1) },
		"a MAC of 32 bits":     func() { of.MAC(of.FieldMetadata, [6]byte{}) },
		"a wide port":          func() { of.Wide(of.FieldInPort, [16]byte{}) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

// TestUnknown keeps what this package does not know where it is, and shows it.
func TestUnknown(t *testing.T) {
	nsh := "\x80\x04\x00\x01\x05" // a field of a class it does not have
	tail := "\xff\xff\x00"
	m := (of.NewMatch(of.Metadata(1)) + of.Match(nsh+tail)).With(of.InPort(1))
	if want := of.NewMatch(of.InPort(1), of.Metadata(1)) + of.Match(nsh+tail); m != want {
		t.Errorf("got %q, want %q", m, want)
	}
	if got, want := m.String(), "metadata=0x1,in_port=1,oxm=0x8004000105,oxm=0xffff00"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	strange := of.Actions("\xff\xff\x00\x10\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00" + "\x00\x00\x00\x99")
	list := append(of.NewActions(of.DecTTL{}).List(), strange.List()...)
	want := []of.Action{of.DecTTL{}, of.Raw{Bytes: string(strange[:16])}, of.Raw{Bytes: string(strange[16:])}}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
	if got, want := strange.String(), "raw(0xffff0010000000010000000000000000),raw(0x00000099)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestOrderOfInstructions puts instructions where OVS wants them.
func TestOrderOfInstructions(t *testing.T) {
	got := of.Do(of.Goto{Table: 9}, of.WriteMetadata{Value: 1, Mask: 1}, of.Output{Port: 1}, of.ClearActions{}, of.DecTTL{})
	want := "output:1,dec_ttl,clear_actions,write_metadata:0x1/0x1,goto_table:9"
	if got.String() != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if of.Do() != "" || of.Do().String() != "drop" {
		t.Errorf("nothing to do is %q, %s", of.Do(), of.Do())
	}
}
