package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// The hosts that are scraped, by their number of ports.
const (
	scrapedSmall = 64
	scrapedLarge = 512
)

// scrapedMemory is what OVS has there of hugepages, in MiB.
func scrapedMemory(ports int) int {
	if ports > scrapedSmall {
		return 2 * switchMemory
	}
	return switchMemory
}

// scrapeListener is where sluiced serves its metrics unless told otherwise, on the
// host's own loopback.
const scrapeListener = "127.0.0.1:9467"

// scrapeApart is how long scrapes are apart: sluiced shows what it read to all who
// ask within a second.
const scrapeApart = 1050 * time.Millisecond

// statisticsApart is more than the time between OVS's writings of statistics.
const statisticsApart = 6 * time.Second

// openFiles is what ovs-ctl gives ovs-vswitchd (MAXFD of utilities/ovs-lib.in).
const openFiles = 65535

// scrapedHost is a host with vhost ports, of which every second one has a guest.
type scrapedHost struct {
	managedHost
	ports  int
	guests []*lab.IdleGuest
	client *http.Client
}

const scrapedWords = "The built sluiced on a lab host with OVS-DPDK, one PMD thread, which sleeps when idle, and so many vhost ports. Every second port is connected: its guest is an end of vhost-user in the harness, which negotiates with the switch and shares memory with one pair of rings, " +
	"and then neither sends nor takes anything, so that hundreds cost a socket each; to the switch, and to what it tells of the port, it is a guest that is silent. " +
	"Scrapes are by HTTP on loopback in the host's network namespace, on a connection that is kept, compressed, as Prometheus does; they are 1.05 s apart, so that each reads the switch anew. "

// startScraped returns when the daemon is converged, the guests are connected and
// the database tells so.
func startScraped(ctx context.Context, env Env, ports int) (_ *scrapedHost, err error) {
	h := &scrapedHost{ports: ports}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	if err := h.start(ctx, env, func(p *hostProfile) { p.sockets = scrapedMemory(ports) }); err != nil {
		return nil, err
	}
	if err := h.allowFiles(); err != nil {
		return nil, fmt.Errorf("open files of ovs-vswitchd: %w", err)
	}
	h.client = h.dialer()
	ctx, cancel := context.WithTimeout(ctx, overlayPatience)
	defer cancel()
	env.Progress(fmt.Sprintf("making %d ports, half of them connected", ports))
	h.daemon.forget()
	h.profile.guests = numbered("vm", ports)
	if err := h.daemon.install(h.profile.text()); err != nil {
		return nil, err
	}
	if _, err := h.daemon.await(ctx, "changed"); err != nil {
		return nil, err
	}
	return h, h.connect(ctx)
}

// allowFiles lets ovs-vswitchd open as many files as ovs-ctl would, or as it may.
func (h *scrapedHost) allowFiles() error {
	pid, err := h.host.VswitchdPID()
	if err != nil {
		return err
	}
	var limit unix.Rlimit
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &limit); err != nil {
		return err
	}
	limit.Cur = min(openFiles, limit.Max)
	return unix.Prlimit(pid, unix.RLIMIT_NOFILE, &limit, nil)
}

// connect starts the guests. The first is alone: with it OVS makes the mempool of all
// ports, trying with all memory there is, and a guest that connects meanwhile is
// turned away for good.
func (h *scrapedHost) connect(ctx context.Context) error {
	for i := 0; i < h.ports; i += 2 {
		name := h.profile.guests[i]
		g, err := lab.StartIdleGuest(filepath.Join(h.daemon.socketDir(), name, name+".sock"))
		if err != nil {
			return err
		}
		h.guests = append(h.guests, g)
		if i > 0 {
			continue
		}
		if err := errors.Join(g.Connected(ctx), h.rests(ctx)); err != nil {
			return err
		}
	}
	for _, g := range h.guests {
		if err := g.Connected(ctx); err != nil {
			return err
		}
	}
	if err := h.rests(ctx); err != nil {
		return err
	}
	return h.steady(ctx)
}

