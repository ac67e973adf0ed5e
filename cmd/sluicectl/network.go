package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/store"
)

// storeFlags say which store the logical network is in.
type storeFlags struct {
	endpoints string
	tls       store.TLS
}

const storeVar = "SLUICE_STORE"

func (f *storeFlags) flags(flags *pflag.FlagSet) {
	flags.StringVar(&f.endpoints, "store", "", "store of the logical network: unix:PATH, tcp:HOST:PORT or ssl:HOST:PORT, several\n"+
		"with commas (default $"+storeVar+", the daemon's settings, or the host's own)")
	flags.StringVar(&f.tls.CA, "ca", "", "with ssl: in --store: file of the CA that signed the servers' certificates")
	flags.StringVar(&f.tls.Cert, "cert", "", "with ssl: in --store: file of your certificate")
	flags.StringVar(&f.tls.Key, "key", "", "with ssl: in --store: file of its private key")
}

// place is a store: where it answers, and whether it is the host's own.
type place struct {
	options store.Options
	local   bool
	ovs     configs.OVSSettings // of a local one
}

func (p place) String() string { return strings.Join(p.options.Endpoints, ",") }

// place finds the store: flag, then environment, then settings, then the host's own.
func (a *app) place() (place, error) {
	text := a.stores.endpoints
	if text == "" {
		text = a.getenv(storeVar)
	}
	if text != "" {
		endpoints, err := store.ParseEndpoints(text)
		if err != nil {
			return place{}, usagef("%v", err)
		}
		return place{options: store.Options{Endpoints: endpoints, TLS: a.stores.tls}}, a.stores.complete(text)
	}
	settings, err := configs.LoadSettings(nil, configs.DefaultSettingsFile)
	if err != nil {
		return place{}, usagef("%v\n  -> name the store with --store", err)
	}
	if at := settings.Store; len(at.Endpoints) > 0 {
		return place{options: store.Options{Endpoints: at.Endpoints, TLS: store.TLS(at.TLS)}}, nil
	}
	if member := a.path(memberSocket); isSocket(member) {
		return place{options: store.Options{Endpoints: []string{"unix:" + member}}}, nil
	}
	return local(settings.OVS), nil
}

// local is the store in the host's own ovsdb-server.
func local(ovs configs.OVSSettings) place {
	at := "unix:" + filepath.Join(ovs.RunDir, "db.sock")
	return place{options: store.Options{Endpoints: []string{at}}, local: true, ovs: ovs}
}

// complete refuses what a TLS connection could not be made with.
func (f *storeFlags) complete(endpoints string) error {
	if strings.Contains(endpoints, "ssl:") && (f.tls.CA == "" || f.tls.Cert == "" || f.tls.Key == "") {
		return usagef("ssl: needs a CA, a certificate and its key\n  -> --store %s --ca FILE --cert FILE --key FILE", endpoints)
	}
	return nil
}

// onStore makes a command of work on the store: it is bounded in time, and what
// goes wrong is told in an operator's words.
func (a *app) onStore(work func(ctx context.Context, s *store.Client, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		at, err := a.place()
		if err != nil {
			return err
		}
		s, err := store.New(at.options)
		if err != nil {
			return usagef("%v", err)
		}
		defer s.Close()
		ctx, cancel := a.asking(c)
		defer cancel()
		err = work(ctx, s, args)
		var missing *logical.MissingError
		if errors.As(err, &missing) {
			return a.missing(ctx, s, missing, err)
		}
		return a.inWords(at, err)
	}
}

// network reads the whole logical network. Rows that cannot be used are told of.
func (a *app) network(ctx context.Context, s *store.Client) (*logical.Snapshot, error) {
	n, faults, err := s.Load(ctx)
	for _, f := range faults {
		fmt.Fprintf(a.stderr, "%s\n", api.Printable(f.Error()))
	}
	return n, err
}

// inWords gives an error of the store its exit code and its remedy.
func (a *app) inWords(at place, err error) error {
	var duplicate *logical.DuplicateError
	var used *store.InUseError
	var invalid *store.InvalidError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &duplicate), errors.As(err, &used):
		return api.Conflict("%w", err)
	case errors.As(err, &invalid):
		return api.Usage("%w", err)
	case errors.Is(err, store.ErrForbidden):
		return api.Conflict("%s: this certificate may not change that: %w", at, refusal(err)).WithFix("bring an operator's certificate: --ca --cert --key, or be root on a member")
	case errors.Is(err, store.ErrOldSchema):
		return api.Conflict("%s has the schema of an earlier release: %w", at, refusal(err)).WithFix("sluicectl store upgrade")
	case errors.Is(err, store.ErrNoDatabase) && at.local:
		return api.Unavailable("%s has no database %s: no logical network is kept on this host", at, store.Database).WithFix("sluicectl store init --local")
	case errors.Is(err, store.ErrNoDatabase):
		return api.Unavailable("%s has no database %s", at, store.Database).WithFix("name the servers of the store with --store")
	case errors.Is(err, context.DeadlineExceeded):
		return api.Unavailable("the store %s gave no answer within %s: %s", at, a.timeout, oneLine(err)).
			WithFix("is the network there? is a majority of its servers up? `--timeout` waits longer")
	case errors.Is(err, store.ErrCredentials):
		return api.Usage("%s", oneLine(err)).WithFix("name PEM files with --ca, --cert and --key, or store.tls in the settings")
	case errors.Is(err, store.ErrDisconnected) && errors.Is(err, fs.ErrPermission):
		return api.Unavailable("%s", oneLine(err)).WithFix("run as root, or use an account that may open the socket; or name another store with --store")
	case errors.Is(err, store.ErrDisconnected) && at.local:
		return api.Unavailable("this host's ovsdb-server does not answer: %s", oneLine(err)).
			WithFix("start Open vSwitch, be root, or name another store with --store")
	case errors.Is(err, store.ErrDisconnected):
		return api.Unavailable("%s", oneLine(err)).WithFix("is a server up there, and reached from here?")
	}
	return err
}

