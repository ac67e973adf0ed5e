package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// ipfixFlows is how many flows each guest has in the recording: with both ends sampled
// of those within the host, they are about as many as OVS's cache has room for.
const ipfixFlows = 40

// record lets the guests talk, and returns what OVS exports of it.
func (r *ipfixRateRig) record(ctx context.Context) (*recording, error) {
	var sink *net.UDPConn
	err := r.Do(func() (err error) {
		sink, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		return err
	})
	if err != nil {
		return nil, err
	}
	defer sink.Close()
	if err := sink.SetReadBuffer(8 << 20); err != nil {
		return nil, err
	}
	for other := 1; other < r.fleet.hosts; other++ {
		if err := r.neighbour(ctx, other); err != nil {
			return nil, err
		}
	}
	r.daemon.forget()
	if err := r.daemon.install(ipfixProfile(sink.LocalAddr())); err != nil {
		return nil, err
	}
	if _, err := r.daemon.await(ctx, "changed"); err != nil {
		return nil, err
	}
	if _, err := r.settled(ctx); err != nil {
		return nil, err
	}
	local := r.fleet.local()
	for n, i := range local {
		if err := r.talk(n, i, local); err != nil {
			return nil, err
		}
	}
	return receive(sink, ipfixFlows*len(local))
}

// talk sends the flows of one guest: every second one to a guest of this host.
func (r *ipfixRateRig) talk(n, from int, local []int) error {
	t, err := openTap(r.Host, tapOf(from))
	if err != nil {
		return err
	}
	for k := range ipfixFlows {
		to := (from + fleetPorts*(1+k) + k) % r.fleet.ports()
		if k%2 == 0 {
			to = local[(n+5+k/2)%len(local)]
		}
		p := routed(from, addressOf(to))
		p.srcPort, p.protocol = uint16(2000+k), [...]byte{protoUDP, protoTCP, protoTCP, protoICMP}[k%4]
		for range 1 + k%3 {
			if err := t.send(p.frame()); err != nil {
				return errors.Join(fmt.Errorf("send from %s: %w", tapOf(from), err), t.close())
			}
		}
	}
	return t.close()
}

// receive records until as many records as were wanted, and all that follow them within
// a second, have come.
func receive(sink *net.UDPConn, wanted int) (*recording, error) {
	r, d := &recording{}, ipfix.NewDecoder()
	buffer := make([]byte, 1<<16)
	until := time.Now().Add(patience)
	for {
		deadline := until
		if len(r.data) >= wanted {
			deadline = time.Now().Add(time.Second)
		}
		if err := sink.SetReadDeadline(deadline); err != nil {
			return nil, err
		}
		n, from, err := sink.ReadFromUDPAddrPort(buffer)
		if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() && len(r.data) >= wanted {
			return r, nil
		}
		if err == nil {
			err = r.add(d, from, append([]byte(nil), buffer[:n]...))
		}
		if err != nil {
			return nil, fmt.Errorf("after %d of %d records: %w", len(r.data), wanted, err)
		}
	}
}
