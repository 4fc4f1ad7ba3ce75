// Command clientele shows frontline workers their customers, and serves the same
// customers to any caller of the CRM callback. See clientele help.
package main

import (
	"context"
	"os"

	"github.com/clientele-project/clientele/internal/cli"
)

func main() {
	os.Exit(cli.Run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
