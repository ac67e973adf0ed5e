package configs

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestWatchSeesClosedAndRenamed(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	path := filepath.Join(t.TempDir(), "host.yaml")
	changed := make(chan struct{}, 1)
	done := make(chan error, 1)
	watching, stop := context.WithCancel(ctx)
	go func() { done <- Watch(watching, path, changed) }()
	expect := func(what string, do func()) {
		t.Helper()
		// The first deed may come before the watch stands: repeat until seen.
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			do()
			select {
			case <-changed:
				return
			case <-tick.C:
			case <-ctx.Done():
				t.Fatalf("%s was not seen", what)
			}
		}
	}
	expect("a written file", func() { must(t, os.WriteFile(path, []byte("a"), 0o600)) })
	expect("a renamed file", func() {
		must(t, os.WriteFile(path+".new", nil, 0o600))
		must(t, os.Rename(path+".new", path))
	})
	drain(changed)
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteString("half")
	must(t, err)
	must(t, os.WriteFile(path+".other", nil, 0o600))
	select {
	case <-changed:
		t.Error("a file still being written was news")
	default:
	}
	must(t, f.Close())
	expect("the closed file", func() {})
	stop()
	if err := <-done; err != nil {
		t.Errorf("Watch: %v", err)
	}
}

func TestInstallKeepsFormer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "host.yaml")
	for i, want := range []string{"", "one", "two"} {
		text := []string{"one", "two", "three"}[i]
		former, err := Install(path, []byte(text))
		if err != nil || string(former) != want {
			t.Fatalf("Install(%s) = %q, %v, want %q", text, former, err, want)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != text {
			t.Fatalf("profile is %q, %v", got, err)
		}
	}
	if kept, err := os.ReadFile(path + ".former"); err != nil || string(kept) != "two" {
		t.Fatalf("former is %q, %v", kept, err)
	}
	if kept, err := os.ReadFile(path + ".former.1"); err != nil || string(kept) != "one" {
		t.Fatalf("the one before is %q, %v", kept, err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 3 { // with .former.1
		t.Fatalf("left over: %v, %v", entries, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func drain(ch <-chan struct{}) {
	for {
		select {
		case <-ch:
		default:
			return
		}
	}
}
