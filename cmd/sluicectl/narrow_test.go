package main

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// TestNarrow: what works on one object reads little of a network of many ports.
func TestNarrow(t *testing.T) {
	n := newNetwork(t)
	st := n.dial(t)
	ctx := t.Context()
	if err := st.AddSwitch(ctx, logical.Switch{Name: "many"}); err != nil {
		t.Fatal(err)
	}
	for i := range 150 {
		a := netip.AddrFrom4([4]byte{10, 1, 1, byte(i + 1)})
		if err := st.AddPort(ctx, "many", logical.SwitchPort{Name: fmt.Sprintf("vm-%d", i), Addresses: []netip.Addr{a}}); err != nil {
			t.Fatal(err)
		}
	}
	n.run(t, "sluicectl ls add web")
	n.run(t, "sluicectl lsp add web other 10.0.0.1")
	for i := range 2 {
		h := logical.Host{Name: fmt.Sprintf("edge%d", i), Addresses: []netip.Addr{netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})}}
		if _, err := st.RegisterHost(ctx, h, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	bytes := n.count(t)
	for _, try := range []struct {
		line, want string
		most       int64
	}{
		{"lsp set many vm-7 --rate-to 1000", "port vm-7 changed", 6000},
		{"lsp set many vm-7 --security off", "port vm-7 changed", 6000},
		{"patchport add many out1 nobody br-ex", "no host nobody has registered yet", 6000},
		{"patchport add many out2 edge1 br-ex", "outside port out2 added", 6000},
		{"patchport del many vm-7", "is a guest port", 6000},
		{"patchport del many out2", "outside port out2 deleted", 6000},
		{"ch drain edge1", "host edge1 is drained", 6000},
		{"ch drain 192.0.2.0 --end", "host edge0 takes traffic again", 6000},
		{"lsp del web vm-7", "it is a port of switch many", 9000},
		{"lsp set many othr --rate-to 1", "did you mean other?", 9000},
		{"__complete lsp del many vm-14", "vm-149", 9000},
		{"__complete lsp del web o", "other", 6000},
		{"__complete ls del m", "many", 6000},
	} {
		before := bytes.Load()
		got := n.run(t, "sluicectl "+try.line)
		if read := bytes.Load() - before; !strings.Contains(got, try.want) || read > try.most || read == 0 {
			t.Errorf("%s read %d bytes: %s", try.line, read, got)
		}
	}
}

// count puts itself before the store, and counts the bytes that the server sends.
func (n *network) count(t *testing.T) *atomic.Int64 {
	t.Helper()
	path := n.Path("count.sock")
	listener, err := new(net.ListenConfig).Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	var all atomic.Int64
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := new(net.Dialer).Dial("unix", strings.TrimPrefix(n.DBEndpoint(), "unix:"))
			if err != nil {
				_ = client.Close()
				continue
			}
			go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
			go func() { _, _ = io.Copy(io.MultiWriter(client, counter{&all}), server); _ = client.Close() }()
		}
	}()
	n.env[storeVar] = "unix:" + path
	return &all
}

type counter struct{ *atomic.Int64 }

func (c counter) Write(p []byte) (int, error) { c.Add(int64(len(p))); return len(p), nil }
