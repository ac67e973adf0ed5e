package flows_test

import (
	"context"
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/simulate/difftest"
	"github.com/sluice-nfv/sluice/internal/lab"
)

// TestAdvertisement sends a real solicitation and compares the advertisement byte by
// byte (RFC 4861, sections 4.3 and 4.4): flags, option, checksum.
func TestAdvertisement(t *testing.T) {
	r := start(t, twoHosts(t))
	const (
		mac1, mac2, router = "f2010a00010b", "f2010a00010c", "f2010a000101"
		from               = "20010db8000100000000000000000011"
	)
	// Ethernet, IPv6 with 32 bytes of ICMPv6 and hop limit 255, ICMPv6.
	ask := func(target string) string {
		return message("3333ff000012", mac1, from, "ff0200000000000000000001ff000012", "8700", "00000000"+target+"0101"+mac1)
	}
	answer := func(target, mac, flags string) string {
		return message(mac1, mac, target, from, "8800", flags+"000000"+target+"0201"+mac)
	}
	at := difftest.Place{Host: "h1", Port: "blue1"}
	if err := r.Capture(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct{ target, mac, flags string }{
		{"20010db8000100000000000000000012", mac2, "60"},
		{"20010db8000100000000000000000001", router, "e0"},
	} {
		frame, err := hex.DecodeString(ask(c.target))
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Send(t.Context(), at, frame); err != nil {
			t.Fatal(err)
		}
		var got [][]byte
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		err = lab.Until(ctx, "an advertisement arrives", func(context.Context) error {
			if got, err = r.Received(at); err == nil && len(got) <= i {
				err = errors.New("it did not")
			}
			return err
		})
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		if want := answer(c.target, c.mac, c.flags); hex.EncodeToString(got[i]) != want {
			t.Errorf("got  %x\nwant %s", got[i], want)
		}
	}
}

// message is a frame with an ICMPv6 message, its checksum made (RFC 4443, section 2.3).
func message(dst, src, from, to, kind, body string) string {
	head, err := hex.DecodeString(from + to + "00000020" + "0000003a" + kind + "0000" + body)
	if err != nil {
		panic(err)
	}
	sum := uint32(0)
	for i := 0; i < len(head); i += 2 {
		sum += uint32(head[i])<<8 | uint32(head[i+1])
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	check := hex.EncodeToString([]byte{^byte(sum >> 8), ^byte(sum)})
	return dst + src + "86dd" + "60000000" + "0020" + "3a" + "ff" + from + to + kind + check + body
}
