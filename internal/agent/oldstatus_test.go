package agent

import (
	"errors"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// After a restart of ovs-vswitchd the database may go on saying that a guest is
// not connected that is. Explain knows by the port's counters, and its remedy helps.
func TestGuestThatTheDatabaseDenies(t *testing.T) {
	lab.Require(t, lab.MissingGuests()...)
	r := newRig(t, lab.Options{DPDK: true}, guests("vm1", "vm2"))
	r.await(monitor.ResultConverged)
	if _, err := r.host.StartVirtioUser(r.limit(), lab.GuestOptions{Socket: r.socketOf("vm1"), MAC: []byte{2, 0, 0, 0, 1, 1}, Mode: lab.TxOnly}); err != nil {
		t.Fatal(err)
	}
	r.connected("vm1", true)
	r.vsctl("set", "Interface", "vm1", "status:status=disconnected", "link_state=down") // OVS does not heed these columns
	r.until("explain knows that packets came in", func() error {
		explained, err := r.api.Explain(r.limit(), "vm1")
		if err != nil {
			return err
		}
		if said := text(explained); !strings.HasPrefix(said, "the database says that no guest is connected, but the port has received ") ||
			!strings.Contains(said, "ovs-vsctl set Interface vm1 external_ids:refresh=1") {
			return errors.New("it says\n" + said)
		}
		return nil
	})
	if explained, err := r.api.Explain(r.limit(), "vm2"); err != nil || strings.Contains(text(explained), "received") {
		t.Errorf("of a guest that never came: %v\n%s", err, text(explained))
	}
	if _, err := r.host.VSCtl(r.limit(), "set", "Interface", "vm1", "external_ids:refresh=1"); err != nil {
		t.Fatal(err)
	}
	r.connected("vm1", true)
}
