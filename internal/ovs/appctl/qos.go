package appctl

import (
	"fmt"
	"io"
	"strings"
)

// QoS is what an interface's device does of Port.qos.
type QoS struct {
	Interface string
	// Type is the kind that runs, "egress-policer"; empty where none does, and
	// that is so too where OVS refused what the database asks for.
	Type string
	// Details are the device's own numbers by their names in QoS.other_config.
	Details map[string]string
	// Queues are those of the device, in its order. An egress-policer has none.
	Queues []QoSQueue
}

// QoSQueue is one queue of an interface's QoS.
type QoSQueue struct {
	ID uint32
	// Details are the queue's numbers by their names in Queue.other_config, and
	// its counters: tx_packets, tx_bytes, tx_errors.
	Details map[string]string
	// Err is what OVS says where it could not read the counters.
	Err string
}

// ParseQoS reads the reply of qos/show INTERFACE.
//
// Printed by qos_unixctl_show of vswitchd/bridge.c, the same from OVS 2.17 to
// 4.0. One that has no such interface answers with an error instead.
func ParseQoS(r io.Reader) (QoS, error) {
	var q QoS
	err := eachLine(r, "qos/show", q.parse)
	if err == nil && q.Interface == "" {
		err = fmt.Errorf("qos/show: nothing: %w", ErrFormat)
	}
	if err != nil {
		return QoS{}, err
	}
	return q, nil
}

func (q *QoS) parse(line string) bool {
	if q.Interface == "" {
		return q.head(line)
	}
	if q.Type == "" {
		return false // none runs: there is nothing more to tell
	}
	if id, ok := queueHead(line); ok {
		q.Queues = append(q.Queues, QoSQueue{ID: id, Details: map[string]string{}})
		return true
	}
	details := q.Details
	if text, indented := strings.CutPrefix(line, "  "); indented {
		if len(q.Queues) == 0 {
			return false
		}
		last := &q.Queues[len(q.Queues)-1]
		if trouble, ok := strings.CutPrefix(text, "Failed to get statistics for queue "); ok {
			_, last.Err, ok = strings.Cut(trouble, ": ")
			return ok
		}
		details, line = last.Details, text
	} else if len(q.Queues) > 0 {
		return false
	}
	key, value, ok := strings.Cut(line, ": ")
	if ok && key != "" {
		details[key] = value
	}
	return ok && key != ""
}

// head reads "QoS: p0 egress-policer" or "QoS not configured on p0". A name may
// hold a blank, a type does not.
func (q *QoS) head(line string) bool {
	if name, ok := strings.CutPrefix(line, "QoS not configured on "); ok {
		q.Interface = name
		return name != ""
	}
	text, ok := strings.CutPrefix(line, "QoS: ")
	at := strings.LastIndexByte(text, ' ')
	if !ok || at < 1 || at == len(text)-1 {
		return false
	}
	q.Interface, q.Type, q.Details = text[:at], text[at+1:], map[string]string{}
	return true
}

// queueHead reads "Queue 5:", or "Default:" for queue 0.
func queueHead(line string) (id uint32, ok bool) {
	if line == "Default:" {
		return 0, true
	}
	digits, ok := between(line, "Queue ", ":")
	return id, ok && number(&id, digits, 32)
}
