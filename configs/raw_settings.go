package configs

import (
	"encoding"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"path"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
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
	TLS    rawServerTLS  `yaml:"tls"`
}

type rawServerTLS struct {
	Cert     filePath `yaml:"cert" usage:"certificate of the metrics listener; empty = no TLS"`
	Key      filePath `yaml:"key" usage:"key of the metrics listener"`
	ClientCA filePath `yaml:"clientCA" usage:"CA that metrics clients' certificates must be signed by"`
}

type rawStore struct {
	Endpoints endpoints    `yaml:"endpoints" usage:"comma-separated endpoints of the Sluice database, ssl:ADDRESS:PORT; empty = the local one"`
	TLS       rawClientTLS `yaml:"tls"`
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

func (r *rawMetrics) setDefaults() { r.Listen = "127.0.0.1:9467" }

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
		Metrics: MetricsSettings{Listen: string(r.Metrics.Listen), TLS: ServerTLS{Cert: string(tls.Cert), Key: string(tls.Key), ClientCA: string(tls.ClientCA)}},
		Store:   StoreSettings{Endpoints: r.Store.Endpoints, TLS: ClientTLS{CA: string(client.CA), Cert: string(client.Cert), Key: string(client.Key)}},
		OVS:     OVSSettings{RunDir: string(r.OVS.RunDir), DBDir: string(r.OVS.DBDir)},
		Log:     LogSettings{Level: levels[r.Log.Level], Format: r.Log.Format},
	}
}

// settingKey is one setting: its place, default and meaning.
type settingKey struct {
	path  string // "metrics.tls.clientCA"
	value string // the default, as text
	usage string
	rules rules
}

// settingKeys lists every setting in the file's order.
func settingKeys() []settingKey {
	return keysOf(fresh(reflect.TypeFor[rawSettings]()), "")
}

func keysOf(v reflect.Value, at string) []settingKey {
	var keys []settingKey
	for _, f := range fieldsOf(v.Type()) {
		field := v.Field(f.index)
		if field.Kind() == reflect.Struct {
			keys = append(keys, keysOf(field, join(at, f.key))...)
			continue
		}
		usage := v.Type().Field(f.index).Tag.Get("usage")
		keys = append(keys, settingKey{path: join(at, f.key), value: textOf(field), usage: usage, rules: f.rules})
	}
	return keys
}

// fieldAt returns the field of a raw struct by its dotted path.
func fieldAt(v reflect.Value, at string) reflect.Value {
	key, rest, deeper := strings.Cut(at, ".")
	for _, f := range fieldsOf(v.Type()) {
		if f.key == key && deeper {
			return fieldAt(v.Field(f.index), rest)
		}
		if f.key == key {
			return v.Field(f.index)
		}
	}
	panic("configs: no setting " + at)
}

func textOf(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case encoding.TextMarshaler:
		text, err := x.MarshalText()
		if err != nil {
			panic("configs: setting: " + err.Error())
		}
		return string(text)
	default:
		return v.String()
	}
}

func setText(v reflect.Value, r rules, text string) error {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	v.SetString(text)
	return r.oneOf(text)
}

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
