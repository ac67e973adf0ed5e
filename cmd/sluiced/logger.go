package main

import (
	"fmt"
	"io"
	"log/slog"
)

// newLogger returns a logger of the given level (debug, info, warn, error) and
// format (text, json). Where the service manager stamps each line itself
// (JOURNAL_STREAM is set, see systemd.exec), text lines go without a time.
func newLogger(w io.Writer, level, format string, stamped bool) (*slog.Logger, error) {
	var options slog.HandlerOptions
	switch level {
	case "debug":
		options.Level = slog.LevelDebug
	case "info":
		options.Level = slog.LevelInfo
	case "warn":
		options.Level = slog.LevelWarn
	case "error":
		options.Level = slog.LevelError
	default:
		return nil, fmt.Errorf("log.level: %q is none of debug, info, warn, error", level)
	}
	switch format {
	case "text":
		if stamped {
			options.ReplaceAttr = dropTime
		}
		return slog.New(slog.NewTextHandler(w, &options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, &options)), nil
	default:
		return nil, fmt.Errorf("log.format: %q is none of text, json", format)
	}
}

func dropTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey && a.Value.Kind() == slog.KindTime {
		return slog.Attr{}
	}
	return a
}
