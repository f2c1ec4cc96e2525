-- name: PutLease :exec
INSERT INTO worker_lease (id, host, started, beat)
VALUES (sqlc.arg(id), sqlc.arg(host), sqlc.arg(started), sqlc.arg(beat))
ON CONFLICT (id) DO UPDATE SET beat = excluded.beat;

-- name: ListLeases :many
SELECT * FROM worker_lease ORDER BY started, id;

-- name: DeleteLease :exec
DELETE FROM worker_lease WHERE id = sqlc.arg(id);
