package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// ipfixFleet is the network whose first host exports: 50 of its ports are there.
var ipfixFleet = fleet{switches: 20, hosts: 20}

// ipfixCollector is where sluiced collects unless told otherwise, on the host's own
// loopback.
const ipfixCollector = "127.0.0.1:4739"

// ipfixRateRig is a host of the fleet, the recording of what it exports, and a sender
// in its network namespace.
type ipfixRateRig struct {
	*sluiceHost
	metrics *scrapedHost
	replay  *replay
}

func prepareIPFIXRate(ctx context.Context, env Env) (_ Rig, err error) {
	r := &ipfixRateRig{}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	if r.sluiceHost, err = startSluiceHost(ctx, env, ipfixFleet); err != nil {
		return Rig{}, err
	}
	r.metrics = &scrapedHost{managedHost: managedHost{host: r.Host}}
	r.metrics.client = r.metrics.dialer()
	ctx, cancel := context.WithTimeout(ctx, overlayPatience)
	defer cancel()
	env.Progress("recording what OVS exports")
	recording, err := r.record(ctx)
	if err != nil {
		return Rig{}, fmt.Errorf("record what OVS exports: %w", err)
	}
	err = r.Do(func() error {
		r.replay, err = newReplay(recording, ipfixCollector)
		return err
	})
	if err != nil {
		return Rig{}, err
	}
	if err := r.pin(ctx); err != nil {
		return Rig{}, err
	}
	note := fmt.Sprintf("The recording has %d records in as many datagrams of %d bytes in the mean, and %d datagrams of templates.",
		len(recording.data), recording.bytes()/len(recording.data), len(recording.templates))
	return Rig{
		Measure: map[string]func(context.Context) (Sample, error){
			ipfixRateSide: func(ctx context.Context) (Sample, error) {
				return r.sample(ctx, ipfixPace, ipfixTime, nil)
			},
			ipfixHighestSide: r.highest,
			ipfixControlSide: func(ctx context.Context) (Sample, error) {
				return r.sample(ctx, ipfixPace, ipfixTime, r.halt)
			},
		},
		Notes: []string{note}, Close: r.close,
	}, nil
}

// pin starts the daemon anew on the last CPU: a process starts on those of the
// thread that makes it.
func (r *ipfixRateRig) pin(ctx context.Context) error {
	if err := r.daemon.stop(ctx); err != nil {
		return err
	}
	r.daemon.forget()
	var before unix.CPUSet
	err := r.Do(func() error {
		return errors.Join(unix.SchedGetaffinity(0, &before), onlyCPU(runtime.NumCPU()-1))
	})
	if err == nil {
		err = r.daemon.start(ctx)
	}
	err = errors.Join(err, r.Do(func() error { return unix.SchedSetaffinity(0, &before) }))
	if err != nil {
		return err
	}
	if _, err := r.daemon.await(ctx, "converged"); err != nil {
		return err
	}
	return lab.Until(ctx, "the collector listens", func(ctx context.Context) error {
		s, err := r.metrics.scrape(ctx, scrapeListener)
		if err == nil && s.sum("sluice_ipfix_listening") != 1 {
			err = errors.New("it does not")
		}
		return err
	})
}

// runDelay is how long the threads of a process could have run and had no CPU: the second
// of the three numbers of schedstat (Documentation/scheduler/sched-stats.rst).
func runDelay(pid int) (time.Duration, error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("process %d tells no schedstat", pid)
	}
	var sum time.Duration
	for _, file := range files {
		fields := strings.Fields(read(file))
		if len(fields) != 3 { // the thread has ended meanwhile
			continue
		}
		ns, failed := strconv.ParseInt(fields[1], 10, 64)
		err = errors.Join(err, failed)
		sum += time.Duration(ns)
	}
	return sum, err
}

// onlyCPU lets the calling thread run on one CPU.
func onlyCPU(cpu int) error {
	var set unix.CPUSet
	set.Set(cpu)
	return unix.SchedSetaffinity(0, &set)
}

// pinned is an error where a thread of the process may run on more than one CPU.
func pinned(pid int) error {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("process %d is gone", pid)
	}
	for _, file := range files {
		for line := range strings.Lines(read(file)) {
			list, ok := strings.CutPrefix(line, "Cpus_allowed_list:")
			if ok && strings.ContainsAny(list, ",-") {
				return fmt.Errorf("%s: the thread may run on CPUs %s", file, strings.TrimSpace(list))
			}
		}
	}
	return err
}

// halt stops the daemon for a second.
func (r *ipfixRateRig) halt(ctx context.Context) error {
	p := r.daemon.cmd.Process
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	return errors.Join(pause(ctx, time.Second), p.Signal(syscall.SIGCONT))
}

