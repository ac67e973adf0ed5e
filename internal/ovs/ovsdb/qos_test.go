package ovsdb_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// QoS rows live until they are deleted: with their port they must go.
func TestQoSGoesWithItsPort(t *testing.T) {
	const foreign = "type=foreign"
	tests := []struct {
		name   string
		theirs []string // by ovs-vsctl, before we write
		want   vswitch.Desired
		left   []string // the QoS rows, as "port type"
	}{
		{"its limit dropped", nil, bridge("br0", row(vswitch.PortTable, "p1", "br0"), row(vswitch.IfaceTable, "p1", "br0", "type=internal")), nil},
		{"port deleted", nil, bridge("br0"), nil},
		{"bridge deleted", nil, vswitch.Desired{}, nil},
		{"port deleted by somebody else", []string{"del-port", "p1"}, bridge("br0"), nil},
		{"bridge deleted by somebody else", []string{"del-br", "br0"}, vswitch.Desired{}, nil},
		{"port deleted by somebody else and wanted", []string{"del-port", "p1"}, bridge("br0", limited("p1", "br0")...), []string{"p1 egress-policer"}},
		{"taken from its port by somebody else", []string{"clear", "Port", "p1", "qos"}, bridge("br0", limited("p1", "br0")...), []string{"p1 egress-policer"}},
		{
			"replaced by somebody else's",
			[]string{"set", "Port", "p1", "qos=@q", "--", "--id=@q", "create", "QoS", foreign},
			bridge("br0", row(vswitch.PortTable, "p1", "br0"), row(vswitch.IfaceTable, "p1", "br0", "type=internal")),
			[]string{"p1 foreign"},
		},
		{"a foreign one that nobody uses", []string{"create", "QoS", foreign}, bridge("br0"), []string{" foreign"}},
		{"two of ours that nobody uses", []string{"del-port", "p1", "--", "create", "QoS", "type=x", "external_ids:sluice-owner=profile"}, bridge("br0"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := server(t)
			c := dial(t, h)
			write(t, c, bridge("br0", limited("p1", "br0")...))
			if tt.theirs != nil {
				vsctl(t, h, tt.theirs...)
			}
			o := write(t, dial(t, h), tt.want)
			if left := vswitch.Diff(o, tt.want); len(left) > 0 {
				t.Errorf("there is left to do: %v", left)
			}
			if diff := cmp.Diff(tt.left, qosRows(t, h)); diff != "" {
				t.Errorf("QoS rows (-want +are):\n%s", diff)
			}
		})
	}
}

// qosRows reads the QoS rows with another program: "port type".
func qosRows(t *testing.T, h *lab.Host) []string {
	t.Helper()
	users := map[string]string{}
	for _, line := range strings.Fields(vsctl(t, h, "--format=csv", "--no-headings", "--data=bare", "--columns=name,qos", "list", "Port")) {
		name, uuid, _ := strings.Cut(line, ",")
		users[uuid] = name
	}
	var rows []string
	for _, line := range strings.Fields(vsctl(t, h, "--format=csv", "--no-headings", "--data=bare", "--columns=_uuid,type", "list", "QoS")) {
		uuid, typ, _ := strings.Cut(line, ",")
		rows = append(rows, users[uuid]+" "+typ)
	}
	return rows
}

// A row that is taken up again before its deletion is written stays.
func TestOrphanTakenUpAgain(t *testing.T) {
	h := server(t)
	c := dial(t, h)
	write(t, c, bridge("br0", limited("p1", "br0")...))
	uuid := vsctl(t, h, "get", "Port", "p1", "qos")
	vsctl(t, h, "clear", "Port", "p1", "qos")
	o := until(t, c, func(o vswitch.Observed) bool { _, still := o.Row(id(vswitch.QoSTable, "p1")); return !still })
	vsctl(t, h, "set", "Port", "p1", "qos="+uuid)
	var orphan vswitch.ID
	for _, r := range o.Rows {
		if r.Table == vswitch.QoSTable {
			orphan = r.ID
		}
	}
	_, err := c.Write(limit(t), o, []vswitch.Change{{ID: orphan, Op: vswitch.Delete}})
	if err == nil || !strings.Contains(err.Error(), "changed") {
		t.Errorf("Write: %v; want ErrChanged", err)
	}
	if diff := cmp.Diff([]string{"p1 egress-policer"}, qosRows(t, h)); diff != "" {
		t.Errorf("QoS rows (-want +are):\n%s", diff)
	}
}
