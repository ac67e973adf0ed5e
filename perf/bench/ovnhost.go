package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// OVN's programs and schemas, as Debian and Fedora install them.
const (
	ovnController = "ovn-controller"
	ovnNorthd     = "ovn-northd"
	ovnSchemas    = "/usr/share/ovn/"
)

// missingOVN says why OVN cannot be measured; "" where it can.
func missingOVN() string {
	for program, pkg := range map[string]string{ovnController: "ovn-host", ovnNorthd: "ovn-central"} {
		if _, err := exec.LookPath(program); err != nil {
			return "OVN is not installed (package " + pkg + ")"
		}
	}
	return ""
}

// ovn is OVN beside a lab host's switch: databases with ovsdb-servers of their own,
// ovn-northd and ovn-controller. All of it ends with the host.
type ovn struct {
	host          *lab.Host
	fleet         fleet
	north, south  *dbConn
	northd, agent *lab.Cmd // nil while stopped
}

// startOVN fills the databases and lets ovn-northd translate; ovn-controller does
// not run yet, but the host's database tells it of bridge.
func startOVN(ctx context.Context, h *lab.Host, f fleet, bridge string) (*ovn, error) {
	o := &ovn{host: h, fleet: f}
	for _, db := range []struct {
		name string
		rows dbRows
		conn **dbConn
	}{{"nb", f.northRows(), &o.north}, {"sb", nil, &o.south}} {
		file := h.Path(db.name + ".db")
		if err := run(ctx, "ovsdb-tool", "create", file, ovnSchemas+"ovn-"+db.name+".ovsschema"); err != nil {
			return o, err
		}
		if db.rows != nil {
			if err := appendRecord(file, db.rows); err != nil {
				return o, err
			}
		}
		socket, err := serveDB(ctx, h, db.name, file)
		if err != nil {
			return o, err
		}
		if *db.conn, err = dialDB(ctx, socket); err != nil {
			return o, err
		}
	}
	if err := o.startNorthd(ctx); err != nil {
		return o, err
	}
	if err := o.translated(ctx); err != nil {
		return o, err
	}
	if _, err := o.south.transact(ctx, "OVN_Southbound", f.chassisOps()...); err != nil {
		return o, err
	}
	// What is up on other hosts is answered for and routed to.
	if _, err := o.north.transact(ctx, "OVN_Northbound", dbOp{"op": "update", "table": "NB_Global", "where": []any{}, "row": dbRow{"nb_cfg": 2}}); err != nil {
		return o, err
	}
	if err := o.translated(ctx); err != nil {
		return o, err
	}
	_, err := h.VSCtl(ctx, append([]string{"--no-wait", "set", "Open_vSwitch", "."}, ovnSettings(h.Path("sb.sock"), bridge)...)...)
	return o, err
}

// command makes one of OVN's programs keep all its files with the host.
func (o *ovn) command(ctx context.Context, program string, args ...string) *lab.Cmd {
	c := o.host.Command(context.WithoutCancel(ctx), program, append(args, "--log-file="+o.host.Path(program+".log"), "-vconsole:off", "-vsyslog:off")...)
	c.Env = append(c.Env, "OVN_RUNDIR="+o.host.RunDir(), "OVN_DBDIR="+o.host.RunDir(), "OVN_LOGDIR="+o.host.RunDir())
	return c
}

func (o *ovn) startNorthd(ctx context.Context) error {
	o.northd = o.command(ctx, ovnNorthd, "--ovnnb-db=unix:"+o.host.Path("nb.sock"), "--ovnsb-db=unix:"+o.host.Path("sb.sock"))
	return o.northd.Start()
}

// translated waits until ovn-northd has done all that the northbound database asks.
func (o *ovn) translated(ctx context.Context) error {
	return lab.Until(ctx, "ovn-northd is done", func(ctx context.Context) error {
		results, err := o.north.transact(ctx, "OVN_Northbound", dbOp{
			"op": "select", "table": "NB_Global", "where": []any{}, "columns": []string{"nb_cfg", "sb_cfg"},
		})
		if err != nil {
			return err
		}
		var rows []struct {
			Asked int `json:"nb_cfg"`
			Done  int `json:"sb_cfg"`
		}
		if err := json.Unmarshal(results[0]["rows"], &rows); err != nil {
			return err
		}
		if len(rows) != 1 || rows[0].Done < rows[0].Asked {
			return fmt.Errorf("NB_Global is %v", rows)
		}
		return nil
	})
}

// start starts ovn-controller and returns at once.
func (o *ovn) start(ctx context.Context) error {
	o.agent = o.command(ctx, ovnController, o.host.DBEndpoint())
	return o.agent.Start()
}

// stop kills ovn-controller: what it made stays, as at a restart.
func (o *ovn) stop() error {
	if o.agent == nil {
		return nil
	}
	c := o.agent
	o.agent = nil
	return c.Kill()
}

// rest ends ovn-northd: on a fleet it runs elsewhere.
func (o *ovn) rest() error {
	if o.northd == nil {
		return nil
	}
	c := o.northd
	o.northd = nil
	return c.Kill()
}

func (o *ovn) close() error {
	var errs []error
	for _, c := range []*dbConn{o.north, o.south} {
		if c != nil {
			errs = append(errs, c.close())
		}
	}
	return errors.Join(errs...)
}

// version is what ovn-controller says of itself: "ovn-controller 23.03.1".
func ovnVersion(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, ovnController, "--version").Output()
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(line)
}

// ovnHost is the first host of a fleet under OVN.
type ovnHost struct {
	*overlayHost
	ovn *ovn
}

// startOVNHost returns when ovn-controller has laid the network.
func startOVNHost(ctx context.Context, env Env, f fleet) (_ *ovnHost, err error) {
	ctx, cancel := context.WithTimeout(ctx, overlayPatience)
	defer cancel()
	env.Progress(fmt.Sprintf("starting a host of %d, with OVN", f.hosts))
	h := &ovnHost{}
	if h.overlayHost, err = startOverlayHost(ctx, f); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	if h.ovn, err = startOVN(ctx, h.Host, f, integration); err != nil {
		return nil, err
	}
	if err = h.ovn.start(ctx); err != nil {
		return nil, err
	}
	err = lab.Until(ctx, "ovn-controller has made "+integration, func(ctx context.Context) error {
		_, err := h.VSCtl(ctx, "br-exists", integration)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err = h.plug(ctx); err != nil {
		return nil, err
	}
	_, err = h.settled(ctx)
	return h, err
}

func (h *ovnHost) close() error {
	var err error
	if h.ovn != nil {
		err = h.ovn.close()
	}
	return errors.Join(err, h.overlayHost.close())
}
