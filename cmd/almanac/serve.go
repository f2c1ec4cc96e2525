package main

import (
	"context"
	"fmt"

	"github.com/almanac-forecast/almanac/internal/app"
)

func runServe(ctx context.Context, c *console, args []string) error {
	var o options
	fs := newFlags(c, "serve", "[flags]", `
Serves the Amazon Forecast API, the S3 API for the buckets in the data folder,
and the few IAM and STS calls that programs make, all on one port; and works on
the jobs. Stops on Ctrl-C or SIGTERM; jobs go on at the next start.

Without access keys (see: almanac keys) it serves this machine only and accepts
any signature.`)
	o.storageFlags(fs)
	o.serveFlags(fs)
	o.workFlags(fs)
	o.s3Flags(fs)
	rest, err := parse(fs, c, args, allKeys())
	if err != nil {
		return err
	}
	if err := noArguments(rest); err != nil {
		return err
	}
	if err := o.finish(c); err != nil {
		return err
	}
	return run(ctx, c, &o)
}

func runWork(ctx context.Context, c *console, args []string) error {
	o := options{}
	fs := newFlags(c, "work", "[flags]", `
Works on the jobs of servers that share its database and its buckets. Any number
of these may run at the same time.`)
	o.storageFlags(fs)
	o.workFlags(fs)
	o.s3Flags(fs)
	fs.StringVar(&o.Listen, "health-listen", "127.0.0.1:0", "serve /healthz, /readyz and /metrics at `HOST:PORT`; port 0 takes a free one")
	rest, err := parse(fs, c, args, allKeys())
	if err != nil {
		return err
	}
	if err := noArguments(rest); err != nil {
		return err
	}
	o.NoServe = true
	if err := o.finish(c); err != nil {
		return err
	}
	return run(ctx, c, &o)
}

// run starts the service and waits until it is told to stop.
func run(ctx context.Context, c *console, o *options) error {
	a, err := app.New(o.Config)
	if err != nil {
		return err
	}
	if err := a.Start(ctx); err != nil {
		return err
	}
	if isTerminal(c.stderr) && !o.NoServe {
		fmt.Fprintf(c.stderr, "Almanac is up at %s\n", a.URL())
	}
	return a.Wait(ctx)
}

func runMigrate(ctx context.Context, c *console, args []string) error {
	var o options
	fs := newFlags(c, "migrate", "[flags]", `
Brings the database up to date with this version. A server does the same when it
starts; run it first where several processes share a database.`)
	o.storageFlags(fs)
	rest, err := parse(fs, c, args, allKeys())
	if err != nil {
		return err
	}
	if err := noArguments(rest); err != nil {
		return err
	}
	if err := o.finish(c); err != nil {
		return err
	}
	where, err := app.Migrate(ctx, o.Config)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.stdout, "%s is up to date\n", where)
	return err
}
