package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sys/unix"
)

const (
	headerTimeout = 5 * time.Second
	idleTimeout   = 2 * time.Minute
	graceTimeout  = 5 * time.Second // for answers under way when the daemon stops
)

type (
	lifetimeKey struct{} // -> context.Context, ends with the daemon
	peerKey     struct{} // -> peer
)

// peer is the process at the other end of a unix socket.
type peer struct{ uid, pid int }

// Serve answers on l until ctx ends, then closes l, gives the requests under
// way five seconds and returns nil. An apply that is being performed sees its
// context end at once, so that it stops between two steps.
func Serve(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		BaseContext: func(net.Listener) context.Context {
			// Not ctx itself: a question under way at the end may still be answered.
			return context.WithValue(context.WithoutCancel(ctx), lifetimeKey{}, ctx)
		},
		ConnContext: withPeer,
	}
	closed := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceTimeout)
		defer cancel()
		err := srv.Shutdown(grace)
		if errors.Is(err, context.DeadlineExceeded) {
			err = srv.Close()
		}
		closed <- err
	})
	err := srv.Serve(l)
	if stop() { // ctx has not ended: the listener broke
		return fmt.Errorf("serve %s: %w", l.Addr(), errors.Join(err, srv.Close()))
	}
	if err := <-closed; err != nil {
		return fmt.Errorf("stop serving %s: %w", l.Addr(), err)
	}
	return nil
}

// withPeer notes who is at the other end, where the kernel tells.
func withPeer(ctx context.Context, c net.Conn) context.Context {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return ctx
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return ctx
	}
	var cred *unix.Ucred
	err = raw.Control(func(fd uintptr) {
		cred, _ = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	})
	if err != nil || cred == nil {
		return ctx
	}
	return context.WithValue(ctx, peerKey{}, peer{uid: int(cred.Uid), pid: int(cred.Pid)})
}
