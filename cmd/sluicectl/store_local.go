package main

import (
	"context"
	"os"

	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
)

// confPaths are where packages and source builds of Open vSwitch keep conf.db.
var confPaths = []string{"/var/lib/openvswitch/conf.db", "/etc/openvswitch/conf.db", "/usr/local/etc/openvswitch/conf.db"}

// confDB is the file of the database that ovsdb-server serves; ovsdb-server itself
// does not tell.
func confDB(ctx context.Context, server *unixctl.Client) (string, error) {
	if _, err := server.Call(ctx, "version"); err != nil {
		return "", err
	}
	var last error
	for _, p := range append([]string{server.RunDir + "/conf.db"}, confPaths...) {
		_, err := os.Stat(p)
		if err == nil {
			return p, nil
		}
		last = err
	}
	return "", last
}
