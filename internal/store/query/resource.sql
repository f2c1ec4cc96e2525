-- name: GetResource :one
SELECT * FROM resource WHERE arn = sqlc.arg(arn);

-- name: InsertResource :execrows
INSERT INTO resource (
    arn, kind, account, region, scope, name, name_key, parent, parent_group,
    status, message, created, modified, remaining_minutes, spec, result, chunk
) VALUES (
    sqlc.arg(arn), sqlc.arg(kind), sqlc.arg(account), sqlc.arg(region), sqlc.arg(scope), sqlc.arg(name),
    sqlc.arg(name_key), sqlc.arg(parent), sqlc.arg(parent_group), sqlc.arg(status), sqlc.arg(message),
    sqlc.arg(created), sqlc.arg(modified), sqlc.narg(remaining_minutes), sqlc.arg(spec), sqlc.arg(result),
    sqlc.arg(chunk)
)
ON CONFLICT DO NOTHING;

-- name: SaveResource :execrows
UPDATE resource
SET status = sqlc.arg(status), message = sqlc.arg(message), modified = sqlc.arg(modified),
    remaining_minutes = sqlc.narg(remaining_minutes), spec = sqlc.arg(spec), result = sqlc.arg(result)
WHERE arn = sqlc.arg(arn);

-- name: DeleteResource :execrows
DELETE FROM resource WHERE arn = sqlc.arg(arn);

-- name: CountResources :one
SELECT count(*) FROM resource
WHERE account = sqlc.arg(account) AND region = sqlc.arg(region) AND kind = sqlc.arg(kind);

-- name: CountResourcesInState :one
SELECT count(*) FROM resource
WHERE account = sqlc.arg(account) AND region = sqlc.arg(region) AND kind = sqlc.arg(kind)
  AND status = sqlc.arg(status);
