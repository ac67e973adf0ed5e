// Package demo stands up a demonstration host: a real OVS-DPDK in a network
// namespace of its own, the daemon with the shipped demo profile, and two
// virtio-user guests that send to each other. It leaves nothing behind.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/lab"
)

// Hugepages is the number of hugepages of 2 MiB a demonstration takes: 400 MiB
// for the switch, which the demo profile asks for, and some for what EAL adds.
const Hugepages = 256

// Options are what a demonstration is started with.
type Options struct {
	// Bin is the directory of the binaries sluiced and sluicectl.
	Bin string
	// Check ends the demonstration after it proved itself, with an error if it
	// did not; else it goes on until ctx ends.
	Check bool
	Out   io.Writer
}

// demo is a running demonstration.
type demo struct {
	Options
	host    *lab.Host
	sockets string
	client  *api.Client
	daemon  *lab.Cmd
	metrics string
	door    *door
	shut    context.CancelFunc // ends the connections of door
	guests  []*lab.Guest
	// prometheus is nil where it is not installed.
	prometheus *lab.Prometheus
	// ctx never ends: what runs with it is ended by close, in order.
	ctx    context.Context
	broken context.CancelCauseFunc
}

// startTimeout bounds everything up to the first packets.
const startTimeout = 90 * time.Second

