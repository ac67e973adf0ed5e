package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"reflect"
	"strings"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// DefaultSettingsFile is where the daemon's settings are looked for. It need
// not exist; a file that was named otherwise must.
const DefaultSettingsFile = "/etc/sluice/sluiced.yaml"

// Settings are the daemon's own: where things are, never what the switch shall be.
type Settings struct {
	Profile string // path of the host profile
	Vars    string // path of its variables; the file need not exist
	API     APISettings
	Metrics MetricsSettings
	Store   StoreSettings
	OVS     OVSSettings
	Log     LogSettings
}

// APISettings are those of the local API.
type APISettings struct {
	Socket string      // path of the unix socket
	Group  string      // group that may use it; empty = root's
	Mode   fs.FileMode // permission bits of the socket
}

// MetricsSettings are those of the metrics listener.
type MetricsSettings struct {
	Listen string // host:port; empty = no listener
	Detail MetricsDetail
	TLS    ServerTLS
}

// MetricsDetail is what interfaces are counted by in metrics.
type MetricsDetail string

// The details.
const (
	DetailQueues MetricsDetail = "queues" // each queue, and the port
	DetailPorts  MetricsDetail = "ports"  // the port alone
)

// ServerTLS holds paths; an empty Cert means no TLS.
type ServerTLS struct{ Cert, Key, ClientCA string }

// StoreSettings are those of the Sluice database.
type StoreSettings struct {
	Endpoints []string // OVSDB connection methods; none = the local database
	// NarrowAbove is how many ports a network may have of which all are read; 0 = any.
	NarrowAbove int
	TLS         ClientTLS
}

// ClientTLS holds paths; all are empty without TLS.
type ClientTLS struct{ CA, Cert, Key string }

// OVSSettings say where Open vSwitch is.
type OVSSettings struct {
	RunDir string
	DBDir  string // of the local store's file; empty = beside conf.db
}

// LogSettings are those of the log.
type LogSettings struct {
	Level  slog.Level
	Format LogFormat
}

// LogFormat is how log lines are written.
type LogFormat string

// The log formats.
const (
	LogText LogFormat = "text"
	LogJSON LogFormat = "json"
)

// BindFlags adds a flag for every setting: metrics.tls.clientCA is
// --metrics-tls-client-ca. Defaults are those of the settings file.
func BindFlags(flags *pflag.FlagSet) {
	for _, k := range settingKeys() {
		flags.String(k.flag(), k.value, k.usage)
	}
}

// LoadSettings reads the settings: a flag wins over a variable of the
// environment (SLUICE_METRICS_LISTEN), that over the file, that over the
// default. flags may be nil or hold other flags besides. Errors in the file are
// an *Error; of a flag or a variable the error names it.
func LoadSettings(flags *pflag.FlagSet, file string) (Settings, error) {
	read, err := readSettings(file)
	if err != nil {
		return Settings{}, err
	}
	v := viper.New()
	v.AllowEmptyEnv(true)
	// The file was decoded strictly already, into text: viper would retype what
	// it reads itself (0660 would become 432) and take any key.
	if err := v.MergeConfigMap(nested(read)); err != nil {
		return Settings{}, fmt.Errorf("merge settings: %w", err)
	}
	for _, k := range settingKeys() {
		v.SetDefault(k.path, k.value)
		if err := v.BindEnv(k.path, k.env()); err != nil {
			return Settings{}, fmt.Errorf("bind %s: %w", k.env(), err)
		}
		if flags == nil || flags.Lookup(k.flag()) == nil {
			continue
		}
		if err := v.BindPFlag(k.path, flags.Lookup(k.flag())); err != nil {
			return Settings{}, fmt.Errorf("bind --%s: %w", k.flag(), err)
		}
	}
	raw := fresh(reflect.TypeFor[rawSettings]())
	var wrong []error
	for _, k := range settingKeys() {
		if err := setText(fieldAt(raw, k.path), k.rules, v.GetString(k.path)); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", k.origin(flags), err))
		}
	}
	if len(wrong) > 0 {
		return Settings{}, errors.Join(wrong...)
	}
	s := raw.Addr().Interface().(*rawSettings)
	if err := s.together(); err != nil {
		return Settings{}, err
	}
	return s.settings(), nil
}

// readSettings decodes the file strictly and returns its values by key.
func readSettings(file string) (map[string]string, error) {
	data, err := readFile(file)
	if errors.Is(err, fs.ErrNotExist) && path.Clean(file) == DefaultSettingsFile {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	d := newDecoder(file, nil)
	raw := fresh(reflect.TypeFor[rawSettings]())
	if root, _ := d.document(data, "settings file"); root != nil {
		d.node(root, raw, "", rules{})
	}
	if err := errorOf(d.problems); err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, k := range settingKeys() {
		if d.lines[k.path] > 0 {
			values[k.path] = textOf(fieldAt(raw, k.path))
		}
	}
	return values, nil
}

// nested turns dotted keys into maps of maps.
func nested(values map[string]string) map[string]any {
	top := map[string]any{}
	for key, value := range values {
		m := top
		parts := strings.Split(key, ".")
		for _, part := range parts[:len(parts)-1] {
			if _, found := m[part]; !found {
				m[part] = map[string]any{}
			}
			m, _ = m[part].(map[string]any)
		}
		m[parts[len(parts)-1]] = value
	}
	return top
}
