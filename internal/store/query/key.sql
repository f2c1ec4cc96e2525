-- name: InsertKey :exec
INSERT INTO access_key (id, secret, token, account, description, created, expires)
VALUES (
    sqlc.arg(id), sqlc.arg(secret), sqlc.arg(token), sqlc.arg(account), sqlc.arg(description),
    sqlc.arg(created), sqlc.narg(expires)
);

-- name: GetKey :one
SELECT * FROM access_key WHERE id = sqlc.arg(id);

-- name: ListKeys :many
SELECT * FROM access_key WHERE expires IS NULL ORDER BY created, id;

-- name: CountKeys :one
SELECT count(*) FROM access_key WHERE expires IS NULL;

-- name: DeleteKey :execrows
DELETE FROM access_key WHERE id = sqlc.arg(id);

-- name: DeleteExpiredKeys :exec
DELETE FROM access_key WHERE expires IS NOT NULL AND expires < sqlc.narg(now);
