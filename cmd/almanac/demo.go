package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/almanac-forecast/almanac/internal/app"
	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/demo"
)

// demoFlags are the flags of the demonstration.
type demoFlags struct {
	options

	data      string
	frequency string
	horizon   int
	exit      bool
}

func runDemo(ctx context.Context, c *console, args []string) (err error) {
	var o demoFlags
	fs := newFlags(c, "demo", "[flags]", `
Starts a server with its defaults on a free port of this machine, then uses it
as any program would: uploads a CSV file, imports it, trains, forecasts, queries
one item and exports. The server then stays up until Ctrl-C. Its data are in a
new folder that is removed at the end.`)
	fs.StringVar(&o.data, "data", "", "use the CSV `FILE` (item_id,timestamp,target_value and further columns as dimensions) instead of generated sales")
	fs.StringVar(&o.frequency, "frequency", "D", "`FREQUENCY` of the data: D, H, W, M, ...")
	fs.IntVar(&o.horizon, "horizon", 28, "forecast `N` steps")
	fs.StringVar(&o.Listen, "listen", "127.0.0.1:0", "serve at `HOST:PORT`; port 0 takes a free one")
	fs.BoolVar(&o.exit, "exit", false, "stop when done instead of staying up")
	fs.TextVar(&o.logLevel, "log-level", o.logLevel, "least `LEVEL` to log to standard error: debug, info, warn or error")
	rest, err := parse(fs, c, args, nil)
	if err != nil {
		return err
	}
	if err := noArguments(rest); err != nil {
		return err
	}
	o.logFormat, o.logLevel = "auto", max(o.logLevel, 4) // its own lines are on the screen
	if err := o.finish(c); err != nil {
		return err
	}
	if o.DataDir, err = os.MkdirTemp("", "almanac-demo-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(o.DataDir)) }()
	return o.run(ctx, c)
}

// run starts the server, walks, and stops the server whatever happened.
func (o *demoFlags) run(ctx context.Context, c *console) error {
	a, err := app.New(o.Config)
	if err != nil {
		return err
	}
	// The server outlives the first Ctrl-C, so that it can be stopped in order.
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	if err := a.Start(serving); err != nil {
		stop()
		return err
	}
	fmt.Fprintf(c.stdout, "Almanac is up at %s, its data in %s\n\n", a.URL(), o.DataDir)
	err = o.walk(ctx, c, a.URL())
	if err == nil && !o.exit {
		o.invite(c, a.URL())
		<-ctx.Done()
	}
	stop()
	return errors.Join(err, a.Wait(serving))
}

func (o *demoFlags) walk(ctx context.Context, c *console, url string) error {
	return demo.Run(ctx, demo.Options{
		Client:    &demo.Client{Endpoint: url, HTTP: http.DefaultClient, Sign: demo.Signer("demo", "demo-secret", "us-east-1", clock.System{})},
		Out:       c.stdout,
		Width:     c.width(),
		Live:      isTerminal(c.stdout),
		Clock:     clock.System{},
		Data:      o.data,
		Frequency: o.frequency,
		Horizon:   o.horizon,
	})
}

// invite says what to do with the server that is up now.
func (o *demoFlags) invite(c *console, url string) {
	fmt.Fprintf(c.stdout, `
The exported files are in %s.
The server stays up at %s until Ctrl-C. From another terminal:

  export AWS_ENDPOINT_URL=%s AWS_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=demo AWS_SECRET_ACCESS_KEY=demo-secret
  aws forecast list-forecasts
  aws s3 ls --recursive s3://%s

`, filepath.Join(o.DataDir, "buckets", demo.Bucket, "exports"), url, url, demo.Bucket)
}
