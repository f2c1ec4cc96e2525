-- name: GetSecret :one
SELECT value FROM secret WHERE name = sqlc.arg(name);

-- name: InsertSecret :exec
INSERT INTO secret (name, value) VALUES (sqlc.arg(name), sqlc.arg(value)) ON CONFLICT DO NOTHING;
