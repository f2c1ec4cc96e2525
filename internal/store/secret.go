package store

import (
	"context"
	"encoding/base64"
	"fmt"

	"github.com/almanac-forecast/almanac/internal/store/internal/dbsqlc"
)

// Secret returns the 32 random bytes of this name. They are made when first
// asked for and are the same ever after, for every process on the database.
func (db *DB) Secret(ctx context.Context, name string) ([]byte, error) {
	var text string
	err := db.Transact(ctx, func(tx *Tx) error {
		fresh := base64.StdEncoding.EncodeToString(randomBytes(32))
		if err := tx.q.InsertSecret(ctx, dbsqlc.InsertSecretParams{Name: name, Value: fresh}); err != nil {
			return err
		}
		var err error
		text, err = tx.q.GetSecret(ctx, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("secret %q: %w", name, err)
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b) != 32 {
		return nil, fmt.Errorf("secret %q: the database holds something else than 32 bytes in base64; remove the row to have it made anew", name)
	}
	return b, nil
}
