package demo

import (
	"context"
	"io"
	"net"
	"sync"
)

// door serves what listens in the host's namespace to this machine: the daemon
// runs beside its switch, and its metrics are asked for from any shell.
type door struct {
	listener net.Listener
	inside   func(ctx context.Context) (net.Conn, error)
	each     sync.WaitGroup
}

// openDoor listens at address; inside makes a connection to what is served.
// Connections end with ctx.
func openDoor(ctx context.Context, address string, inside func(ctx context.Context) (net.Conn, error)) (*door, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	d := &door{listener: l, inside: inside}
	d.each.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // it was closed
			}
			d.each.Go(func() { d.carry(ctx, conn) })
		}
	})
	return d, nil
}

// carry joins one connection to one inside, until either end closes. That the
// other end is not there is told to who asks by the end of the connection.
func (d *door) carry(ctx context.Context, asking net.Conn) {
	defer asking.Close()
	asked, err := d.inside(ctx)
	if err != nil {
		return
	}
	defer asked.Close()
	defer context.AfterFunc(ctx, func() { _ = asking.Close(); _ = asked.Close() })()
	var answers sync.WaitGroup
	answers.Go(func() {
		_, _ = io.Copy(asking, asked)
		_ = asking.Close()
	})
	_, _ = io.Copy(asked, asking)
	_ = asked.Close()
	answers.Wait()
}

// close ends the door; connections end with the context it was opened with.
func (d *door) close() error {
	err := d.listener.Close()
	d.each.Wait()
	return err
}
