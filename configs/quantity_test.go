package configs

import (
	"encoding"
	"testing"
	"time"
)

// TestQuantities reads texts and writes them back in their shortest form.
func TestQuantities(t *testing.T) {
	for _, tc := range []struct {
		in, out string
		want    time.Duration
	}{
		{"0us", "0us", 0},
		{"0s", "0us", 0},
		{"50us", "50us", 50 * time.Microsecond},
		{"1000us", "1ms", time.Millisecond},
		{"1500ms", "1500ms", 1500 * time.Millisecond},
		{"60s", "60s", time.Minute},
		{"5m", "300s", 5 * time.Minute},
	} {
		var d duration
		if err := d.UnmarshalText([]byte(tc.in)); err != nil || time.Duration(d) != tc.want {
			t.Errorf("%s = %v, %v", tc.in, time.Duration(d), err)
		}
		if got, _ := d.MarshalText(); string(got) != tc.out {
			t.Errorf("%s is written %s, want %s", tc.in, got, tc.out)
		}
	}
	for _, tc := range []struct {
		in, out string
		want    bitRate
	}{
		{"0", "0", 0},
		{"1500", "1500", 1500},
		{"64k", "64k", 64_000},
		{"500M", "500M", 500_000_000},
		{"500Mbit/s", "500M", 500_000_000},
		{"500Mbps", "500M", 500_000_000},
		{"10G", "10G", 10_000_000_000},
		{"2500M", "2500M", 2_500_000_000},
		{"4T", "4T", 4_000_000_000_000},
	} {
		var r bitRate
		if err := r.UnmarshalText([]byte(tc.in)); err != nil || r != tc.want {
			t.Errorf("%s = %d, %v", tc.in, r, err)
		}
		if got, _ := r.MarshalText(); string(got) != tc.out {
			t.Errorf("%s is written %s, want %s", tc.in, got, tc.out)
		}
	}
	for in, want := range map[string]byteSize{"0": 0, "64000": 64_000, "64k": 64_000, "64kB": 64_000, "1M": 1_000_000, "5G": 5_000_000_000} {
		var b byteSize
		if err := b.UnmarshalText([]byte(in)); err != nil || b != want {
			t.Errorf("%s = %d, %v", in, b, err)
		}
	}
	for percent := range 101 {
		s := share(float64(percent) / 100)
		written, _ := s.MarshalText()
		var back share
		if err := back.UnmarshalText(written); err != nil || back != s {
			t.Errorf("%s = %v, %v; want %v", written, back, err, s)
		}
	}
}

// TestAccepted lists values that look odd and are right.
func TestAccepted(t *testing.T) {
	accept[kernelName](t, "br0", "br-phy", "a", "0", "_br", "123456789012345", "Br.Phy_1")
	accept[pciAddress](t, "0000:3b:00.0", "0000:3B:1F.7", "10000:01:00.0")
	accept[macAddress](t, "52:54:00:00:00:01", "02:00:00:00:00:00", "3C:FD:FE:AA:BB:CC")
	accept[socketPath](t, "", "/var/lib/vhost_sockets/a/b", "/runs/a/b", "/srv/tmp/a", "/var/running/x/y")
	accept[directory](t, "/var/lib/vhost_sockets", "/srv/vhost", "/var/lib/sluice-demo.1")
	accept[collector](t, "192.0.2.7:4739", "[2001:db8::7]:4739", "collector.example.net:1")
	accept[optionClass](t, "0xff00", "0xFFFF", "65281")
	accept[fileMode](t, "0770", "770")
	accept[argument](t, "--no-pci", "-a", `--vdev="x"`, "${")
	accept[network](t, "0.0.0.0/0", "172.16.0.0/16", "2001:db8::/32")
}

func accept[T any, P interface {
	*T
	encoding.TextUnmarshaler
}](t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if err := P(new(T)).UnmarshalText([]byte(text)); err != nil {
			t.Errorf("%T %q: %v", *new(T), text, err)
		}
	}
}