// Run shows the demonstration until ctx ends, or checks it.
func Run(ctx context.Context, o Options) (err error) {
	d := &demo{Options: o}
	defer func() { err = errors.Join(err, d.close()) }()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	d.ctx, d.broken = context.WithoutCancel(ctx), stop
	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"starting Open vSwitch with DPDK in a network namespace of its own", d.startHost},
		{"starting sluiced with the demo profile", d.startDaemon},
		{"waiting until the host is as the profile says", d.converged},
		{"starting two virtio-user guests", d.startGuests},
		{"waiting until both guests are connected", d.connected},
		{"letting the guests send to each other", d.send},
		{"starting Prometheus, where it is installed, to scrape sluiced each second", d.startPrometheus},
	} {
		fmt.Fprintf(o.Out, "demo: %s\n", step.what)
		if err := step.do(starting); err != nil {
			if ctx.Err() != nil {
				return d.interrupted(ctx)
			}
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	if o.Check {
		return d.check(ctx)
	}
	return d.watch(ctx)
}

// errDaemon says that sluiced ended by itself.
var errDaemon = errors.New("sluiced ended by itself")

// interrupted is nil when the operator has seen enough.
func (d *demo) interrupted(ctx context.Context) error {
	if err := context.Cause(ctx); errors.Is(err, errDaemon) {
		return err
	}
	return nil
}

func (d *demo) startHost(ctx context.Context) (err error) {
	if missing := lab.Missing(lab.Options{DPDK: true}); len(missing) > 0 {
		return fmt.Errorf("this machine lacks %v", missing)
	}
	if _, err := lab.Sweep(ctx); err != nil {
		return fmt.Errorf("sweep what an earlier run left: %w", err)
	}
	d.host, err = lab.Start(ctx, lab.Options{DPDK: true, Unconfigured: true})
	return err
}

// insideMetrics is where the daemon serves metrics in the namespace, where
// nobody else is; door brings them out.
const insideMetrics = "127.0.0.1:9467"

// startDaemon runs sluiced in the namespace of its switch, which sends it flow
// records there. Its metrics can be asked for from any shell of this machine.
func (d *demo) startDaemon(ctx context.Context) error {
	d.sockets = d.host.SocketDir()
	profile, err := configs.ShippedProfile("demo")
	if err != nil {
		return err
	}
	for name, text := range map[string]string{
		"host.yaml": string(profile),
		"vars.yaml": fmt.Sprintf("socket_dir: %q\n", d.sockets),
	} {
		if err := os.WriteFile(d.host.Path(name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	d.metrics, err = freeAddress(ctx)
	if err != nil {
		return err
	}
	carrying, shut := context.WithCancel(d.ctx)
	d.door, err = openDoor(carrying, d.metrics, func(ctx context.Context) (conn net.Conn, err error) {
		var dialer net.Dialer
		err = d.host.Do(func() error { conn, err = dialer.DialContext(ctx, "tcp", insideMetrics); return err })
		return conn, err
	})
	if err != nil {
		shut()
		return err
	}
	d.shut = shut
	d.daemon = d.host.Command(d.ctx, filepath.Join(d.Bin, "sluiced"),
		"--settings", "/dev/null", "--profile", d.host.Path("host.yaml"), "--vars", d.host.Path("vars.yaml"),
		"--ovs-run-dir", d.host.RunDir(), "--api-socket", d.Socket(), "--metrics-listen", insideMetrics)
	log, err := os.Create(d.host.Path("sluiced.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	d.daemon.Stdout, d.daemon.Stderr = log, log
	if err := d.daemon.Start(); err != nil {
		return err
	}
	daemon := d.daemon
	go func() {
		// Also when it is stopped in the end; nobody listens any more then.
		_ = daemon.Wait()
		d.broken(errDaemon)
	}()
	d.client = api.Dial(d.Socket())
	return nil
}

// Socket is the API socket of the demonstration's daemon.
func (d *demo) Socket() string { return d.host.Path("api.sock") }

// freeAddress prefers the daemon's usual metrics address.
func freeAddress(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	for _, address := range []string{"127.0.0.1:9467", "127.0.0.1:0"} {
		l, err := lc.Listen(ctx, "tcp", address)
		if err != nil {
			continue
		}
		address = l.Addr().String()
		return address, l.Close()
	}
	return "", errors.New("no free TCP port on 127.0.0.1")
}

func (d *demo) status(ctx context.Context) (api.Status, error) { return d.client.Status(ctx) }

func (d *demo) converged(ctx context.Context) error {
	return lab.Until(ctx, "the daemon reports the host converged", func(ctx context.Context) error {
		s, err := d.status(ctx)
		if err != nil {
			return err
		}
		if s.Pass.Result != "converged" {
			return fmt.Errorf("the newest pass is %s: %s %v", s.Pass.Result, s.Pass.Error, s.Pass.Refused)
		}
		return nil
	})
}

var (
	mac1 = net.HardwareAddr{0x52, 0x54, 0, 0, 0, 1}
	mac2 = net.HardwareAddr{0x52, 0x54, 0, 0, 0, 2}
)

func (d *demo) startGuests(ctx context.Context) error {
	for _, g := range []struct {
		name      string
		mac, peer net.HardwareAddr
	}{{"vm1", mac1, mac2}, {"vm2", mac2, mac1}} {
		guest, err := d.host.StartVirtioUser(d.ctx, lab.GuestOptions{
			Socket: filepath.Join(d.sockets, g.name, g.name+".sock"),
			MAC:    g.mac, PeerMAC: g.peer, Mode: lab.MACSwap, MultiFlow: true, Idle: true,
		})
		if err != nil {
			return fmt.Errorf("guest %s: %w", g.name, err)
		}
		d.guests = append(d.guests, guest)
	}
	return nil
}

func (d *demo) connected(ctx context.Context) error {
	return lab.Until(ctx, "both guests are connected", func(ctx context.Context) error {
		s, err := d.status(ctx)
		if err != nil {
			return err
		}
		connected := 0
		for _, p := range s.Ports {
			if p.Connected != nil && *p.Connected {
				connected++
			}
		}
		if connected != len(d.guests) {
			return fmt.Errorf("%d of %d guests are connected", connected, len(d.guests))
		}
		return nil
	})
}

// bursts is how many bursts of 32 packets go round: each guest sends back what
// it gets. More would overrun a ring of 256 descriptors.
const bursts = 4

func (d *demo) send(ctx context.Context) error {
	if err := d.guests[1].StartForwarding(ctx); err != nil {
		return err
	}
	return d.guests[0].StartWithBurst(ctx, bursts)
}

// watch hands the screen to `sluicectl host status --watch`.
func (d *demo) watch(ctx context.Context) error {
	cmd := d.host.Outside(ctx, filepath.Join(d.Bin, "sluicectl"), "--socket", d.Socket(), "host", "status", "--watch", "--foot", d.toTry())
	cmd.Stdout, cmd.Stderr = d.Out, d.Out
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ctx.Done():
		return d.interrupted(ctx)
	case err := <-ended:
		if ctx.Err() != nil {
			return d.interrupted(ctx)
		}
		return err
	}
}

// check proves that packets flow, that the daemon sees them, and that metrics
// tell them.
func (d *demo) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	first, err := d.status(ctx)
	if err != nil {
		return err
	}
	err = lab.Until(ctx, "packets flow both ways and the daemon counts them", func(ctx context.Context) error {
		now, err := d.status(ctx)
		if err != nil {
			return err
		}
		return flowing(first, now)
	})
	if err != nil {
		return err
	}
	if err := d.scrape(ctx); err != nil {
		return err
	}
	fmt.Fprintln(d.Out, d.toTry())
	if err := d.asked(ctx); err != nil {
		return err
	}
	if err := d.tried(ctx); err != nil {
		return err
	}
	show := d.host.Outside(ctx, filepath.Join(d.Bin, "sluicectl"), "--socket", d.Socket(), "host", "status", "--watch", "--count", looks)
	screen, err := show.CombinedOutput()
	fmt.Fprintf(d.Out, "%s\n", screen)
	if err != nil {
		return fmt.Errorf("sluicectl host status: %w", err)
	}
	plan := d.host.Outside(ctx, filepath.Join(d.Bin, "sluicectl"), "--socket", d.Socket(), "host", "plan")
	if text, err := plan.CombinedOutput(); err != nil {
		return fmt.Errorf("sluicectl host plan on a converged host: %w\n%s", err, text)
	}
	// A question to the control socket that was given up half way: ovs-vswitchd
	// says so, and nothing is wrong.
	d.host.Allow(regexp.MustCompile(`jsonrpc\|WARN\|unix#\d+: send error: Broken pipe`))
	lines, err := d.host.CheckLog()
	if err == nil && len(lines) > 0 {
		err = fmt.Errorf("unexpected in ovs-vswitchd's log: %v", lines)
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(d.Out, "demo: checked: bridges, ports, guests, queues, packets both ways, lookups, metrics")
	return nil
}

// looks is how many seconds the screen watches for packets per second: OVS
// writes its counters anew every five.
const looks = "12"

// enough is how many packets each guest's port must have passed each way.
const enough = 10_000

// flowing compares two looks at the host.
func flowing(was, is api.Status) error {
	for _, name := range []string{"vm1", "vm2"} {
		a, b := port(was, name), port(is, name)
		for _, counter := range []string{"rx_packets", "tx_packets"} {
			if got := b.Counters[counter] - a.Counters[counter]; got < enough {
				return fmt.Errorf("port %s: %s grew by %d, want %d", name, counter, got, enough)
			}
		}
		if b.QueuesNegotiated == nil || *b.QueuesNegotiated != 1 || len(b.PolledBy) != 1 {
			return fmt.Errorf("port %s: queues negotiated %v, polled by %v", name, b.QueuesNegotiated, b.PolledBy)
		}
	}
	switch {
	case is.Lookups == nil || was.Lookups == nil:
		return errors.New("no lookups told")
	case is.Lookups.EMC+is.Lookups.Megaflow+is.Lookups.Simple <= was.Lookups.EMC+was.Lookups.Megaflow+was.Lookups.Simple+enough:
		return fmt.Errorf("lookups do not grow: %+v", *is.Lookups)
	case len(is.PMDs) != 1 || is.PMDs[0].Core != 1:
		return fmt.Errorf("PMDs are %+v, want one on core 1", is.PMDs)
	case len(is.Unknown) > 0:
		return fmt.Errorf("not read: %v", is.Unknown)
	}
	return nil
}

func port(s api.Status, name string) api.Port {
	for _, p := range s.Ports {
		if p.Name == name {
			return p
		}
	}
	return api.Port{}
}

// scrape asks for the metrics as Prometheus would.
func (d *demo) scrape(ctx context.Context) error {
	url := "http://" + d.metrics + "/metrics"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	return told(url, string(text))
}

// close ends what was started, newest first.
func (d *demo) close() error {
	var errs []error
	for _, g := range d.guests {
		errs = append(errs, g.Close())
	}
	if d.prometheus != nil {
		errs = append(errs, d.prometheus.Close())
	}
	if d.door != nil {
		d.shut()
		errs = append(errs, d.door.close())
	}
	if d.daemon != nil {
		errs = append(errs, d.stopDaemon())
	}
	if d.host != nil {
		errs = append(errs, d.host.Close())
	}
	return errors.Join(errs...)
}

func (d *demo) stopDaemon() error {
	if err := d.daemon.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop sluiced: %w", err)
	}
	if err := d.daemon.Wait(); err != nil {
		log, _ := os.ReadFile(d.host.Path("sluiced.log"))
		return fmt.Errorf("sluiced ended: %w\n%s", err, log)
	}
	return nil
}