// refusal is the server's own words.
func refusal(err error) error {
	var remote *store.RemoteError
	if errors.As(err, &remote) && remote.Details != "" {
		return errors.New(remote.Details)
	}
	return err
}

// oneLine puts errors that were joined on one line.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// missing names those that look like what is not there.
func (a *app) missing(ctx context.Context, s *store.Client, e *logical.MissingError, err error) error {
	told := api.NotFound("%w", err)
	names, findErr := s.Names(ctx, e.Kind, "")
	if findErr != nil {
		return told
	}
	n, findErr := s.Find(ctx, store.Wanted{Kind: e.Kind, Name: e.Name})
	if findErr != nil {
		return told
	}
	var near []string
	for _, name := range names {
		if name != e.Name && alike(name, e.Name) {
			near = append(near, name)
		}
	}
	switch p := n.PortByName(e.Name); {
	case e.Kind == logical.KindSwitchPort && p != nil && n.Switch(p.Switch) != nil:
		return told.WithFix("it is a port of switch %s", n.Switch(p.Switch).Name)
	case e.Kind == logical.KindRouterPort && routerOf(n, e.Name) != "":
		return told.WithFix("it is a port of router %s", routerOf(n, e.Name))
	case len(near) > 0:
		return api.NotFound("%v; did you mean %s?", err, strings.Join(near, ", "))
	}
	if command := listing(e); command != "" {
		return told.WithFix("%s", command)
	}
	return told
}

// routerOf is the router that has a port, "" for none.
func routerOf(n *logical.Snapshot, port string) string {
	if p := n.RouterPortByName(port); p != nil && n.Router(p.Router) != nil {
		return n.Router(p.Router).Name
	}
	return ""
}

// listing is the command that shows what there is of the kind that is missing.
func listing(e *logical.MissingError) string {
	switch e.Kind { //nolint:exhaustive // the kinds that commands name
	case logical.KindSwitchPort:
		if e.In != "" {
			return "sluicectl lsp show " + e.In
		}
		return "sluicectl ls show"
	case logical.KindSwitch:
		return "sluicectl ls show"
	case logical.KindRouterPort:
		if e.In != "" {
			return "sluicectl lrp show " + e.In
		}
		return "sluicectl lr show"
	case logical.KindRoute:
		if e.In != "" {
			return "sluicectl lsr show " + e.In
		}
		return "sluicectl lr show"
	case logical.KindRouter:
		return "sluicectl lr show"
	case logical.KindHost:
		return "sluicectl ch list"
	case logical.KindPool:
		return "sluicectl pool show"
	}
	return ""
}

// done says what was done; where a program reads, the exit code says it.
func (a *app) done(format string, args ...any) error {
	if a.output != outputTable {
		return nil
	}
	_, err := fmt.Fprintln(a.stdout, api.Printable(fmt.Sprintf(format, args...)))
	return err
}

// notYet says of flags that were kept that no host does anything for them.
func (a *app) notYet(flags []string) {
	if len(flags) > 0 {
		fmt.Fprintf(a.stderr, "nothing carries out %s yet: the store keeps it, packets are treated as without\n", strings.Join(flags, ", "))
	}
}

// doneBut is notYet of what went well.
func (a *app) doneBut(err error, flags []string) error {
	if err == nil {
		a.notYet(flags)
	}
	return err
}

// table shows v: as a table, or in the form that was asked for.
func (a *app) table(v any, head string, rows func(row func(cells ...any))) error {
	return a.print(v, func() error {
		var b strings.Builder
		table(&b, head, rows)
		_, err := io.WriteString(a.stdout, b.String())
		return err
	})
}

// agree asks before what was named goes too, unless --yes said so already.
func (a *app) agree(yes bool, what string, also []string) error {
	if yes || len(also) == 0 {
		return nil
	}
	if !a.terminal(a.stdin) {
		return usagef("%s takes %s with it: say --yes, there is no terminal to ask on", what, some(also))
	}
	fmt.Fprintf(a.stderr, "%s takes %s with it. Delete all of it? [y/N] ", api.Printable(what), api.Printable(some(also)))
	return a.confirmed()
}

// some is the first few of many words.
func some(all []string) string {
	const shown = 6
	if len(all) <= shown {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:shown], ", "), len(all)-shown)
}

// completing bounds what a shell waits for while somebody presses Tab.
const completing = 2 * time.Second
