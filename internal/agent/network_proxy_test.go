package agent

import (
	"net"
	"sync"
)

// proxy is a way to a host's database that lets nothing through while it is cut, as a
// network that is parted: connections stay open, and nobody answers.
type proxy struct {
	to    string
	all   sync.WaitGroup
	mu    sync.Mutex
	open  *sync.Cond
	shut  bool
	ended bool
	conns []net.Conn
}

// proxy serves the host's database at a socket of this name, and returns its path.
func (r *rig) proxy(name string) (path string, p *proxy) {
	r.t.Helper()
	path = r.host.Path(name)
	l, err := net.Listen("unix", path)
	if err != nil {
		r.t.Fatal(err)
	}
	p = &proxy{to: r.host.DBSocket()}
	p.open = sync.NewCond(&p.mu)
	p.all.Go(func() { p.serve(l) })
	r.t.Cleanup(func() {
		_ = l.Close()
		p.mu.Lock()
		p.ended = true
		for _, c := range p.conns {
			_ = c.Close()
		}
		p.open.Broadcast()
		p.mu.Unlock()
		p.all.Wait()
	})
	return path, p
}

// cut lets nothing through any more, and heal everything, what waited included.
func (p *proxy) cut()  { p.set(true) }
func (p *proxy) heal() { p.set(false) }

func (p *proxy) set(shut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut = shut
	p.open.Broadcast()
}

// pass waits until the way is open, and tells whether the test goes on.
func (p *proxy) pass() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.shut && !p.ended {
		p.open.Wait()
	}
	return !p.ended
}

func (p *proxy) serve(l net.Listener) {
	for {
		in, err := l.Accept()
		if err != nil {
			return
		}
		p.all.Go(func() { p.join(in) })
	}
}

// join brings a connection through.
func (p *proxy) join(in net.Conn) {
	defer func() { _ = in.Close() }()
	if !p.pass() {
		return
	}
	out, err := net.Dial("unix", p.to)
	if err != nil {
		return
	}
	defer func() { _ = out.Close() }()
	p.mu.Lock()
	p.conns = append(p.conns, in, out)
	p.mu.Unlock()
	back := make(chan struct{})
	go func() {
		defer close(back)
		p.carry(in, out)
	}()
	p.carry(out, in)
	_ = in.Close()
	<-back
}

func (p *proxy) carry(to, from net.Conn) {
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if err != nil || !p.pass() {
			_ = to.Close()
			return
		}
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}
