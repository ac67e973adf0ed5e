package difftest

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/sluice-nfv/sluice/flows/simulate"
	"github.com/sluice-nfv/sluice/internal/lab"
)

// Capture keeps the frames that leave by an interface from now on, for Received.
func (f *Fleet) Capture(ctx context.Context, at simulate.Place) error {
	s, port, err := f.device(at)
	if err == nil {
		_, err = s.Lab.VSCtl(ctx, "set", "interface", port, "options:tx_pcap="+s.Lab.Path(port+".pcap"))
	}
	return err
}

// Send lets a frame in by an interface, for the datapath to forward.
func (f *Fleet) Send(ctx context.Context, at simulate.Place, frame []byte) error {
	s, port, err := f.device(at)
	if err == nil {
		_, err = s.Lab.AppCtl(ctx, "netdev-dummy/receive", port, hex.EncodeToString(frame))
	}
	return err
}

// Received are the frames that left by an interface since Capture.
func (f *Fleet) Received(at simulate.Place) ([][]byte, error) {
	s, port, err := f.device(at)
	if err != nil {
		return nil, err
	}
	return lab.ReadPCAP(s.Lab.Path(port + ".pcap"))
}

// Datapath are the entries of a host's datapath, as dpctl/dump-flows prints them.
func (f *Fleet) Datapath(ctx context.Context, host string) (string, error) {
	s := f.Switches[host]
	if s == nil {
		return "", fmt.Errorf("no switch of host %s", host)
	}
	return s.ctl.Call(ctx, "dpctl/dump-flows")
}

// Underlay is the interface of a host that its tunnels go out of.
func Underlay(host string) simulate.Place { return simulate.Place{Host: host, Port: underlay} }

// device is the dummy device of an interface.
func (f *Fleet) device(at simulate.Place) (*Switch, string, error) {
	s := f.Switches[at.Host]
	if s != nil && at == Underlay(at.Host) {
		return s, underlay, nil
	}
	if s == nil || s.wire[at.Port] == 0 {
		return nil, "", fmt.Errorf("no interface %s", at)
	}
	return s, "p" + strconv.Itoa(s.wire[at.Port]), nil
}
