package agent

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// While a command is at work, status names just that one: who waits for his turn
// wants to know for whom.
func TestStatusNamesTheCommand(t *testing.T) {
	r := prepare(t, lab.Options{Dummy: true, Unconfigured: true})
	r.opt.Every = time.Hour
	r.write(twoBridges)
	r.start()
	r.await(monitor.ResultConverged)
	pid := r.mayHang()

	defer proceed(t, pid)
	var during *api.Work
	request := api.ApplyRequest{Profile: r.text(strings.Replace(twoBridges, "1400", "1300", 1)), Name: "host.yaml"}
	if _, err := r.api.Apply(r.limit(), request, func(string) { during = r.agent.turn.work.Load() }); err != nil {
		t.Fatal(err)
	}
	if during == nil || during.What != "host apply" || during.Step != "step 1 of 1: 1 changes" || during.Since.IsZero() {
		t.Errorf("during an apply, status says %+v", during)
	}

	// These two wait for a switch that does not answer.
	commands := []struct {
		want string
		call func(context.Context) error
	}{
		{"host release", func(ctx context.Context) error { _, err := r.api.Release(ctx, api.ReleaseRequest{}); return err }},
		{"host adopt", func(ctx context.Context) error { _, err := r.api.Adopt(ctx, api.AdoptRequest{}); return err }},
	}
	for _, c := range commands {
		pause(t, pid)
		ended := make(chan error, 1)
		go func() { ended <- c.call(r.limit()) }()
		r.until("status names "+c.want, func() error {
			w := r.status().Work
			if w == nil || w.What != c.want || !strings.HasPrefix(w.Step, "step 1 of 1: ") {
				return errors.New("it says " + worded(w))
			}
			return nil
		})
		proceed(t, pid)
		if err := <-ended; err != nil {
			t.Fatalf("%s: %v", c.want, err)
		}
		if w := r.agent.turn.work.Load(); w != nil && w.What == c.want {
			t.Errorf("after %s, status says %s", c.want, worded(w))
		}
	}
}

func worded(w *api.Work) string {
	if w == nil {
		return "nothing"
	}
	return w.What + ", " + w.Step
}
