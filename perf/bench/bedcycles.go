package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/pmd"
)

const (
	bedWarm   = 50 * time.Millisecond
	bedWindow = 2 * time.Millisecond
	// bedWindows are taken for each number, bedPackets are in each at least.
	bedWindows = 24
	bedPackets = 2_000
	bedStuck   = 10 * time.Second // a window that is longer is an error
)

const bedWindowWords = "the datapath has no more entries than a twentieth of a second before, the PMD's counters are cleared and read again, 24 times over, as soon as there are 2,000 packets, but not within 2 ms; where one in a thousand of them is an upcall the window is taken again. " +
	"What each packet cost is by `dpif-netdev/pmd-perf-show` the used cycles, of these the part of busy iterations, for each packet received: what it shows as `cycles/pkt`, in whole numbers. Vhost is included. " +
	"The third cheapest of the 24 counts: the clock counts on while the PMD's core is another program's, and windows as short as a scheduler's slice are spared by that or are not. " +
	"Of each kind there are three pairs of guests, which send one after the other, and the mean is told: what a packet costs depends by several percent on its addresses, also where the work is the same"

// prices reads what packets cost on the lanes, one after the other, and returns
// the mean of their cycles. good says whether the datapath's entry by which they go
// is the right one.
func (b *bed) prices(ctx context.Context, w way, good func(entry string) error) (float64, error) {
	mean := 0.0
	for _, l := range lanes(w) {
		err := b.stream(ctx, l, func() error {
			entry, _, err := b.allEntries(ctx, l.from)
			if err != nil {
				return err
			}
			if err := good(entry); err != nil {
				return err
			}
			cycles, err := b.price(ctx)
			mean += cycles / bedLanes
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	return mean, nil
}

// entry is the datapath's entry by which most packets go on the first of the lanes,
// and how many it has for them all.
func (b *bed) entry(ctx context.Context, w way) (entry string, n int, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	l := lanes(w)[0]
	err = b.stream(ctx, l, func() error {
		entry, n, err = b.allEntries(ctx, l.from)
		return err
	})
	return entry, n, err
}

// allEntries is usedEntry once no more come.
func (b *bed) allEntries(ctx context.Context, port int) (entry string, n int, err error) {
	err = lab.Until(ctx, "the datapath has all entries", func(ctx context.Context) error {
		before := n
		if err := pause(ctx, bedWarm); err != nil {
			return err
		}
		entry, n, err = b.usedEntry(ctx, port)
		if err == nil && n != before {
			err = fmt.Errorf("they became %d", n)
		}
		return err
	})
	return entry, n, err
}

// stream lets packets flow on a lane while f runs: they arrive before and after. The
// datapath is emptied before, so that its entry is a new one, of the flows of now.
func (b *bed) stream(ctx context.Context, l lane, f func() error) error {
	if _, err := b.ctl.Call(ctx, "revalidator/purge"); err != nil {
		return err
	}
	from, to := b.guests[l.from], b.guests[l.to]
	ends := []*lab.Guest{from, to}
	for _, port := range l.also {
		ends = append(ends, b.guests[port])
	}
	for _, g := range ends[1:] {
		if err := g.StartForwarding(ctx); err != nil {
			return err
		}
	}
	if err := from.StartForwarding(ctx); err != nil {
		return err
	}
	err := arrive(ctx, to)
	if err == nil {
		err = f()
	}
	if err == nil {
		err = arrive(ctx, to)
	}
	for _, g := range ends {
		err = errors.Join(err, g.StopForwarding(ctx))
	}
	if err != nil {
		err = fmt.Errorf("from port %d to %d: %w", l.from, l.to, err)
	}
	return err
}

// arrive waits until the guest receives packets.
func arrive(ctx context.Context, to *lab.Guest) error {
	before, err := to.Stats(ctx)
	if err != nil {
		return err
	}
	return lab.Until(ctx, "packets arrive at the guest", func(ctx context.Context) error {
		now, err := to.Stats(ctx)
		if err == nil && now.RxPackets == before.RxPackets {
			err = errors.New("none did")
		}
		return err
	})
}

// price returns the third cheapest of what a packet costs in many short windows.
func (b *bed) price(ctx context.Context) (float64, error) {
	costs := make([]float64, bedWindows)
	for i := range costs {
		var err error
		if costs[i], err = b.oneWindow(ctx); err != nil {
			return 0, err
		}
	}
	slices.Sort(costs)
	return costs[bedWindows/8-1], nil
}

// oneWindow reads the PMD's counters over a window, or longer where the guests get
// to send little. A window with upcalls is taken again: their work is another's.
func (b *bed) oneWindow(ctx context.Context) (float64, error) {
	const tries = 10
	var missed error
	for range tries {
		thread, window, err := b.window(ctx)
		if err != nil {
			return 0, err
		}
		if thread.Upcalls == nil || *thread.Upcalls <= *thread.RxPackets/1000 {
			cycles, _ := cyclesPerPacket(thread, window)
			return cycles, nil
		}
		missed = fmt.Errorf("%d of %d packets had no entry in the datapath, and so in %d windows before", *thread.Upcalls, *thread.RxPackets, tries-1)
	}
	return 0, missed
}

func (b *bed) window(ctx context.Context) (pmd.Perf, time.Duration, error) {
	began := time.Now()
	if _, err := b.ctl.Call(ctx, "dpif-netdev/pmd-stats-clear"); err != nil {
		return pmd.Perf{}, 0, err
	}
	for {
		if err := pause(ctx, bedWindow); err != nil {
			return pmd.Perf{}, 0, err
		}
		thread, err := b.busiest(ctx)
		if err != nil {
			return pmd.Perf{}, 0, err
		}
		passed := time.Since(began)
		if _, ok := cyclesPerPacket(thread, passed); ok {
			return thread, passed, nil
		}
		if passed > bedStuck {
			return pmd.Perf{}, 0, fmt.Errorf("the PMD thread has received fewer than %d packets in %s", bedPackets, passed)
		}
	}
}

// cyclesPerPacket is what pmd-perf-show tells, with more digits than it prints. It
// is not ok where there were few packets, or where the counters are older than the
// window: a thread clears them itself, when it next runs.
func cyclesPerPacket(p pmd.Perf, window time.Duration) (cycles float64, ok bool) {
	if p.RxPackets == nil || p.UsedCycles == nil || p.BusyPercent == nil || *p.RxPackets < bedPackets || p.Duration > window+time.Millisecond {
		return 0, false
	}
	return float64(*p.UsedCycles) * *p.BusyPercent / 100 / float64(*p.RxPackets), true
}

// busiest is the PMD thread that receives, of one.
func (b *bed) busiest(ctx context.Context) (pmd.Perf, error) {
	text, err := b.ctl.Call(ctx, "dpif-netdev/pmd-perf-show", "-nh")
	if err != nil {
		return pmd.Perf{}, err
	}
	threads, err := pmd.ParsePerfShow(strings.NewReader(text))
	if err != nil {
		return pmd.Perf{}, err
	}
	var most pmd.Perf
	for _, t := range threads {
		if t.RxPackets != nil && (most.RxPackets == nil || *t.RxPackets > *most.RxPackets) {
			most = t
		}
	}
	return most, nil
}

// usedEntry is the datapath's entry by which most packets of a port went, and how many
// entries of the port it has.
func (b *bed) usedEntry(ctx context.Context, port int) (entry string, n int, err error) {
	text, err := b.ctl.Call(ctx, "dpctl/dump-flows", "--names")
	if err != nil {
		return "", 0, err
	}
	entry, n = busiestMegaflow(text, bedPort(port))
	if entry == "" {
		return "", 0, errors.New("the datapath has no entry that was used")
	}
	return entry, n, nil
}
