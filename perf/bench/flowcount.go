package bench

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// flowCounter asks a bridge how many flows each of its tables has, which costs
// ovs-vswitchd a look at each table and none at any flow. Every side is watched
// with it.
type flowCounter struct{ conn net.Conn }

// OpenFlow 1.5, the parts that are needed (openflow-switch-v1.5.1, sections 7.1.1,
// 7.3.5 and 7.3.5.4).
const (
	ofVersion    = 6
	ofHello      = 0
	ofError      = 1
	ofEchoAsk    = 2
	ofEchoReply  = 3
	ofMultipart  = 18
	ofParts      = 19
	ofTableStats = 3
	ofMore       = 1
)

func countFlows(socket string) (*flowCounter, error) {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return nil, err
	}
	c := &flowCounter{conn: conn}
	if err := c.send(ofHello, nil); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return c, nil
}

func (c *flowCounter) close() error { return c.conn.Close() }

func (c *flowCounter) send(kind byte, body []byte) error {
	m := append([]byte{ofVersion, kind, 0, 0, 0, 0, 0, 1}, body...)
	binary.BigEndian.PutUint16(m[2:], uint16(len(m)))
	_, err := c.conn.Write(m)
	return err
}

// flows returns how many flows the bridge has now.
func (c *flowCounter) flows() (int, error) {
	if err := c.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	if err := c.send(ofMultipart, []byte{0, ofTableStats, 0, 0, 0, 0, 0, 0}); err != nil {
		return 0, err
	}
	n := 0
	for {
		var head [8]byte
		if _, err := io.ReadFull(c.conn, head[:]); err != nil {
			return 0, err
		}
		body := make([]byte, max(8, int(binary.BigEndian.Uint16(head[2:])))-8)
		if _, err := io.ReadFull(c.conn, body); err != nil {
			return 0, err
		}
		switch head[1] {
		case ofError:
			return 0, fmt.Errorf("table statistics: the bridge answers with error %x", body)
		case ofEchoAsk:
			if err := c.send(ofEchoReply, body); err != nil {
				return 0, err
			}
		case ofParts:
			if len(body) < 8 {
				return 0, errors.New("table statistics: too short")
			}
			for table := body[8:]; len(table) >= 24; table = table[24:] {
				n += int(binary.BigEndian.Uint32(table[4:]))
			}
			if binary.BigEndian.Uint16(body[2:])&ofMore == 0 {
				return n, nil
			}
		}
	}
}
