package openflow_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// TestErrorWords names errors as OVS does.
func TestErrorWords(t *testing.T) {
	for message, want := range map[string]string{
		"06010014000000070004000906" + "0e003000000000": "OFPBMC_BAD_PREREQ: a prerequisite was not met",
		"0601001400000007ffff001400002320" + "06040030": "NXTTMFC_ALREADY_MAPPED: the controller issued an NXTTMC_ADD command for a field index that is already mapped",
		"0601001400000007ffff001400001234" + "06040030": "error type 65535 code 20 vendor 0x1234: unknown to this program",
		"0601000c0000000700630001":                      "error type 99 code 1 vendor 0x0: unknown to this program",
	} {
		b, err := hex.DecodeString(message)
		if err != nil {
			t.Fatal(err)
		}
		e, err := of.ParseError(b)
		if err != nil || e.Error() != want || e.XID != 7 {
			t.Errorf("%s: %v, %v, want %s", message, e, err, want)
		}
	}
	if !errors.Is(&of.Error{Type: 4, Code: 9, XID: 5}, &of.Error{Type: 4, Code: 9}) || errors.Is(&of.Error{Type: 4}, &of.Error{Type: 5}) {
		t.Error("errors are not told by type and code")
	}
}

// TestTooShort expects an error of ErrFormat from each parser for each message
// cut short, and no panic.
func TestTooShort(t *testing.T) {
	for _, name := range []string{"flows.bin", "groups.bin", "meters.bin", "ports.bin", "tlv.bin", "packetin.bin"} {
		m := messages(t, name)[0]
		for n := range min(len(m), 600) {
			cut := m[:n]
			var errs []error
			switch {
			case strings.HasPrefix(name, "flows"):
				errs = append(errs, of.ParseFlows(cut, func(of.FlowEntry) {}))
			case strings.HasPrefix(name, "groups"):
				errs = append(errs, of.ParseGroups(cut, func(of.GroupEntry) {}))
			case strings.HasPrefix(name, "meters"):
				errs = append(errs, of.ParseMeters(cut, func(of.MeterEntry) {}))
			case strings.HasPrefix(name, "ports"):
				errs = append(errs, of.ParsePorts(cut, func(of.PortDesc) {}))
			case strings.HasPrefix(name, "tlv"):
				_, err := of.ParseTLVTable(cut)
				errs = append(errs, err)
			default:
				_, err := of.ParsePacketIn(cut)
				errs = append(errs, err)
			}
			for _, err := range errs {
				if err != nil && !errors.Is(err, of.ErrFormat) {
					t.Errorf("%s, %d bytes: %v", name, n, err)
				}
			}
			if n < 16 && errs[0] == nil {
				t.Errorf("%s, %d bytes: no error", name, n)
			}
		}
	}
}

// TestPacketInForms reads a packet that came to the controller in both forms.
func TestPacketInForms(t *testing.T) {
	metadata := of.NewMatch(of.InPort(1), of.Metadata(7), of.TunID(5), of.TunMetadata(0, []byte{1, 2, 3, 4}))
	packet := make([]byte, 64)
	standard := of.PacketIn{Packet: packet, FullLen: 64, Cookie: ^uint64(0), Reason: of.ReasonAction, Match: metadata}
	nicira := of.PacketIn{Packet: packet, FullLen: 64, Reason: of.ReasonAction, Match: metadata, Userdata: []byte{1, 2}}
	all := messages(t, "packetin.bin")
	for i, want := range map[int]of.PacketIn{0: standard, 2: nicira} {
		if !of.IsPacketIn(all[i]) {
			t.Fatalf("message %d is no packet-in", i)
		}
		got, err := of.ParsePacketIn(all[i])
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("message %d: %v\n%s", i, err, diff)
		}
	}
	paused, err := of.ParsePacketIn(all[3])
	if err != nil || len(paused.Continuation) == 0 {
		t.Errorf("no continuation of a paused packet: %+v, %v", paused, err)
	}
}

// TestModText names messages as errors do.
func TestModText(t *testing.T) {
	f := of.Flow{Table: 5, Priority: 10, Cookie: 0xa, Match: of.NewMatch(of.InPort(1)), Do: of.Do(of.Output{Port: 2})}
	g := of.GroupEntry{ID: 7, Type: of.GroupSelect, Buckets: []of.Bucket{{ID: 1, Weight: 2, Actions: of.NewActions(of.Output{Port: 1})}}}
	for want, m := range map[string]interface{ String() string }{
		"add flow cookie=0xa, table=5, priority=10,in_port=1 actions=output:2":          &of.FlowMod{Flow: f},
		"delete flow cookie=0xa, table=5, priority=10,in_port=1":                        &of.FlowMod{Command: of.FlowDeleteStrict, Flow: f},
		"add group group_id=7,type=select,bucket=bucket_id:1,weight:2,actions=output:1": &of.GroupMod{Group: g},
		"delete meter 5": &of.MeterMod{Command: of.MeterDelete, Meter: of.MeterEntry{ID: 5}},
		"map tunnel options {class=0xff00,type=0x81,len=4}->tun_metadata0": &of.TLVMod{Maps: []of.TLVMap{{Class: 0xff00, Type: 0x81, Length: 4}}},
		"delete group 7": &of.GroupMod{Command: of.GroupDelete, Group: g},
		"cookie=0xa, duration=3.050s, table=5, n_packets=1, n_bytes=60, idle_age=2, priority=10,in_port=1 actions=output:2": of.FlowEntry{
			Flow: f, Seconds: 3, Nanoseconds: 50_000_000, IdleSeconds: 2, Packets: 1, Bytes: 60,
		},
	} {
		if got := m.String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
