package configs

import (
	"embed"
	"path"
)

//go:embed prometheus/rules/*.yaml grafana/dashboards/*.json
var monitoring embed.FS

// PrometheusRules returns the shipped files of recording rules and alerts, by
// file name. The caller owns the map.
func PrometheusRules() map[string][]byte { return shippedIn("prometheus/rules") }

// Dashboards returns the shipped Grafana dashboards, JSON by file name. The
// caller owns the map.
func Dashboards() map[string][]byte { return shippedIn("grafana/dashboards") }

func shippedIn(dir string) map[string][]byte {
	entries, err := monitoring.ReadDir(dir)
	if err != nil {
		panic("configs: " + err.Error()) // embedded: the build would have failed
	}
	files := make(map[string][]byte, len(entries))
	for _, e := range entries {
		text, err := monitoring.ReadFile(path.Join(dir, e.Name()))
		if err != nil {
			panic("configs: " + err.Error())
		}
		files[e.Name()] = text
	}
	return files
}
