-- name: ListTags :many
SELECT key, value FROM tag WHERE arn = sqlc.arg(arn) ORDER BY key;

-- name: PutTag :exec
INSERT INTO tag (arn, key, value) VALUES (sqlc.arg(arn), sqlc.arg(key), sqlc.arg(value))
ON CONFLICT (arn, key) DO UPDATE SET value = excluded.value;

-- name: DeleteTag :exec
DELETE FROM tag WHERE arn = sqlc.arg(arn) AND key = sqlc.arg(key);

-- name: DeleteTags :exec
DELETE FROM tag WHERE arn = sqlc.arg(arn);
