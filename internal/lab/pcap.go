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
