package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/store"
	"github.com/sluice-nfv/sluice/internal/yamlout"
)

func (a *app) storeExport() *cobra.Command {
	return &cobra.Command{
		Use: "export", Short: "Print the whole logical network as YAML", Args: cobra.NoArgs,
		Long: `Prints the logical network as one YAML document, to review and keep in git: by
names, in order, without defaults. What hosts say of themselves is not in it: hosts,
bindings, addresses that workloads hold. Numbers are not either: an import into an
empty store hands out new ones. store backup keeps all.`,
		Example: "  sluicectl store export > network.yaml",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, _ []string) error {
			n, err := a.network(ctx, st)
			if err != nil {
				return err
			}
			d := store.Export(n)
			return a.print(d, func() error { return yamlout.Write(a.stdout, d) })
		}),
	}
}

func (a *app) storeImport() *cobra.Command {
	var o store.ImportOptions
	var file string
	var yes bool
	from := fromSluice
	c := &cobra.Command{
		Use: "import", Short: "Make the logical network as a YAML document says", Args: cobra.NoArgs,
		Long: `Adds what the document has and the store lacks, and changes what differs, in one
transaction: all of it or nothing. An object that the document names becomes wholly
as it says; what it does not name stays, unless --prune deletes it, once you said
yes. What is the same keeps its number, so a document that was exported and changed
in one place changes that place only.

--dry-run prints the difference: + added, ~ changed, - deleted.

With --from tuplenet the file is a dump of TupleNet's keys in etcd, as
"etcdctl get --prefix /tuplenet" prints them, as lines or as JSON.

Exit codes: 0 done, 1 failed, 2 the document makes no sense, 3 no such file,
4 something is taken.`,
		Example: "  sluicectl store import -f network.yaml --dry-run\n  sluicectl store import -f network.yaml --prune --yes\n" +
			"  etcdctl get --prefix /tuplenet | sluicectl store import --from tuplenet -f - --dry-run",
		RunE: func(c *cobra.Command, args []string) error {
			if file == "" {
				return usagef("store import needs a document: name it with -f\n  -> sluicectl store import -f network.yaml --dry-run")
			}
			text, err := a.read(file)
			if err != nil {
				return err
			}
			d, err := a.document(file, text, from)
			if err != nil {
				return err
			}
			return a.onStore(func(ctx context.Context, st *store.Client, _ []string) error {
				return a.importDocument(ctx, st, d, o, yes)
			})(c, args)
		},
	}
	c.Flags().StringVarP(&file, "file", "f", "", "document to import, - for standard input")
	c.Flags().Var(choice[origin]{&from, []origin{fromSluice, fromTupleNet}}, "from", "what wrote the document")
	c.Flags().BoolVar(&o.DryRun, "dry-run", false, "only print what would be done")
	c.Flags().BoolVar(&o.Prune, "prune", false, "delete what the document does not name")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

// origin is what wrote a document.
type origin string

const (
	fromSluice   origin = "sluice"
	fromTupleNet origin = "tuplenet"
)

// document reads a document, and tells what of a foreign one has no place in ours.
func (a *app) document(file string, text []byte, from origin) (*store.Document, error) {
	if from == fromSluice {
		d, err := store.ParseDocument(text)
		if err != nil {
			return nil, usagef("%s: %v", file, err)
		}
		return d, nil
	}
	d, notes, err := store.ParseTupleNet(text)
	if err != nil {
		return nil, usagef("%s: %v", file, err)
	}
	for _, n := range notes {
		fmt.Fprintln(a.stderr, api.Printable(n))
	}
	return d, nil
}

func (a *app) importDocument(ctx context.Context, st *store.Client, d *store.Document, o store.ImportOptions, yes bool) error {
	if o.Prune && !o.DryRun && !yes {
		steps, err := st.Import(ctx, d, store.ImportOptions{Prune: true, DryRun: true})
		if err != nil {
			return err
		}
		if err := a.agree(yes, "the import", deleted(steps)); err != nil {
			return err
		}
	}
	steps, err := st.Import(ctx, d, o)
	if err != nil {
		return err
	}
	return a.print(listed(steps), func() error {
		if len(steps) == 0 {
			return a.done("the store is as the document says")
		}
		for _, s := range steps {
			fmt.Fprintln(a.stdout, api.Printable(stepText(s)))
		}
		if o.DryRun {
			return a.done("nothing was changed")
		}
		return nil
	})
}

func stepText(s store.Step) string {
	sign := map[store.StepOp]string{store.StepAdd: "+", store.StepChange: "~", store.StepDelete: "-"}[s.Op]
	text := fmt.Sprintf("%s %s %s", sign, s.Kind, s.Name)
	if s.In != "" {
		text += " of " + s.In
	}
	if len(s.Changes) > 0 {
		text += "  " + strings.Join(s.Changes, ", ")
	}
	return text
}
