package main

import (
	"log/slog"
	"os"
	"path/filepath"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/agent"
	"github.com/sluice-nfv/sluice/internal/store"
)

// networkOf says where the logical network is kept: at the settings' endpoints, or
// beside the host's own conf.db.
func networkOf(s configs.Settings, log *slog.Logger) *agent.NetworkOptions {
	confDB := findConfDB(s.OVS.RunDir)
	dir := s.OVS.DBDir
	if dir == "" {
		dir = filepath.Dir(confDB)
	}
	return &agent.NetworkOptions{
		Store: store.Options{
			Endpoints: s.Store.Endpoints, Logger: log,
			TLS: store.TLS{CA: s.Store.TLS.CA, Cert: s.Store.TLS.Cert, Key: s.Store.TLS.Key},
		},
		NarrowAbove: s.Store.NarrowAbove,
		Local:       agent.LocalStore{RunDir: s.OVS.RunDir, File: filepath.Join(dir, "sluice.db"), Like: confDB},
	}
}

// findConfDB returns where distributions keep the Open_vSwitch database: Debian's and
// Fedora's packages in /etc, upstream's own ones in /var/lib.
func findConfDB(runDir string) string {
	const debian = "/etc/openvswitch/conf.db"
	for _, path := range []string{filepath.Join(runDir, "conf.db"), debian, "/var/lib/openvswitch/conf.db"} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return debian
}
