-- name: InsertTask :exec
INSERT INTO task (id, kind, resource, created, job, attempt, runs, failures, losses, worker, error)
VALUES (sqlc.arg(id), sqlc.arg(kind), sqlc.arg(resource), sqlc.arg(created), 0, 0, 0, 0, 0, '', '');

-- name: GetTask :one
SELECT * FROM task WHERE id = sqlc.arg(id);

-- name: SetTaskJob :execrows
UPDATE task SET job = sqlc.arg(new_job) WHERE id = sqlc.arg(id) AND job = sqlc.arg(old_job) AND worker = '';

-- name: StartTask :one
UPDATE task SET attempt = attempt + 1, runs = runs + 1, worker = sqlc.arg(worker)
WHERE id = sqlc.arg(id) AND job = sqlc.arg(job) AND worker = ''
RETURNING *;

-- name: HoldTask :execrows
-- HoldTask is the fence: it locks the row, and finds nothing when a later
-- attempt has begun or this one was given up for dead.
UPDATE task SET attempt = attempt WHERE id = sqlc.arg(id) AND attempt = sqlc.arg(attempt);

-- name: ReleaseTask :execrows
UPDATE task SET attempt = attempt + 1, worker = '' WHERE id = sqlc.arg(id) AND attempt = sqlc.arg(attempt);

-- name: FailTask :one
UPDATE task SET attempt = attempt + 1, worker = '', failures = failures + 1, error = sqlc.arg(error)
WHERE id = sqlc.arg(id) AND attempt = sqlc.arg(attempt)
RETURNING *;

-- name: LoseTask :one
UPDATE task SET attempt = attempt + 1, worker = '', losses = losses + 1, error = sqlc.arg(error)
WHERE id = sqlc.arg(id) AND attempt = sqlc.arg(attempt)
RETURNING *;

-- name: ProgressTask :execrows
UPDATE task SET failures = 0, losses = 0 WHERE id = sqlc.arg(id) AND attempt = sqlc.arg(attempt);

-- name: DeleteTask :execrows
DELETE FROM task WHERE id = sqlc.arg(id) AND attempt = sqlc.arg(attempt);

-- name: TasksInHand :many
SELECT * FROM task WHERE worker <> '' ORDER BY created, id;

-- name: TasksWaiting :many
SELECT * FROM task WHERE worker = '' ORDER BY created, id;

-- name: TasksOfResource :many
SELECT * FROM task WHERE resource = sqlc.arg(resource) ORDER BY created, id;

-- name: ListSteps :many
SELECT name, output FROM task_step WHERE task = sqlc.arg(task);

-- name: PutStep :exec
INSERT INTO task_step (task, name, output, attempt, finished)
VALUES (sqlc.arg(task), sqlc.arg(name), sqlc.arg(output), sqlc.arg(attempt), sqlc.arg(finished))
ON CONFLICT (task, name) DO UPDATE
SET output = excluded.output, attempt = excluded.attempt, finished = excluded.finished;

-- name: DeleteSteps :exec
DELETE FROM task_step WHERE task = sqlc.arg(task);
