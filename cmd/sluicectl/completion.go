package main

import "github.com/spf13/cobra"

func (a *app) completionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "completion bash|zsh|fish", Short: "Print the completion script of a shell", Args: cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"bash", "zsh", "fish"},
		Long: `Prints a script that makes the shell complete commands, flags and, by asking the
daemon and the store, names of ports, switches, routers and hosts. bash needs the
package bash-completion.`,
		Example: `  sluicectl completion bash > /etc/bash_completion.d/sluicectl
  sluicectl completion zsh > /usr/local/share/zsh/site-functions/_sluicectl
  sluicectl completion fish > ~/.config/fish/completions/sluicectl.fish`,
		RunE: func(c *cobra.Command, args []string) error {
			root := c.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.stdout, true)
			case "zsh":
				return root.GenZshCompletion(a.stdout)
			default:
				return root.GenFishCompletion(a.stdout, true)
			}
		},
	}
}

// oneOf completes a flag that takes one of some words.
func oneOf(c *cobra.Command, flag string, of ...string) {
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(of, cobra.ShellCompDirectiveNoFileComp)) // the flag is there
}
