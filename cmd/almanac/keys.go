package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/almanac-forecast/almanac/internal/app"
	"github.com/almanac-forecast/almanac/internal/chart"
)

var accountPattern = regexp.MustCompile(`^[0-9]{12}$`)

func runKeys(ctx context.Context, c *console, args []string) (err error) {
	var o options
	fs := newFlags(c, "keys", "add|list|revoke [ID] [flags]", `
Access keys sign requests, like those of AWS. As soon as there is one, the server
refuses requests that are not signed with a key it knows, and may listen on other
addresses than this machine's own.

  almanac keys add               make a key and print it; the secret is shown once
  almanac keys list              list the keys
  almanac keys revoke ID         make a key invalid at once`)
	o.storageFlags(fs)
	account := fs.String("account", "000000000000", "`ACCOUNT` of 12 digits that the new key belongs to; accounts see nothing of each other")
	description := fs.String("description", "", "`TEXT` to remember the new key by")
	rest, err := parse(fs, c, args, allKeys())
	if err != nil {
		return err
	}
	if err := o.finish(c); err != nil {
		return err
	}
	if len(rest) == 0 {
		return usagef("say what to do: add, list or revoke")
	}
	if !accountPattern.MatchString(*account) {
		return usagef("account %q: want 12 digits", *account)
	}
	keys, err := app.OpenKeys(ctx, o.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, keys.Close()) }()
	switch what := rest[0]; {
	case what == "add" && len(rest) == 1:
		return addKey(ctx, c, keys, *account, *description)
	case what == "list" && len(rest) == 1:
		return listKeys(ctx, c, keys)
	case what == "revoke" && len(rest) == 2:
		if err := keys.Revoke(ctx, rest[1]); err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.stdout, "%s is revoked\n", rest[1])
		return err
	case what == "revoke":
		return usagef("revoke takes the ID of one key, see `almanac keys list`")
	default:
		return usagef("cannot %q: want add, list or revoke", what)
	}
}

func addKey(ctx context.Context, c *console, keys *app.Keys, account, description string) error {
	id, secret, err := keys.Add(ctx, account, description)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.stdout, "AWS_ACCESS_KEY_ID=%s\nAWS_SECRET_ACCESS_KEY=%s\n", id, secret)
	if err == nil && isTerminal(c.stdout) {
		fmt.Fprintf(c.stderr, "The secret is not shown again. The key belongs to account %s.\n", account)
	}
	return err
}

func listKeys(ctx context.Context, c *console, keys *app.Keys) error {
	all, err := keys.List(ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		_, err := fmt.Fprintln(c.stdout, "There is no key: requests of this machine are accepted with any signature.")
		return err
	}
	var rows [][]string
	for _, k := range all {
		rows = append(rows, []string{k.ID, k.Account, k.Created.UTC().Format(time.DateTime), k.Description})
	}
	_, err = fmt.Fprint(c.stdout, chart.Table([]string{"key", "account", "created (UTC)", "description"}, rows))
	return err
}
