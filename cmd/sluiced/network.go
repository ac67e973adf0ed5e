package main

import (
	"log/slog"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/agent/overlay"
	"github.com/sluice-nfv/sluice/internal/store"
)

// networkOf says where the logical network is kept: at the settings' endpoints, or
// beside the host's own conf.db.
func networkOf(s configs.Settings, log *slog.Logger) *overlay.Options {
	return &overlay.Options{
		Store: store.Options{
			Endpoints: s.Store.Endpoints, Logger: log,
			TLS: store.TLS{CA: s.Store.TLS.CA, Cert: s.Store.TLS.Cert, Key: s.Store.TLS.Key},
		},
		NarrowAbove: s.Store.NarrowAbove, Trim: trim,
		Local: overlay.LocalStore{RunDir: s.OVS.RunDir, Find: func() (file, like string, err error) {
			return store.LocalFiles("/", s.OVS.RunDir, s.OVS.DBDir)
		}},
	}
}