// rests waits until ovs-vswitchd has done what each guest that connects makes it
// do: its main thread is idle for most of a second, three times in a row.
func (h *scrapedHost) rests(ctx context.Context) error {
	pid, err := h.host.VswitchdPID()
	if err != nil {
		return err
	}
	return lab.Until(ctx, "ovs-vswitchd rests", func(ctx context.Context) error {
		for range 3 {
			ran, err := mainThread(pid, func() error { return pause(ctx, time.Second) })
			if err == nil && ran > 200*time.Millisecond {
				err = fmt.Errorf("its main thread ran for %s of a second", ran)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// steady waits until scrapes say that half of the ports are connected, and have as
// many series as before OVS last wrote its statistics.
func (h *scrapedHost) steady(ctx context.Context) error {
	before := 0.0
	return lab.Until(ctx, "scrapes show all that there is", func(ctx context.Context) error {
		if err := pause(ctx, statisticsApart); err != nil {
			return err
		}
		s, err := h.scrape(ctx, scrapeListener)
		if err != nil {
			return err
		}
		was := before
		before = s.series()
		if n := s.sum("ovs_vhost_connected"); n != float64(len(h.guests)) {
			return fmt.Errorf("%g ports are connected", n)
		}
		if before != was {
			return fmt.Errorf("%g series, %g before", before, was)
		}
		return nil
	})
}

// dialer is a client in the host's network namespace.
func (h *scrapedHost) dialer() *http.Client {
	dial := func(ctx context.Context, network, address string) (conn net.Conn, err error) {
		err = h.host.Do(func() error {
			var d net.Dialer
			conn, err = d.DialContext(ctx, network, address)
			return err
		})
		return conn, err
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial}}
}

// scraped is one answer.
type scraped struct {
	took time.Duration
	text string
}

// scrape asks once.
func (h *scrapedHost) scrape(ctx context.Context, address string) (scraped, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/metrics", nil)
	if err != nil {
		return scraped{}, err
	}
	began := time.Now()
	reply, err := h.client.Do(request)
	if err != nil {
		return scraped{}, err
	}
	text, err := io.ReadAll(reply.Body)
	took := time.Since(began)
	if err = errors.Join(err, reply.Body.Close()); err == nil && reply.StatusCode != http.StatusOK {
		err = fmt.Errorf("scrape: %s: %s", reply.Status, text)
	}
	return scraped{took: took, text: string(text)}, err
}

// later scrapes once the former reading is too old to be shown again.
func (h *scrapedHost) later(ctx context.Context, address string) (scraped, error) {
	if err := pause(ctx, scrapeApart); err != nil {
		return scraped{}, err
	}
	return h.scrape(ctx, address)
}

// samples are the lines of the exposition that are samples (Prometheus's text
// format 0.0.4).
func (s scraped) samples() []string {
	var lines []string
	for line := range strings.Lines(s.text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

// series counts them.
func (s scraped) series() float64 { return float64(len(s.samples())) }

// sum adds up the samples whose line begins so, up to the labels or within them.
func (s scraped) sum(prefix string) float64 {
	total := 0.0
	for _, line := range s.samples() {
		if !strings.HasPrefix(line, prefix) {
			continue
		}
		if v, err := strconv.ParseFloat(line[strings.LastIndex(line, " ")+1:], 64); err == nil {
			total += v
		}
	}
	return total
}

// collecting is how long sluiced says that it read the switch, in seconds; an error
// where it failed, or where parts of it did.
func (s scraped) collecting() (float64, error) {
	for _, line := range s.samples() {
		if strings.HasPrefix(line, "sluice_collector_success{") && strings.HasSuffix(line, " 0") {
			return 0, fmt.Errorf("a scrape says %s", line)
		}
	}
	took := s.sum(`sluice_collector_duration_seconds{collector="snapshot"}`)
	if took <= 0 {
		return 0, errors.New("a scrape does not say how long reading the switch took")
	}
	return took, nil
}

func (h *scrapedHost) close() error {
	if h.client != nil {
		h.client.CloseIdleConnections()
	}
	var errs []error
	if h.host != nil {
		// In good order, hundreds of ports take longer to go than a host is given.
		errs = append(errs, h.host.KillVswitchd())
	}
	for _, g := range h.guests {
		errs = append(errs, g.Close())
	}
	return errors.Join(append(errs, h.managedHost.close())...)
}

// missingScraped lists what is lacking for hosts of so many ports at once.
func missingScraped(env Env, ports ...int) []string {
	memory := 0
	for _, n := range ports {
		memory += scrapedMemory(n)
	}
	return append(missingSwitch(memory), missingBinary(env, "sluiced")...)
}
