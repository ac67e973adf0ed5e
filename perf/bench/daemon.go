package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// stateDir holds a folder for each daemon that scenarios run, by the name of its
// lab host. It is on disk, as profiles refuse socket directories below /run.
const stateDir = "/var/lib/sluice-lab"

// daemon is the built sluiced, run against a lab host the way systemd would run
// it: it tells its state to a notification socket.
type daemon struct {
	host   *lab.Host
	binary string
	dir    string   // profile, settings; removed by close
	cmd    *lab.Cmd // nil while stopped
	notify *net.UnixConn
	// statuses are what it told, oldest first; closed at the end. They are read all
	// the time, as by systemd: a program whose notifications nobody takes stops.
	statuses chan string
}

// missingBinary says that a program is not built.
func missingBinary(env Env, name string) []string {
	path := filepath.Join(env.BinDir, name)
	if info, err := os.Stat(path); err != nil || info.Mode()&0o111 == 0 {
		return []string{fmt.Sprintf("%s beside sluice-perf (`make build` puts it there)", name)}
	}
	return nil
}

// newDaemon prepares a daemon for the host; nothing runs yet. Its folder is not
// below /run, where a profile may not put sockets of guests.
func newDaemon(env Env, h *lab.Host) (*daemon, error) {
	d := &daemon{host: h, binary: filepath.Join(env.BinDir, "sluiced"), dir: filepath.Join(stateDir, filepath.Base(h.RunDir()))}
	if err := os.MkdirAll(d.dir, 0o755); err != nil {
		return nil, err
	}
	err := os.WriteFile(d.settings(), nil, 0o644)
	if err == nil {
		d.notify, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: h.Path("notify.sock"), Net: "unixgram"})
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(d.dir))
	}
	d.statuses = make(chan string, 1024)
	go d.listen()
	return d, nil
}

func (d *daemon) profile() string   { return filepath.Join(d.dir, "host.yaml") }
func (d *daemon) settings() string  { return filepath.Join(d.dir, "sluiced.yaml") }
func (d *daemon) socketDir() string { return filepath.Join(d.dir, "vhost") }
func (d *daemon) api() string       { return d.host.Path("api.sock") }
func (d *daemon) log() string       { return d.host.Path("sluiced.log") }

// start starts sluiced and returns at once.
func (d *daemon) start(ctx context.Context) error {
	log, err := os.OpenFile(d.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	d.cmd = d.host.Command(context.WithoutCancel(ctx), d.binary, "--settings", d.settings(), "--profile", d.profile(),
		"--vars", filepath.Join(d.dir, "vars.yaml"), "--api-socket", d.api(), "--ovs-run-dir", d.host.RunDir())
	d.cmd.Env = append(d.cmd.Env, "NOTIFY_SOCKET="+d.host.Path("notify.sock"))
	d.cmd.Stderr = log
	return d.cmd.Start()
}

// stop ends sluiced as systemd would and returns when it is gone.
func (d *daemon) stop(ctx context.Context) error {
	if d.cmd == nil {
		return nil
	}
	cmd := d.cmd
	d.cmd = nil
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop sluiced: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("stop sluiced: %w", err)
	}
	return nil
}

// install puts a profile into place, as an editor or `host apply` does: renamed
// over the former one.
func (d *daemon) install(profile string) error {
	next := d.profile() + ".new"
	if err := os.WriteFile(next, []byte(profile), 0o644); err != nil {
		return err
	}
	return os.Rename(next, d.profile())
}

// listen passes on the statuses among the notifications (sd_notify(3)) until the
// socket is closed. Of too many the oldest go.
func (d *daemon) listen() {
	defer close(d.statuses)
	buf := make([]byte, 8192)
	for {
		n, err := d.notify.Read(buf)
		if err != nil {
			return
		}
		for line := range strings.Lines(string(buf[:n])) {
			status, ok := strings.CutPrefix(strings.TrimSpace(line), "STATUS=")
			if !ok {
				continue
			}
			select {
			case d.statuses <- status:
			default:
				select {
				case <-d.statuses:
				default:
				}
				d.statuses <- status // nobody else sends: there is room
			}
		}
	}
}

// await returns when sluiced tells of a pass that ended with one of the results,
// "changed" or "converged"; one that it told before, after forget, counts too.
func (d *daemon) await(ctx context.Context, results ...string) (string, error) {
	last := ""
	for {
		select {
		case status, ok := <-d.statuses:
			if !ok {
				return "", errors.New("wait for sluiced: its notification socket is closed")
			}
			if slices.Contains(results, resultOf(status)) {
				return status, nil
			}
			last = status
		case <-ctx.Done():
			return "", fmt.Errorf("wait until sluiced is %s: %w: it last said %q; its log ends:\n%s",
				strings.Join(results, " or "), ctx.Err(), last, tail(d.log()))
		}
	}
}

// resultOf is the first word of a status: "refused: port vm1: ..." is refused.
func resultOf(status string) string {
	if i := strings.IndexAny(status, ":,; "); i >= 0 {
		return status[:i]
	}
	return status
}

// forget drops what sluiced told so far.
func (d *daemon) forget() {
	for {
		select {
		case <-d.statuses:
		default:
			return
		}
	}
}

// tail returns the last lines of a file, for errors.
func tail(path string) string {
	lines := strings.Split(strings.TrimSpace(read(path)), "\n")
	return strings.Join(lines[max(0, len(lines)-8):], "\n")
}

// close ends sluiced and removes its files. The host is the owner's to close.
func (d *daemon) close() error {
	var err error
	if d.cmd != nil {
		err = d.cmd.Kill()
	}
	err = errors.Join(err, d.notify.Close(), os.RemoveAll(d.dir))
	for range d.statuses { // until listen has ended
	}
	return err
}
