package configs

import (
	"fmt"
	"net"
	"path"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// filePath is an absolute path, or empty.
type filePath string

// UnmarshalText reads a path.
func (p *filePath) UnmarshalText(text []byte) error {
	s := string(text)
	if err := printable(s, ""); err != nil {
		return err
	}
	if s != "" && !path.IsAbs(s) {
		return fmt.Errorf("%q is not absolute; the daemon's working directory is no place to count on: begin with /", s)
	}
	*p = filePath(s)
	return nil
}

// listenAddress is host:port; the host may be empty for all addresses.
type listenAddress string

// UnmarshalText reads a listen address.
func (l *listenAddress) UnmarshalText(text []byte) error {
	s := string(text)
	if s != "" {
		host, port, err := net.SplitHostPort(s)
		if err == nil {
			_, err = portNumber(port)
		}
		if err != nil || host != "" && net.ParseIP(host) == nil && !hostForm.MatchString(host) {
			return fmt.Errorf("%q is no address to listen on; write address:port, for instance 127.0.0.1:9467, or \"\" for no listener", s)
		}
	}
	*l = listenAddress(s)
	return nil
}

// portCount is a number of ports of a network.
type portCount int

// UnmarshalText reads a count.
func (c *portCount) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 10, 31)
	if err != nil {
		return fmt.Errorf("%q is no number of ports; write one like 20000, or 0 for no bound", text)
	}
	*c = portCount(n)
	return nil
}

// MarshalText writes the count.
func (c portCount) MarshalText() ([]byte, error) { return strconv.AppendInt(nil, int64(c), 10), nil }

// endpoints are OVSDB connection methods (ovsdb(7)): a list in YAML, joined by
// commas in a flag or variable.
type endpoints []string

// UnmarshalText reads endpoints joined by commas.
func (e *endpoints) UnmarshalText(text []byte) error {
	*e = nil
	if len(text) == 0 {
		return nil
	}
	for one := range strings.SplitSeq(string(text), ",") {
		if err := checkEndpoint(one); err != nil {
			return err
		}
		*e = append(*e, one)
	}
	return nil
}

func (e *endpoints) readNode(d *decoder, n *yaml.Node, path string) {
	var list []endpointText
	d.sequence(n, reflect.ValueOf(&list).Elem(), path, rules{})
	*e = texts[string](list)
}

// endpointText is one item of endpoints.
type endpointText string

// UnmarshalText reads one endpoint.
func (e *endpointText) UnmarshalText(text []byte) error {
	*e = endpointText(text)
	return checkEndpoint(string(text))
}

// MarshalText joins the endpoints by commas.
func (e endpoints) MarshalText() ([]byte, error) { return []byte(strings.Join(e, ",")), nil }

func checkEndpoint(s string) error {
	method, rest, _ := strings.Cut(s, ":")
	switch method {
	case "unix":
		if path.IsAbs(rest) && printable(rest, ", ") == nil {
			return nil
		}
	case "tcp", "ssl":
		host, port, err := net.SplitHostPort(rest)
		if err == nil {
			_, err = portNumber(port)
		}
		if err == nil && (net.ParseIP(host) != nil || hostForm.MatchString(host)) {
			return nil
		}
	}
	return fmt.Errorf("%q is no endpoint; write ssl:ADDRESS:PORT, tcp:ADDRESS:PORT or unix:/PATH", s)
}
