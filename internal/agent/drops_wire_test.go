package agent

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"
)

// sender is a raw socket on a device.
type sender struct {
	t  *testing.T
	fd int
}

func (s *sender) open(device string) error {
	index, err := indexOf(device)
	if err != nil {
		return err
	}
	if s.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0); err != nil {
		return err
	}
	return unix.Bind(s.fd, &unix.SockaddrLinklayer{Ifindex: index, Protocol: 0})
}

// indexOf acts in the calling thread's namespace.
func indexOf(device string) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq(device)
	if err != nil {
		return 0, err
	}
	err = unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, request)
	return int(request.Uint32()), err
}

// send sends a frame n times.
func (s *sender) send(n int, frame []byte) {
	s.t.Helper()
	for range n {
		if _, err := unix.Write(s.fd, frame); err != nil {
			s.t.Fatal(err)
		}
	}
}

// etherFrame is an Ethernet frame of a length and a type.
func etherFrame(etherType uint16, length int) []byte {
	f := make([]byte, length)
	copy(f, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2})
	binary.BigEndian.PutUint16(f[12:], etherType)
	return f
}

// capture is a file of n packets, as libpcap reads it (pcap-savefile(5)).
func capture(n int, packet []byte) []byte {
	file := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	file = binary.LittleEndian.AppendUint32(file, 2|4<<16)
	file = append(file, make([]byte, 8)...)
	file = binary.LittleEndian.AppendUint32(file, 65535)
	file = binary.LittleEndian.AppendUint32(file, 1) // Ethernet
	for i := range n {
		file = binary.LittleEndian.AppendUint32(file, uint32(i))
		file = binary.LittleEndian.AppendUint32(file, 0)
		file = binary.LittleEndian.AppendUint32(file, uint32(len(packet)))
		file = binary.LittleEndian.AppendUint32(file, uint32(len(packet)))
		file = append(file, packet...)
	}
	return file
}
