package monitor

import (
	"bytes"
	"html/template"
	"net/http"
)

// StatusLine is one line of the status page.
type StatusLine struct {
	Name  string
	Value string
	// Bad lines stand out.
	Bad bool
}

const pageText = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Sluice</title>
<style>
body { font: 15px/1.5 sans-serif; margin: 2em; max-width: 60em; }
th { text-align: left; font-weight: normal; color: #666; padding-right: 2em; vertical-align: top; }
td { white-space: pre-wrap; }
.bad { color: #b00; }
</style>
</head>
<body>
<h1>Sluice</h1>
<p{{if .NotReady}} class="bad"{{end}}>{{if .NotReady}}Not ready: {{.NotReady}}{{else}}Ready{{end}}</p>
<table>
{{- range .Lines}}
<tr><th>{{.Name}}</th><td{{if .Bad}} class="bad"{{end}}>{{.Value}}</td></tr>
{{- end}}
</table>
<p><a href="metrics">metrics</a> <a href="-/healthy">healthy</a> <a href="-/ready">ready</a></p>
</body>
</html>
`

// newPage returns the handler of the status page.
func newPage(o HandlerOptions) http.Handler {
	page := template.Must(template.New("status").Parse(pageText))
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		content := struct {
			NotReady string
			Lines    []StatusLine
		}{Lines: o.Status()}
		if err := o.Ready(); err != nil {
			content.NotReady = err.Error()
		}
		var body bytes.Buffer
		if err := page.Execute(&body, content); err != nil {
			text(w, http.StatusInternalServerError, err.Error())
			return
		}
		header := w.Header()
		header.Set("Content-Type", "text/html; charset=utf-8")
		header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cache-Control", "no-store")
		_, _ = body.WriteTo(w) // the reader went away: nobody to tell
	})
}
