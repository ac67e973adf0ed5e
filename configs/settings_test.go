package configs

import (
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/sluice-nfv/sluice/internal/golden"
)

// loadSettings runs LoadSettings as the daemon does; an empty file name is the
// default one, which does not exist where tests run.
func loadSettings(t *testing.T, text string, env map[string]string, args ...string) (Settings, error) {
	t.Helper()
	for name, value := range env {
		t.Setenv(name, value)
	}
	flags := pflag.NewFlagSet("sluiced", pflag.ContinueOnError)
	flags.Bool("version", false, "a flag of the command's own")
	BindFlags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	file := DefaultSettingsFile
	if text != "" {
		file = writeTemp(t, []byte(text))
	}
	return LoadSettings(flags, file)
}

// TestSettingsOrder sets one key at each place in turn: flag > variable > file > default.
func TestSettingsOrder(t *testing.T) {
	const file = "metrics: {listen: \"127.0.0.1:1\"}\n"
	env := map[string]string{"SLUICE_METRICS_LISTEN": "127.0.0.1:2"}
	for _, tc := range []struct {
		name, file string
		env        map[string]string
		args       []string
		want       string
	}{
		{name: "default", want: "127.0.0.1:9467"},
		{name: "file", file: file, want: "127.0.0.1:1"},
		{name: "variable", file: file, env: env, want: "127.0.0.1:2"},
		{name: "flag", file: file, env: env, args: []string{"--metrics-listen=127.0.0.1:3"}, want: "127.0.0.1:3"},
		{name: "flag at its default", file: file, env: env, args: []string{"--metrics-listen=127.0.0.1:9467"}, want: "127.0.0.1:9467"},
		{name: "empty variable", file: file, env: map[string]string{"SLUICE_METRICS_LISTEN": ""}, want: ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := loadSettings(t, tc.file, tc.env, tc.args...)
			if err != nil {
				t.Fatal(err)
			}
			if got.Metrics.Listen != tc.want {
				t.Errorf("listen = %q, want %q", got.Metrics.Listen, tc.want)
			}
		})
	}
}

