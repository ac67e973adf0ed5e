package lab

import (
	"errors"
	"runtime"
	"syscall"
)

// errClosed is returned for work asked of a host after its Close.
var errClosed = errors.New("lab host is closed")

// thread is one operating-system thread that does what it is asked, in order.
// A network namespace belongs to a thread, and so does the parent-death signal
// (prctl(2): it is sent when the thread that forked ends, not the process). The Go
// runtime ends a thread only when a goroutine locked to it returns, which this
// one does in stop and at no other time.
type thread struct {
	work chan func()
	quit chan struct{}
	done chan struct{}
}

// newThread starts a thread and runs enter on it first; with an error from enter
// the thread is gone again.
func newThread(enter func() error) (*thread, error) {
	t := &thread{work: make(chan func()), quit: make(chan struct{}), done: make(chan struct{})}
	entered := make(chan error)
	go t.run(enter, entered)
	if err := <-entered; err != nil {
		<-t.done
		return nil, err
	}
	return t, nil
}

func (t *thread) run(enter func() error, entered chan<- error) {
	defer close(t.done)
	// Never unlocked: the thread has another namespace than its siblings and
	// must end with this goroutine rather than serve others.
	runtime.LockOSThread()
	if syscall.Gettid() != syscall.Getpid() {
		t.serve(enter, entered)
		return
	}
	// The namespace of the main thread is what /proc shows as the process's, see
	// Outside, and that thread never ends. Held here, it leaves another one for this.
	defer runtime.UnlockOSThread()
	served := make(chan struct{})
	go func() {
		defer close(served)
		runtime.LockOSThread()
		t.serve(enter, entered)
	}()
	<-served
}

// serve enters and does what is asked, on the calling thread, until quit.
func (t *thread) serve(enter func() error, entered chan<- error) {
	err := enter()
	entered <- err
	if err != nil {
		return
	}
	for {
		select {
		case f := <-t.work:
			f()
		case <-t.quit:
			return
		}
	}
}

// do runs f on the thread and returns its error.
func (t *thread) do(f func() error) error {
	var err error
	ran := make(chan struct{})
	select {
	case t.work <- func() { defer close(ran); err = f() }:
		<-ran
		return err
	case <-t.done:
		return errClosed
	}
}

// stop ends the thread, and with it, by their parent-death signal, any child it
// started that still runs. It may be called once.
func (t *thread) stop() {
	close(t.quit)
	<-t.done
}
