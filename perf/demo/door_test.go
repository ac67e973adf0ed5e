package demo

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
)

// TestDoor: what is asked outside is answered inside; where nobody is inside the
// connection ends, and so do all when the door is shut.
func TestDoor(t *testing.T) {
	ctx, shut := context.WithCancel(t.Context())
	defer shut()
	var lc net.ListenConfig
	served, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer served.Close()
	go func() {
		for {
			conn, err := served.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(conn, conn) }()
		}
	}()
	absent := errors.New("nobody is there")
	var dialer net.Dialer
	open := func(inside func(context.Context) (net.Conn, error)) (*door, net.Conn) {
		d, err := openDoor(ctx, "127.0.0.1:0", inside)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := dialer.DialContext(ctx, "tcp", d.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return d, conn
	}
	d, conn := open(func(ctx context.Context) (net.Conn, error) {
		return dialer.DialContext(ctx, "tcp", served.Addr().String())
	})
	reply := make([]byte, 5)
	if _, err := io.WriteString(conn, "hello"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, reply); err != nil || string(reply) != "hello" {
		t.Errorf("answered %q, %v", reply, err)
	}
	empty, alone := open(func(context.Context) (net.Conn, error) { return nil, absent })
	if n, err := alone.Read(reply); err == nil {
		t.Errorf("nobody answered %q", reply[:n])
	}
	shut()
	for _, each := range []*door{d, empty} {
		if err := each.close(); err != nil {
			t.Error(err)
		}
	}
	if n, err := conn.Read(reply); err == nil {
		t.Errorf("the door is shut and answered %q", reply[:n])
	}
}
