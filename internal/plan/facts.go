package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"path"
	"slices"

	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// FactsVersion is the format of a facts file.
const FactsVersion = "sluice/v1"

// Facts are what a plan must know of a host, as `host facts` prints them: with
// them `host plan --facts` needs neither root nor OVS.
type Facts struct {
	Version string        `json:"apiVersion"`
	Host    host.Topology `json:"host"`
	// OVS is nil, printed as "none", where no database was reached: then the
	// plan is for an empty OVS.
	OVS *OVSFacts `json:"ovs"`
	// Directories are those of the vhost sockets that OVS knows.
	Directories []host.File `json:"directories,omitempty"`
	// Process is the running ovs-vswitchd; nil: it does not run.
	Process *Process `json:"process,omitempty"`
}

// SocketDirectories returns the directories that facts of a host must tell of.
func SocketDirectories(o vswitch.Observed) []string {
	var dirs []string
	for _, r := range o.Rows {
		if socket := r.Settings["options:vhost-server-path"]; socket != "" {
			dirs = append(dirs, path.Dir(socket))
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// Satisfied tells as far as facts can whether a host action has nothing left to
// do. Owners of directories and kernel routes are not among the facts: they are
// taken for right where mode and addresses are.
func (f Facts) Satisfied(a host.Action) bool {
	switch a := a.(type) {
	case host.BindDriver:
		n, ok := f.Host.NICByPCI(a.PCI)
		return ok && n.Driver == a.Driver
	case host.SetHugepages:
		n, _ := f.Host.Node(a.Node)
		return slices.ContainsFunc(n.Hugepages, func(h host.Hugepages) bool { return h.SizeKiB == a.SizeKiB && h.Total >= a.Pages })
	case host.MakeDirectory:
		return slices.ContainsFunc(f.Directories, func(d host.File) bool {
			const bits = fs.ModePerm | fs.ModeSetgid
			return d.Path == a.Path && d.Exists && d.Mode&bits == a.Mode&bits
		})
	case host.RemoveDirectory:
		return !slices.ContainsFunc(f.Directories, func(d host.File) bool { return d.Path == a.Path && d.Exists })
	case host.SetAddresses:
		return f.addressed(a)
	default:
		return false
	}
}

func (f Facts) addressed(a host.SetAddresses) bool {
	i := slices.IndexFunc(f.Host.NICs, func(n host.NIC) bool { return n.Name == a.Device })
	if i < 0 {
		return len(a.Addresses)+len(a.Routes) == 0
	}
	have := f.Host.NICs[i].Addresses
	return !slices.ContainsFunc(a.Addresses, func(p netip.Prefix) bool { return !slices.Contains(have, p) }) &&
		!slices.ContainsFunc(a.Remove, func(p netip.Prefix) bool { return slices.Contains(have, p) && !slices.Contains(a.Addresses, p) })
}

// OVSFacts are the switch's part: versions, schema, and the rows as they are.
type OVSFacts struct {
	Version         string         `json:"version"`
	DPDKVersion     string         `json:"dpdkVersion,omitempty"`
	DPDKInitialized bool           `json:"dpdkInitialized"`
	InterfaceTypes  []string       `json:"interfaceTypes"`
	DatapathTypes   []string       `json:"datapathTypes"`
	Schema          vswitch.Schema `json:"schema"`
	Rows            []FactsRow     `json:"rows"`
}

// FactsRow is one row.
type FactsRow struct {
	Table    vswitch.Table            `json:"table"`
	Name     string                   `json:"name"`
	In       *vswitch.ID              `json:"in,omitempty"` // who refers to it
	Settings vswitch.Settings         `json:"settings,omitempty"`
	Mark     *vswitch.Mark            `json:"mark,omitempty"`
	Status   *vswitch.InterfaceStatus `json:"status,omitempty"`
}

// NewFacts puts facts together; o is nil where no database was reached.
func NewFacts(t host.Topology, o *vswitch.Observed) Facts {
	f := Facts{Version: FactsVersion, Host: t}
	if o == nil {
		return f
	}
	f.OVS = &OVSFacts{
		Version: o.OVSVersion, DPDKVersion: o.DPDKVersion, DPDKInitialized: o.DPDKInitialized,
		InterfaceTypes: o.IfaceTypes, DatapathTypes: o.DatapathTypes, Schema: o.Schema,
	}
	for _, r := range o.Rows {
		row := FactsRow{Table: r.Table, Name: r.Name, Settings: r.Settings, Status: r.Status}
		if r.Parent != (vswitch.ID{}) {
			row.In = &r.Parent
		}
		if r.Mark.Owner != "" || len(r.Mark.Keys) > 0 {
			row.Mark = &r.Mark
		}
		f.OVS.Rows = append(f.OVS.Rows, row)
	}
	return f
}

// Observed returns the switch's part as a plan takes it.
func (f Facts) Observed() vswitch.Observed {
	if f.OVS == nil {
		return vswitch.Observed{}
	}
	o := vswitch.Observed{
		Schema: f.OVS.Schema, OVSVersion: f.OVS.Version, DPDKVersion: f.OVS.DPDKVersion,
		DPDKInitialized: f.OVS.DPDKInitialized, IfaceTypes: f.OVS.InterfaceTypes, DatapathTypes: f.OVS.DatapathTypes,
	}
	for _, r := range f.OVS.Rows {
		row := vswitch.ObservedRow{Status: r.Status}
		row.ID, row.Settings = vswitch.ID{Table: r.Table, Name: r.Name}, r.Settings
		if r.In != nil {
			row.Parent = *r.In
		}
		if r.Mark != nil {
			row.Mark = *r.Mark
		}
		o.Rows = append(o.Rows, row)
	}
	vswitch.SortObserved(o.Rows)
	return o
}

// MarshalJSON writes "none" for a host without OVS.
func (f Facts) MarshalJSON() ([]byte, error) {
	type plain Facts
	if f.OVS != nil {
		return json.Marshal(plain(f))
	}
	return json.Marshal(struct {
		Version string        `json:"apiVersion"`
		Host    host.Topology `json:"host"`
		OVS     string        `json:"ovs"`
		Dirs    []host.File   `json:"directories,omitempty"`
		Process *Process      `json:"process,omitempty"`
	}{f.Version, f.Host, "none", f.Directories, f.Process})
}

// UnmarshalJSON reads what MarshalJSON writes, strictly.
func (f *Facts) UnmarshalJSON(data []byte) error {
	var raw struct {
		Version string          `json:"apiVersion"`
		Host    host.Topology   `json:"host"`
		OVS     json.RawMessage `json:"ovs"`
		Dirs    []host.File     `json:"directories"`
		Process *Process        `json:"process"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	if raw.Version != FactsVersion {
		return fmt.Errorf("apiVersion is %q, this release reads %q", raw.Version, FactsVersion)
	}
	*f = Facts{Version: raw.Version, Host: raw.Host, Directories: raw.Dirs, Process: raw.Process}
	if text := string(raw.OVS); text == `"none"` || text == "null" || text == "" {
		return nil
	}
	f.OVS = &OVSFacts{}
	return json.Unmarshal(raw.OVS, f.OVS)
}

// maxFacts bounds a facts file: a host with 4,096 ports stays far below.
const maxFacts = 64 << 20

// ReadFacts reads a facts file.
func ReadFacts(r io.Reader) (Facts, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFacts+1))
	if err != nil {
		return Facts{}, err
	}
	if len(data) > maxFacts {
		return Facts{}, fmt.Errorf("more than %d MiB: this is no facts file; make one with `sluicectl host facts`", maxFacts>>20)
	}
	var f Facts
	err = json.Unmarshal(data, &f)
	if err == nil {
		err = f.possible()
	}
	if err != nil {
		return Facts{}, fmt.Errorf("not a facts file (make one with `sluicectl host facts`): %w", err)
	}
	return f, nil
}

// maxNode is the highest NUMA node that Linux can have (CONFIG_NODES_SHIFT of
// 10): planners make lists with a place for every node.
const maxNode = 1023

// possible refuses numbers that no host has.
func (f Facts) possible() error {
	for _, n := range f.Host.Nodes {
		if n.ID < 0 || n.ID > maxNode {
			return fmt.Errorf("host.nodes: there is no NUMA node %d; valid: 0 to %d", n.ID, maxNode)
		}
	}
	for _, n := range f.Host.NICs {
		if n.Node > maxNode {
			return fmt.Errorf("host.nics: %s is on NUMA node %d; valid: up to %d", cmp.Or(n.PCI, n.Name), n.Node, maxNode)
		}
	}
	for _, c := range f.Host.CPUs {
		if c.ID < 0 || c.ID > cpuset.Max || c.Node > maxNode {
			return fmt.Errorf("host.cpus: there is no CPU %d on node %d; valid: 0 to %d, on nodes up to %d", c.ID, c.Node, cpuset.Max, maxNode)
		}
	}
	return nil
}
