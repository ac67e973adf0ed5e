package store

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"
)

// TLS names the files of an ssl: endpoint. They are read at each connection, so
// that a renewed certificate is taken up.
type TLS struct {
	CA, Cert, Key string // PEM; CA signs the servers'
}

// ParseEndpoints reads endpoints with commas between them: unix:PATH,
// tcp:HOST:PORT, ssl:HOST:PORT.
func ParseEndpoints(text string) ([]string, error) {
	all := strings.Split(text, ",")
	for _, e := range all {
		if _, _, err := splitEndpoint(e); err != nil {
			return nil, err
		}
	}
	return slices.Compact(all), nil
}

func splitEndpoint(endpoint string) (scheme, rest string, err error) {
	scheme, rest, _ = strings.Cut(endpoint, ":")
	switch scheme {
	case "unix":
		if strings.HasPrefix(rest, "/") {
			return scheme, rest, nil
		}
		return "", "", fmt.Errorf("store endpoint %q: write unix: and an absolute path", endpoint)
	case "tcp", "ssl":
		if _, _, err := net.SplitHostPort(rest); err == nil {
			return scheme, rest, nil
		}
	}
	return "", "", fmt.Errorf("store endpoint %q: write unix:PATH, tcp:HOST:PORT or ssl:HOST:PORT", endpoint)
}

// dialTimeout bounds one attempt.
const dialTimeout = 5 * time.Second

func dialEndpoint(ctx context.Context, endpoint string, files TLS) (net.Conn, error) {
	scheme, rest, err := splitEndpoint(endpoint)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	switch scheme {
	case "unix":
		return new(net.Dialer).DialContext(ctx, "unix", rest)
	case "tcp":
		return new(net.Dialer).DialContext(ctx, "tcp", rest)
	}
	config, err := files.config()
	if err != nil {
		return nil, err
	}
	return (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", rest)
}

// config trusts what the CA signed, whatever its name: as OVS does, whose
// certificates name a switch and not an address (lib/stream-ssl.c).
func (f TLS) config() (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		return nil, fmt.Errorf("%w: certificate: %w", ErrCredentials, err)
	}
	pem, err := os.ReadFile(f.CA)
	if err != nil {
		return nil, fmt.Errorf("%w: CA: %w", ErrCredentials, err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%w: CA: %s holds no certificate", ErrCredentials, f.CA)
	}
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		Certificates:       []tls.Certificate{pair},
		InsecureSkipVerify: true, // the name only: VerifyConnection checks the chain
		VerifyConnection: func(s tls.ConnectionState) error {
			middle := x509.NewCertPool()
			for _, c := range s.PeerCertificates[1:] {
				middle.AddCert(c)
			}
			_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{
				Roots: roots, Intermediates: middle, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
			})
			return err
		},
	}, nil
}
