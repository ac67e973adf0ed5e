package bench

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// countRecords counts the transactions in a database file of ovsdb-server
// (ovsdb(7), "Standalone Database Format"; ovsdb/log.c writes it, the same in 2.17
// to 4.0): a line "OVSDB JSON LENGTH SHA1" before each, the first of which is the
// schema. Transactions that change nothing but ephemeral columns are not written.
func countRecords(r io.Reader) (int, error) {
	n := 0
	err := eachLine(r, func(line string) {
		if strings.HasPrefix(line, "OVSDB JSON ") {
			n++
		}
	})
	if err == nil && n == 0 {
		err = errors.New("no standalone database of ovsdb-server")
	}
	return n, err
}

// records counts those of a file, and identifies it: a compacted one is another.
func records(path string) (n int, is os.FileInfo, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, nil, err
	}
	defer f.Close()
	if n, err = countRecords(f); err != nil {
		return 0, nil, fmt.Errorf("%s: %w", path, err)
	}
	is, err = f.Stat()
	return n, is, err
}

// dbRequest is a line of ovsdb-server's log at jsonrpc:dbg that tells of a request
// (lib/jsonrpc.c, jsonrpc_log_msg, the same in 2.17 to 4.0):
//
//	...|jsonrpc|DBG|unix#7: received request, method="transact", params=["Open_vSwitch",{"op":"wait",...}], id=3
type dbRequest struct {
	connection int // unix#N; the server counts them up
	method     string
	params     string // begins with JSON
}

func parseRequest(line string) (dbRequest, bool) {
	_, rest, ok := strings.Cut(line, "|jsonrpc|DBG|unix#")
	number, rest, ok2 := strings.Cut(rest, `: received request, method="`)
	method, rest, ok3 := strings.Cut(rest, `", params=`)
	n, err := strconv.Atoi(number)
	return dbRequest{connection: n, method: method, params: rest}, ok && ok2 && ok3 && err == nil
}

// writes tells whether the request asks for a change of the database.
func (q dbRequest) writes() (bool, error) {
	if q.method != "transact" {
		return false, nil
	}
	var params []json.RawMessage
	if err := json.NewDecoder(strings.NewReader(q.params)).Decode(&params); err != nil {
		return false, fmt.Errorf("transact on unix#%d: %w", q.connection, err)
	}
	for _, p := range params[min(1, len(params)):] { // after the database's name
		var op struct{ Op string }
		if err := json.Unmarshal(p, &op); err != nil {
			return false, fmt.Errorf("transact on unix#%d: %w", q.connection, err)
		}
		if slices.Contains([]string{"insert", "update", "mutate", "delete"}, op.Op) {
			return true, nil
		}
	}
	return false, nil
}

// lastConnection returns the highest number of a connection in a log.
func lastConnection(r io.Reader) (int, error) {
	last := 0
	err := eachLine(r, func(line string) {
		if q, ok := parseRequest(line); ok {
			last = max(last, q.connection)
		}
	})
	return last, err
}

// countWrites counts the transactions with a change in them that were asked for
// on connections made later than the given one.
func countWrites(r io.Reader, after int) (int, error) {
	n := 0
	var errs []error
	err := eachLine(r, func(line string) {
		q, ok := parseRequest(line)
		if !ok || q.connection <= after {
			return
		}
		writes, err := q.writes()
		if writes {
			n++
		}
		errs = append(errs, err)
	})
	return n, errors.Join(append(errs, err)...)
}

// eachLine calls f with every line, however long.
func eachLine(r io.Reader, f func(line string)) error {
	b := bufio.NewReader(r)
	for {
		line, err := b.ReadString('\n')
		if line != "" {
			f(strings.TrimSuffix(line, "\n"))
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
