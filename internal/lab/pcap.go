package lab

import (
	"encoding/binary"
	"os"
)

// ReadPCAP returns the frames that a dummy device of Open vSwitch has sent, of the file
// that options:tx_pcap names (lib/pcap-file.c, OVS 2.17 to 3.5, in the machine's order). A
// frame whose end is not there yet is left out. The error is that of reading the file.
func ReadPCAP(path string) ([][]byte, error) {
	const fileHeader, recordHeader = 24, 16
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var frames [][]byte
	for b = b[min(fileHeader, len(b)):]; len(b) >= recordHeader; {
		end := recordHeader + int(binary.NativeEndian.Uint32(b[8:]))
		if len(b) < end {
			break
		}
		frames = append(frames, b[recordHeader:end])
		b = b[end:]
	}
	return frames, nil
}

// WritePCAP writes frames to a file as GuestOptions.Replay reads it: in the machine's
// order, Ethernet, all of the time 0 (draft-ietf-opsawg-pcap, section 4).
func WritePCAP(path string, frames [][]byte) error {
	const magic, longest, ethernet = 0xa1b2c3d4, 65535, 1
	b := binary.NativeEndian.AppendUint32(nil, magic)
	b = binary.NativeEndian.AppendUint16(b, 2)
	b = binary.NativeEndian.AppendUint16(b, 4)
	for _, field := range []uint32{0, 0, longest, ethernet} {
		b = binary.NativeEndian.AppendUint32(b, field)
	}
	for _, f := range frames {
		length := uint32(len(f)) //nolint:gosec // a frame
		for _, field := range []uint32{0, 0, length, length} {
			b = binary.NativeEndian.AppendUint32(b, field)
		}
		b = append(b, f...)
	}
	return os.WriteFile(path, b, 0o644)
}
