package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
)

// rawSettings is sluiced.yaml as written.
type rawSettings struct {
	Profile filePath       `yaml:"profile" usage:"path of the host profile"`
	Vars    filePath       `yaml:"vars" usage:"path of the profile's variables"`
	API     rawAPI         `yaml:"api"`
	Metrics rawMetrics     `yaml:"metrics"`
	Store   rawStore       `yaml:"store"`
	OVS     rawOVSSettings `yaml:"ovs"`
	Log     rawLog         `yaml:"log"`
}

type rawAPI struct {
	Socket filePath `yaml:"socket" usage:"unix socket of the local API"`
	Group  label    `yaml:"group" usage:"group that may use the API; empty = root's"`
	Mode   fileMode `yaml:"mode" usage:"permission bits of the API socket"`
}

type rawMetrics struct {
	Listen listenAddress `yaml:"listen" usage:"address:port of the metrics listener; empty = none"`
	Detail MetricsDetail `yaml:"detail" jsonschema:"enum=queues,enum=ports" usage:"what interfaces are counted by: queues, or ports alone, which is less to scrape"`
	TLS    rawServerTLS  `yaml:"tls"`
}

type rawServerTLS struct {
	Cert     filePath `yaml:"cert" usage:"certificate of the metrics listener; empty = no TLS"`
	Key      filePath `yaml:"key" usage:"key of the metrics listener"`
	ClientCA filePath `yaml:"clientCA" usage:"CA that metrics clients' certificates must be signed by"`
}

type rawStore struct {
	Endpoints   endpoints    `yaml:"endpoints" usage:"comma-separated endpoints of the Sluice database, ssl:ADDRESS:PORT; empty = the local one"`
	NarrowAbove portCount    `yaml:"narrowAbove" usage:"read only the ports that this host needs where the network has more than so many; 0 = always all"`
	TLS         rawClientTLS `yaml:"tls"`
}

type rawClientTLS struct {
	CA   filePath `yaml:"ca" usage:"CA of the Sluice database"`
	Cert filePath `yaml:"cert" usage:"certificate to show the Sluice database"`
	Key  filePath `yaml:"key" usage:"key to show the Sluice database"`
}

type rawOVSSettings struct {
	RunDir filePath `yaml:"runDir" usage:"run directory of Open vSwitch"`
	DBDir  filePath `yaml:"dbDir" usage:"directory of the local store's file; empty = beside conf.db"`
}

type rawLog struct {
	Level  string    `yaml:"level" jsonschema:"enum=debug,enum=info,enum=warn,enum=error" usage:"lowest level that is logged: debug, info, warn, error"`
	Format LogFormat `yaml:"format" jsonschema:"enum=text,enum=json" usage:"form of log lines: text or json"`
}

func (r *rawSettings) setDefaults() {
	r.Profile, r.Vars = "/etc/sluice/host.yaml", "/etc/sluice/vars.yaml"
}

func (r *rawAPI) setDefaults() { r.Socket, r.Mode = "/run/sluice/api.sock", 0o660 }

func (r *rawMetrics) setDefaults() { r.Listen, r.Detail = "127.0.0.1:9467", DetailQueues }

func (r *rawStore) setDefaults() { r.NarrowAbove = 20000 }

func (r *rawOVSSettings) setDefaults() { r.RunDir = "/var/run/openvswitch" }

func (r *rawLog) setDefaults() { r.Level, r.Format = "info", LogText }

// together checks the rules among several settings, wherever they came from.
func (r *rawSettings) together() error {
	var wrong []error
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	for _, k := range []struct {
		path  string
		value filePath
	}{{"profile", r.Profile}, {"vars", r.Vars}, {"api.socket", r.API.Socket}, {"ovs.runDir", r.OVS.RunDir}} {
		if k.value == "" {
			say("%s: is empty; write an absolute path", k.path)
		}
	}
	if len(r.API.Socket) > maxSocket {
		say("api.socket: has %d bytes, over the %d of a unix socket's path; shorten it", len(r.API.Socket), maxSocket)
	}
	if r.API.Mode&0o007 != 0 {
		say("api.mode: %04o lets every user command the switch; clear the last digit: %04o, and name a group", uint32(r.API.Mode), uint32(r.API.Mode)&^0o007)
	}
	tls := r.Metrics.TLS
	if (tls.Cert == "") != (tls.Key == "") {
		say("metrics.tls: cert and key go together; give both or none")
	}
	if tls.ClientCA != "" && tls.Cert == "" {
		say("metrics.tls.clientCA: needs cert and key, as clients show certificates over TLS only")
	}
	c := r.Store.TLS
	missing := c.CA == "" || c.Cert == "" || c.Key == ""
	for _, e := range r.Store.Endpoints {
		if strings.HasPrefix(e, "ssl:") && missing {
			say("store.tls: ca, cert and key are needed for %s", e)
			break
		}
	}
	return errors.Join(wrong...)
}

func (r *rawSettings) settings() Settings {
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	tls, client := r.Metrics.TLS, r.Store.TLS
	return Settings{
		Profile: string(r.Profile),
		Vars:    string(r.Vars),
		API:     APISettings{Socket: string(r.API.Socket), Group: string(r.API.Group), Mode: fs.FileMode(r.API.Mode)},
		Metrics: MetricsSettings{Listen: string(r.Metrics.Listen), Detail: r.Metrics.Detail, TLS: ServerTLS{Cert: string(tls.Cert), Key: string(tls.Key), ClientCA: string(tls.ClientCA)}},
		Store:   StoreSettings{Endpoints: r.Store.Endpoints, NarrowAbove: int(r.Store.NarrowAbove), TLS: ClientTLS{CA: string(client.CA), Cert: string(client.Cert), Key: string(client.Key)}},
		OVS:     OVSSettings{RunDir: string(r.OVS.RunDir), DBDir: string(r.OVS.DBDir)},
		Log:     LogSettings{Level: levels[r.Log.Level], Format: r.Log.Format},
	}
}
