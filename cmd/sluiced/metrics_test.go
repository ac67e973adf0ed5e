package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writePair writes a self-signed certificate for localhost and its key.
func writePair(t *testing.T, files tlsFiles, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	replace(t, files.cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	replace(t, files.key, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}))
}

// replace renames a new file into place, as renewers do.
func replace(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// serial connects and returns the serial number of the certificate shown.
func serial(t *testing.T, address string) int64 {
	t.Helper()
	conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true}) // the test looks at the certificate itself
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// accept shakes hands with whoever comes.
func accept(t *testing.T, l net.Listener) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if c, ok := conn.(*tls.Conn); ok {
				_ = c.HandshakeContext(t.Context())
			}
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
}

func TestListenMetricsPlain(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	if l, err := listenMetrics(t.Context(), "", tlsFiles{}, log); l != nil || err != nil {
		t.Errorf("no address: %v %v", l, err)
	}
	l, err := listenMetrics(t.Context(), "127.0.0.1:0", tlsFiles{}, log)
	if err != nil {
		t.Fatal(err)
	}
	accept(t, l)
	address := l.Addr().String()
	if _, err := listenMetrics(t.Context(), address, tlsFiles{}, log); err == nil ||
		!strings.HasPrefix(err.Error(), "listen for metrics on "+address+": address already in use -> ss -ltnp 'sport = :") {
		t.Errorf("%v", err)
	}
}

// TestCertificateRenewed: a new pair is used from the next connection on; one
// that does not fit together leaves the former in force.
func TestCertificateRenewed(t *testing.T) {
	dir := t.TempDir()
	files := tlsFiles{cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem")}
	writePair(t, files, 1)
	var log bytes.Buffer
	l, err := listenMetrics(t.Context(), "127.0.0.1:0", files, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	accept(t, l)
	address := l.Addr().String()
	for _, step := range []struct {
		name string
		do   func()
		want int64
		log  string
	}{
		{"as started", func() {}, 1, ""},
		{"renewed", func() { writePair(t, files, 2) }, 2, "metrics certificate renewed"},
		{"same again", func() {}, 2, ""},
		{"half written", func() { replace(t, files.cert, []byte("-----BEGIN")) }, 2, "metrics certificate not renewed"},
		{"gone", func() { _ = os.Remove(files.cert) }, 2, "metrics certificate not renewed"},
		{"back", func() { writePair(t, files, 3) }, 3, "metrics certificate renewed"},
	} {
		log.Reset()
		step.do()
		if got := serial(t, address); got != step.want {
			t.Errorf("%s: certificate %d, want %d", step.name, got, step.want)
		}
		if step.log == "" && log.Len() > 0 || !strings.Contains(log.String(), step.log) {
			t.Errorf("%s: logged %q, want %q", step.name, &log, step.log)
		}
	}
}

func TestListenMetricsRefuses(t *testing.T) {
	dir := t.TempDir()
	files := tlsFiles{cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem")}
	writePair(t, files, 1)
	empty := filepath.Join(dir, "empty.pem")
	replace(t, empty, nil)
	for _, tt := range []struct {
		files tlsFiles
		want  string
	}{
		{tlsFiles{cert: files.cert}, "metrics.tls: cert and key go together, clientCA with both"},
		{tlsFiles{clientCA: files.cert}, "metrics.tls: cert and key go together, clientCA with both"},
		{tlsFiles{cert: filepath.Join(dir, "none"), key: files.key}, "metrics.tls.cert: stat " + filepath.Join(dir, "none") + ": no such file or directory"},
		{tlsFiles{files.cert, files.key, empty}, "metrics.tls.clientCA: " + empty + " is empty"},
		{tlsFiles{files.cert, files.key, files.key}, "metrics.tls (cert " + files.cert + ", key " + files.key + ", clientCA " + files.key + "): metrics client CA: no certificate in the file"},
	} {
		if _, err := listenMetrics(t.Context(), "127.0.0.1:0", tt.files, slog.New(slog.DiscardHandler)); err == nil || err.Error() != tt.want {
			t.Errorf("%+v: %v, want %s", tt.files, err, tt.want)
		}
	}
}

// What is wrong with the files is told by setting and path, and no restart mends it.
func TestWrongCertificateFiles(t *testing.T) {
	dir := t.TempDir()
	one := tlsFiles{cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem")}
	two := tlsFiles{cert: filepath.Join(dir, "cert2.pem"), key: filepath.Join(dir, "key2.pem")}
	writePair(t, one, 1)
	writePair(t, two, 2)
	empty := filepath.Join(dir, "empty.pem")
	replace(t, empty, []byte("\n"))
	for name, c := range map[string]struct {
		files tlsFiles
		want  []string
	}{
		"no key":          {tlsFiles{cert: one.cert}, []string{"cert and key go together"}},
		"no such file":    {tlsFiles{cert: one.cert, key: dir + "/nope"}, []string{"metrics.tls.key: ", "/nope"}},
		"of another pair": {tlsFiles{cert: one.cert, key: two.key}, []string{one.cert, two.key, "private key does not match"}},
		"a CA of nothing": {tlsFiles{cert: one.cert, key: one.key, clientCA: empty}, []string{empty, "no certificate in the file"}},
	} {
		_, err := listenMetrics(t.Context(), "127.0.0.1:0", c.files, slog.New(slog.DiscardHandler))
		if _, is := errors.AsType[settingError](err); !is {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, word := range c.want {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%s: no %q in %v", name, word, err)
			}
		}
	}
}

func TestExpiryIsTold(t *testing.T) {
	dir := t.TempDir()
	files := tlsFiles{cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem")}
	writePair(t, files, 1) // from an hour ago, for an hour to come
	config, err := files.load()
	if err != nil {
		t.Fatal(err)
	}
	for hours, want := range map[int]string{-2: "not valid yet", 0: "expires soon", 2: "has expired", -15 * 24: "not valid yet"} {
		var log bytes.Buffer
		c := &certificates{files: files, log: slog.New(slog.NewTextHandler(&log, nil)), current: config}
		c.tellExpiry(time.Now().Add(time.Duration(hours) * time.Hour))
		if !strings.Contains(log.String(), want) {
			t.Errorf("%d hours on: %s", hours, log.String())
		}
	}
}
