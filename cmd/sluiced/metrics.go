package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/monitor"
)

// tlsFiles are the paths of PEM files; all empty = no TLS.
type tlsFiles struct{ cert, key, clientCA string }

// listenMetrics listens for Prometheus on host:port, with TLS where files are
// named. An empty address means no metrics: nil and no error.
func listenMetrics(ctx context.Context, address string, files tlsFiles, log *slog.Logger) (net.Listener, error) {
	if address == "" {
		return nil, nil
	}
	config, err := files.config(log)
	if err != nil {
		return nil, err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		err = fmt.Errorf("listen for metrics on %s: %w", address, cause(err))
		if errors.Is(err, syscall.EADDRINUSE) {
			_, port, _ := net.SplitHostPort(address)
			err = fmt.Errorf("%w -> ss -ltnp 'sport = :%s' tells who has it: end that, or set another metrics.listen", err, port)
		}
		return nil, err
	}
	if config != nil {
		l = tls.NewListener(l, config)
	}
	return l, nil
}

// config returns nil where no TLS was asked for. The files are read anew when
// they change, so that a renewed certificate needs no restart.
func (f tlsFiles) config(log *slog.Logger) (*tls.Config, error) {
	switch {
	case f == tlsFiles{}:
		return nil, nil
	case f.cert == "" || f.key == "":
		return nil, wrong(errors.New("metrics.tls: cert and key go together, clientCA with both"))
	}
	c := &certificates{files: f, log: log}
	stamp, err := c.stat()
	if err != nil {
		return nil, wrong(err)
	}
	if c.current, err = f.load(); err != nil {
		return nil, wrong(err)
	}
	c.stamp = stamp
	c.tellExpiry(time.Now())
	return &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: c.forClient}, nil
}

func (f tlsFiles) load() (*tls.Config, error) {
	var content [3][]byte
	for i, path := range f.paths() {
		if path == "" {
			continue
		}
		var err error
		if content[i], err = os.ReadFile(path); err != nil {
			return nil, fmt.Errorf("metrics.tls.%s: %w", tlsKeys[i], err)
		}
	}
	if f.clientCA != "" && len(content[2]) == 0 {
		return nil, fmt.Errorf("metrics.tls.clientCA: %s is empty", f.clientCA) // not: no client certificates asked for
	}
	config, err := monitor.TLSConfig(content[0], content[1], content[2])
	if err != nil {
		return nil, fmt.Errorf("metrics.tls (cert %s, key %s, clientCA %s): %w", f.cert, f.key, cmp.Or(f.clientCA, "none"), err)
	}
	return config, nil
}

// tlsKeys are the settings of the files, in the order of paths.
var tlsKeys = [3]string{"cert", "key", "clientCA"}

func (f tlsFiles) paths() [3]string { return [3]string{f.cert, f.key, f.clientCA} }

// settingError is an error that a restart does not mend: the settings, or what they
// name, are wrong.
type settingError struct{ error }

func (e settingError) Unwrap() error { return e.error }

func wrong(err error) error { return settingError{err} }

// tellExpiry warns of a certificate that no client takes, or will take for long.
func (c *certificates) tellExpiry(now time.Time) {
	leaf := c.current.Certificates[0].Leaf
	if leaf == nil {
		return
	}
	switch left := leaf.NotAfter.Sub(now); {
	case now.Before(leaf.NotBefore):
		c.log.Warn("the metrics certificate is not valid yet: is the clock right?", "file", c.files.cert, "from", leaf.NotBefore)
	case left <= 0:
		c.log.Warn("the metrics certificate has expired: no client takes it", "file", c.files.cert, "expired", leaf.NotAfter)
	case left < soon:
		c.log.Warn("the metrics certificate expires soon", "file", c.files.cert, "expires", leaf.NotAfter)
	}
}

// soon is how long before its end a certificate is warned of.
const soon = 14 * 24 * time.Hour

// certificates hold what was read of the files last.
type certificates struct {
	files tlsFiles
	log   *slog.Logger

	mu      sync.Mutex
	current *tls.Config
	stamp   stamp
}

// stamp tells whether files changed: time, size and inode of each.
type stamp [3]struct {
	time, size int64
	inode      uint64
}

// forClient returns the configuration for one connection. New files that do not
// fit together, as in the middle of a renewal, leave the old ones in force and
// are tried again with the next connection.
func (c *certificates) forClient(*tls.ClientHelloInfo) (*tls.Config, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, err := c.stat()
	if err == nil && now == c.stamp {
		return c.current, nil
	}
	var next *tls.Config
	if err == nil {
		next, err = c.files.load()
	}
	if err != nil {
		c.log.Warn("metrics certificate not renewed, the former stays", "error", err)
		return c.current, nil
	}
	c.current, c.stamp = next, now
	c.log.Info("metrics certificate renewed")
	c.tellExpiry(time.Now())
	return next, nil
}

// stat stamps the files as they are now; of a symbolic link, what it points to.
func (c *certificates) stat() (stamp, error) {
	var s stamp
	for i, path := range c.files.paths() {
		if path == "" {
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return stamp{}, fmt.Errorf("metrics.tls.%s: %w", tlsKeys[i], err)
		}
		s[i].time, s[i].size = info.ModTime().UnixNano(), info.Size()
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			s[i].inode = st.Ino
		}
	}
	return s, nil
}

// without are the sets of metrics that the settings leave out.
func without(s configs.Settings) []monitor.Set {
	if s.Metrics.Detail == configs.DetailPorts {
		return []monitor.Set{monitor.Queue}
	}
	return nil
}

// metricsURL names the address that was given: the settings may say port 0.
func metricsURL(s configs.Settings, l net.Listener) string {
	if l == nil {
		return ""
	}
	scheme := "http"
	if s.Metrics.TLS.Cert != "" {
		scheme = "https"
	}
	return scheme + "://" + l.Addr().String() + "/metrics"
}
