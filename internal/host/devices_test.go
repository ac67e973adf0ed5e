package host

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseDevices(t *testing.T) {
	const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 1536192   18302    0    0    0     0          0         0  1536192   18302    0    0    0     0       0          0
br-int:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
`
	if diff := cmp.Diff(map[string]bool{"lo": true, "br-int": true}, parseDevices([]byte(text))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func FuzzParseDevices(f *testing.F) {
	f.Add([]byte("    lo: 1 2 3\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for name := range parseDevices(text) {
			if name == "" {
				t.Error("a device without a name")
			}
		}
	})
}
