package main

import (
	"flag"
	"log/slog"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/internal/app"
)

// options are the settings that serve, work, migrate and keys share, and that
// one configuration file may hold for all of them.
type options struct {
	app.Config

	config    string
	logFormat string
	logLevel  slog.Level
}

// storageFlags declares where the data are.
func (o *options) storageFlags(fs *flag.FlagSet) {
	fs.StringVar(&o.config, "config", "", "read settings from `FILE` (YAML); flags and environment variables win")
	fs.StringVar(&o.DataDir, "data-dir", "./almanac-data", "keep data in `FOLDER`")
	fs.StringVar(&o.Database, "database", "", "keep resources and jobs in the database at `URL`: postgres://… or the path of a SQLite file (default almanac.db in the data folder)")
	fs.StringVar(&o.logFormat, "log-format", "auto", "`FORMAT` of log lines: text, json, or auto for text on a terminal and json elsewhere")
	fs.TextVar(&o.logLevel, "log-level", slog.LevelInfo, "least `LEVEL` to log: debug, info, warn or error")
}

// s3Flags declares where users' buckets are, if not in the data folder.
func (o *options) s3Flags(fs *flag.FlagSet) {
	fs.StringVar(&o.S3.Endpoint, "s3-endpoint", "", "find users' buckets at the S3-compatible service at `URL` instead of in the data folder")
	fs.StringVar(&o.S3.Region, "s3-region", "", "find users' buckets in this `REGION` of Amazon S3, or of --s3-endpoint")
	fs.BoolVar(&o.S3.PathStyle, "s3-path-style", false, "address buckets as URL/bucket/key")
	fs.StringVar(&o.S3.Bucket, "s3-bucket", "", "keep the service's own files in this `BUCKET` too, instead of in the data folder")
	fs.StringVar(&o.S3.Prefix, "s3-prefix", "", "`PREFIX` of the service's own files in --s3-bucket")
	fs.StringVar(&o.S3.AccessKey, "s3-access-key", "", "access `KEY` (default: the usual chain of AWS)")
	fs.StringVar(&o.S3.SecretKey, "s3-secret-key", "", "secret `KEY`; better given as ALMANAC_S3_SECRET_KEY")
	fs.BoolVar(&o.S3.AssumeRole, "s3-assume-role", false, "take the RoleArn of a request through STS before touching its bucket")
	fs.StringVar(&o.S3.STSEndpoint, "s3-sts-endpoint", "", "`URL` of STS (default: Amazon's)")
	fs.StringVar(&o.S3.ExternalID, "s3-external-id", "", "external `ID` passed on with --s3-assume-role")
	fs.StringVar(&o.S3.KMSKeyARN, "s3-kms-key", "", "`ARN` of the key that encrypts the service's own files")
}

// workFlags declares how jobs are worked on.
func (o *options) workFlags(fs *flag.FlagSet) {
	fs.IntVar(&o.Workers, "workers", 0, "work on `N` jobs at the same time (default: one per core, at least 2)")
	fs.DurationVar(&o.ShutdownGrace, "shutdown-grace", 10*time.Second, "`TIME` that running requests and jobs get at the end")
}

// serveFlags declares how the API is served.
func (o *options) serveFlags(fs *flag.FlagSet) {
	fs.StringVar(&o.Listen, "listen", app.DefaultListen, "serve at `HOST:PORT`; port 0 takes a free one")
	fs.BoolVar(&o.NoWork, "no-work", false, "leave the jobs to other processes (almanac work); needs a shared database")
	fs.StringVar(&o.Quotas, "quotas", "none", "`LIMITS` to enforce: none, or aws for those of the original service")
	fs.BoolVar(&o.AnyRole, "any-role", false, "accept a RoleArn of another account than the caller's (without keys it always is)")
	fs.StringVar(&o.TLSCert, "tls-cert", "", "serve TLS with the certificate in `FILE` (PEM, read again when it changes)")
	fs.StringVar(&o.TLSKey, "tls-key", "", "`FILE` of the certificate's key (PEM)")
}

// allKeys are the names of all settings, which the configuration file may hold
// whatever the command.
func allKeys() []string {
	var o options
	fs := flag.NewFlagSet("all", flag.ContinueOnError)
	o.storageFlags(fs)
	o.s3Flags(fs)
	o.workFlags(fs)
	o.serveFlags(fs)
	names := []string{"health-listen"}
	fs.VisitAll(func(f *flag.Flag) {
		if f.Name != "config" {
			names = append(names, f.Name)
		}
	})
	return names
}

// finish completes the configuration once all flags are read.
func (o *options) finish(c *console) error {
	o.Version, o.Commit = buildVersion()
	format := o.logFormat
	if format == "auto" {
		format = "json"
		if isTerminal(c.stderr) {
			format = "text"
		}
	}
	ho := &slog.HandlerOptions{Level: o.logLevel}
	switch strings.ToLower(format) {
	case "text":
		o.Logger = slog.New(slog.NewTextHandler(c.stderr, ho))
	case "json":
		o.Logger = slog.New(slog.NewJSONHandler(c.stderr, ho))
	default:
		return usagef("log format %q: want text, json or auto", o.logFormat)
	}
	return nil
}