// highest goes up step by step, and returns the last sample without loss.
func (r *ipfixRateRig) highest(ctx context.Context) (Sample, error) {
	var best Sample
	for rate := float64(ipfixPace); ; rate *= ipfixStep {
		s, err := r.sample(ctx, rate, ipfixStepTime, nil)
		if err != nil {
			return nil, err
		}
		if best == nil { // the lowest step is shown however it went
			best = s
		}
		if loses := s["lost"]+s["dropped"]+s["missing"] > 0; loses || s["rate"] < ipfixHeld*rate {
			best["lost"], best["dropped"] = s["lost"], s["dropped"]
			return best, nil
		}
		best = s
	}
}

// sample sends for so long at a rate; during, unless nil, is done meanwhile.
func (r *ipfixRateRig) sample(ctx context.Context, rate float64, length time.Duration, during func(context.Context) error) (Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	pid := r.daemon.cmd.Process.Pid
	before, err := r.look(ctx, pid)
	if err != nil {
		return nil, err
	}
	ran, err := usageOf(pid)
	if err != nil {
		return nil, err
	}
	waited, err := runDelay(pid)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	sent, err := r.replay.send(ctx, int(rate*length.Seconds()), rate, during)
	if err == nil {
		err = r.drained(ctx, pid)
	}
	if err != nil {
		return nil, err
	}
	took := time.Since(began)
	now, err := usageOf(pid)
	if err != nil {
		return nil, err
	}
	delay, err := runDelay(pid)
	if err != nil {
		return nil, err
	}
	// Records missed at the very end are known by the number that is next.
	if err := errors.Join(r.replay.tell(), r.drained(ctx, pid), pinned(pid)); err != nil {
		return nil, err
	}
	after, err := r.look(ctx, pid)
	if err != nil {
		return nil, err
	}
	records := after.records - before.records
	lost := after.lost - before.lost
	if records+lost != float64(sent.records) {
		return nil, fmt.Errorf("%d records were sent; the daemon read %g and missed %g", sent.records, records, lost)
	}
	return Sample{
		"rate": float64(sent.records) / sent.took.Seconds(), "lost": lost, "dropped": after.dropped - before.dropped,
		"missing": max(float64(sent.records)-records, math.Abs(float64(sent.packets)-(after.packets-before.packets))),
		"waited":  (delay - waited).Seconds() / took.Seconds(),
		"core":    (now.CPU - ran.CPU).Seconds() / took.Seconds(), "allocated": (after.allocated - before.allocated) / float64(sent.records),
	}, nil
}

// collected is what the daemon and the kernel have counted by now.
type collected struct {
	records, packets, lost float64 // by the daemon
	dropped                float64 // by the kernel
	allocated              float64
}

func (r *ipfixRateRig) look(ctx context.Context, pid int) (collected, error) {
	s, err := r.metrics.later(ctx, scrapeListener)
	if err != nil {
		return collected{}, err
	}
	socket, err := udpSocket(pid, ipfixCollector)
	return collected{
		records: s.sum(`sluice_ipfix_records_total{kind="flow"}`),
		packets: s.sum("sluice_ipfix_traffic_packets_total{") + s.sum("sluice_ipfix_hidden_packets_total"),
		lost:    s.sum("sluice_ipfix_lost_records_total"), dropped: float64(socket.drops), allocated: s.sum("go_memstats_alloc_bytes_total"),
	}, err
}

// drained waits until the daemon's socket is empty.
func (r *ipfixRateRig) drained(ctx context.Context, pid int) error {
	return lab.Until(ctx, "the collector has read all", func(context.Context) error {
		socket, err := udpSocket(pid, ipfixCollector)
		if err == nil && socket.queued > 0 {
			err = fmt.Errorf("%d bytes wait at its socket", socket.queued)
		}
		return err
	})
}

func (r *ipfixRateRig) close() error {
	var errs []error
	if r.replay != nil {
		errs = append(errs, r.replay.close())
	}
	if r.metrics != nil {
		r.metrics.client.CloseIdleConnections()
	}
	if r.sluiceHost != nil {
		errs = append(errs, r.sluiceHost.close())
	}
	return errors.Join(errs...)
}

// ipfixProfile is that of the first host with every packet sampled, and exported to
// the harness as well.
func ipfixProfile(harness net.Addr) string {
	return overlayProfile() + fmt.Sprintf("monitor: {ipfix: {mode: ports, sampling: 1, exportTo: [%q]}}\n", harness)
}

// udpState is a UDP socket as /proc/net/udp has it.
type udpState struct {
	queued uint64 // bytes, with what the kernel needs besides
	drops  uint64 // datagrams that had no room
}

// udpSocket reads the state of the socket that has an IPv4 address, in the network
// namespace of a process.
func udpSocket(pid int, address string) (udpState, error) {
	at, err := net.ResolveUDPAddr("udp4", address)
	if err != nil {
		return udpState{}, err
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/udp", pid))
	if err != nil {
		return udpState{}, err
	}
	return parseUDP(string(text), at)
}
