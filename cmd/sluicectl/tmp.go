package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/sluice-nfv/sluice/internal/api"
)

func main() {
	c := api.Dial(os.Args[2])
	ctx := context.Background()
	switch os.Args[4] {
	case "status":
		s, err := c.Status(ctx)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		b, _ := json.MarshalIndent(s, "", " ")
		fmt.Println(string(b))
	case "plan":
		p, err := c.Plan(ctx, api.PlanRequest{})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		_ = p.WriteText(os.Stdout, api.TextOptions{})
		if !p.Converged {
			os.Exit(5)
		}
	}
}
