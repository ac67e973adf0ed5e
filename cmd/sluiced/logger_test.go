package main

import (
	"bytes"
	"log/slog"
	"regexp"
	"testing"
)

func TestNewLogger(t *testing.T) {
	for _, tt := range []struct {
		level, format string
		stamped       bool
		want          string // regular expression over both lines
	}{
		{"debug", "text", false, `^time=\S+ level=DEBUG msg=a port=g0\ntime=\S+ level=ERROR msg=b\n$`},
		{"debug", "text", true, `^level=DEBUG msg=a port=g0\nlevel=ERROR msg=b\n$`},
		{"info", "text", true, `^level=ERROR msg=b\n$`},
		{"warn", "text", true, `^level=ERROR msg=b\n$`},
		{"error", "json", true, `^{"time":"[^"]+","level":"ERROR","msg":"b"}\n$`},
	} {
		var out bytes.Buffer
		log, err := newLogger(&out, tt.level, tt.format, tt.stamped)
		if err != nil {
			t.Errorf("%s %s: %v", tt.level, tt.format, err)
			continue
		}
		log.Debug("a", "port", "g0")
		log.Error("b")
		if !regexp.MustCompile(tt.want).MatchString(out.String()) {
			t.Errorf("%s %s: %q does not match %s", tt.level, tt.format, &out, tt.want)
		}
	}
}

// TestStampedKeepsTimesOfOurs: only the line's own time goes.
func TestStampedKeepsTimesOfOurs(t *testing.T) {
	var out bytes.Buffer
	log, err := newLogger(&out, "info", "text", true)
	if err != nil {
		t.Fatal(err)
	}
	log.Info("a", slog.Group("pass", slog.String("time", "noon")))
	if out.String() != "level=INFO msg=a pass.time=noon\n" {
		t.Errorf("%q", &out)
	}
}

func TestNewLoggerRefuses(t *testing.T) {
	for _, tt := range [][3]string{
		{"loud", "text", `log.level: "loud" is none of debug, info, warn, error`},
		{"INFO", "text", `log.level: "INFO" is none of debug, info, warn, error`},
		{"info", "xml", `log.format: "xml" is none of text, json`},
	} {
		if _, err := newLogger(nil, tt[0], tt[1], false); err == nil || err.Error() != tt[2] {
			t.Errorf("%v: %v", tt, err)
		}
	}
}