// TestSettingsAll sets every key to something else than its default, by each way.
func TestSettingsAll(t *testing.T) {
	const file = `profile: /srv/Host.yaml
vars: /srv/Vars.yaml
api: {socket: /run/other/api.sock, group: Wheel, mode: 0600}
metrics: {listen: ":9468", detail: ports, tls: {cert: /c, key: /k, clientCA: /ca}}
store: {endpoints: ["ssl:192.0.2.1:6641", "ssl:[2001:db8::1]:6641"], narrowAbove: 7, tls: {ca: /a, cert: /b, key: /d}}
ovs: {runDir: /srv/ovs, dbDir: /srv/db}
log: {level: debug, format: json}
`
	want := Settings{
		Profile: "/srv/Host.yaml",
		Vars:    "/srv/Vars.yaml",
		API:     APISettings{Socket: "/run/other/api.sock", Group: "Wheel", Mode: 0o600},
		Metrics: MetricsSettings{Listen: ":9468", Detail: DetailPorts, TLS: ServerTLS{Cert: "/c", Key: "/k", ClientCA: "/ca"}},
		Store: StoreSettings{
			Endpoints:   []string{"ssl:192.0.2.1:6641", "ssl:[2001:db8::1]:6641"},
			NarrowAbove: 7,
			TLS:         ClientTLS{CA: "/a", Cert: "/b", Key: "/d"},
		},
		OVS: OVSSettings{RunDir: "/srv/ovs", DBDir: "/srv/db"},
		Log: LogSettings{Level: slog.LevelDebug, Format: LogJSON},
	}
	values, err := readSettings(writeTemp(t, []byte(file)))
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	var args []string
	for _, k := range settingKeys() {
		if values[k.path] == "" || values[k.path] == k.value {
			t.Errorf("%s is not set to another value", k.path)
		}
		env[k.env()] = values[k.path]
		args = append(args, "--"+k.flag()+"="+values[k.path])
	}
	for name, load := range map[string]func(t *testing.T) (Settings, error){
		"file":      func(t *testing.T) (Settings, error) { return loadSettings(t, file, nil) },
		"variables": func(t *testing.T) (Settings, error) { return loadSettings(t, "", env) },
		"flags":     func(t *testing.T) (Settings, error) { return loadSettings(t, "", nil, args...) },
	} {
		t.Run(name, func(t *testing.T) {
			got, err := load(t)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSettingNames shows every setting's flag and variable.
func TestSettingNames(t *testing.T) {
	var b strings.Builder
	for _, k := range settingKeys() {
		if k.usage == "" {
			t.Errorf("%s has no usage", k.path)
		}
		b.WriteString(k.path + " --" + k.flag() + " " + k.env() + " " + k.value + "\n")
	}
	golden.Check(t, "testdata/settings.txt", b.String())
}

func TestSettingsWrong(t *testing.T) {
	temp := regexp.MustCompile(`/\S+/file\.yaml`)
	var b strings.Builder
	for _, tc := range []struct {
		name, file string
		env        map[string]string
		args       []string
	}{
		{name: "unknown key", file: "metrics: {listenn: \"127.0.0.1:1\"}\n"},
		{name: "flat key", file: "metrics.listen: 127.0.0.1:1\n"},
		{name: "other case", file: "Metrics: {}\n"},
		{name: "twice", file: "log: {level: info}\nlog: {level: warn}\n"},
		{name: "no value", file: "log:\n"},
		{name: "no YAML", file: "log: {level: info\n"},
		{name: "several", file: "profile: host.yaml\nlog: {level: loud, format: xml}\napi: {mode: rw}\n"},
		{name: "listen in file", file: "metrics: {listen: 9467}\n"},
		{name: "listen in variable", env: map[string]string{"SLUICE_METRICS_LISTEN": "localhost"}},
		{name: "listen in flag", args: []string{"--metrics-listen=127.0.0.1:70000"}},
		{name: "empty profile", args: []string{"--profile="}},
		{name: "key without certificate", args: []string{"--metrics-tls-key=/k"}},
		{name: "client CA without TLS", args: []string{"--metrics-tls-client-ca=/ca"}},
		{name: "endpoint", file: "store: {endpoints: [\"192.0.2.1:6641\", \"unix:db.sock\"]}\n"},
		{name: "ports to read", file: "store: {narrowAbove: many}\n"},
		{name: "detail", file: "metrics: {detail: rings}\n"},
		{name: "endpoint in variable", env: map[string]string{"SLUICE_STORE_ENDPOINTS": "tcp:192.0.2.1:6641,tcp:x"}},
		{name: "endpoint without keys", file: "store: {endpoints: [\"ssl:192.0.2.1:6641\"]}\n"},
		{name: "long socket", args: []string{"--api-socket=/" + strings.Repeat("s", 107)}},
		{name: "mode for all", args: []string{"--api-mode=0666"}},
		{name: "variable in file", file: "profile: ${home}/host.yaml\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := loadSettings(t, tc.file, tc.env, tc.args...)
			if err == nil {
				t.Fatal("no error")
			}
			b.WriteString("# " + tc.name + "\n" + temp.ReplaceAllString(err.Error(), "/etc/sluice/sluiced.yaml") + "\n")
		})
	}
	golden.Check(t, "testdata/settings-wrong.txt", b.String())
	if _, err := LoadSettings(nil, t.TempDir()+"/absent.yaml"); !os.IsNotExist(unwrapped(err)) {
		t.Errorf("a file that was named and is absent: %v", err)
	}
}

func unwrapped(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok || os.IsNotExist(err) {
			return err
		}
		err = u.Unwrap()
	}
}

func FuzzSettings(f *testing.F) {
	f.Add(ReferenceSettings())
	f.Add([]byte("store: {endpoints: [\"ssl:192.0.2.1:6641\"]}\nmetrics: {listen: \"\"}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := writeTemp(t, data)
		if _, err := LoadSettings(nil, file); err != nil && err.Error() == "" {
			t.Fatal("an error without words")
		}
	})
}
