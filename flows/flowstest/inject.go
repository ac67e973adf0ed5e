package flowstest

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
)

// Send lets a frame in by an interface, for the datapath to forward.
func (r *Rig) Send(ctx context.Context, at Place, frame []byte) error {
	_, err := r.lab.AppCtl(ctx, "netdev-dummy/receive", at.Port, hex.EncodeToString(frame))
	return err
}

// Datapath are the entries of the datapath, as ovs-appctl dpctl/dump-flows prints them.
func (r *Rig) Datapath(ctx context.Context) (string, error) {
	return r.lab.AppCtl(ctx, "dpctl/dump-flows")
}

// Received are the frames that left by an interface since it is there.
func (r *Rig) Received(at Place) ([][]byte, error) {
	b, err := os.ReadFile(r.lab.Path(at.Port + ".pcap"))
	if err != nil {
		return nil, err
	}
	const fileHeader, recordHeader = 24, 16 // lib/pcap-file.c, in the machine's order
	var frames [][]byte
	for b = b[min(fileHeader, len(b)):]; len(b) >= recordHeader; {
		n := int(binary.NativeEndian.Uint32(b[8:]))
		if len(b) < recordHeader+n {
			return frames, fmt.Errorf("%s: a frame is cut short", at.Port)
		}
		frames = append(frames, b[recordHeader:recordHeader+n])
		b = b[recordHeader+n:]
	}
	return frames, nil
}
