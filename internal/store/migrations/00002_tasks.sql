-- +goose Up

-- Work that is not finished. The row is removed in the transaction that
-- completes the task; attempt is the fence (docs/decisions).
CREATE TABLE task (
    id       TEXT NOT NULL PRIMARY KEY,
    kind     TEXT NOT NULL,
    resource TEXT COLLATE "binary" NOT NULL,
    created  BIGINT NOT NULL,
    job      BIGINT NOT NULL,   -- the queue's job that stands for the task now, 0 before there is one
    attempt  BIGINT NOT NULL,   -- goes up whenever a worker takes the task or loses it
    runs     BIGINT NOT NULL,   -- how often a worker took the task
    failures BIGINT NOT NULL,   -- attempts that returned an error since the last finished step
    losses   BIGINT NOT NULL,   -- attempts whose worker died since the last finished step
    worker   TEXT NOT NULL,     -- the worker that has it, '' when none has
    error    TEXT NOT NULL      -- of the last failed attempt
);

CREATE INDEX task_resource ON task (resource);
CREATE INDEX task_worker ON task (worker);

CREATE TABLE task_step (
    task     TEXT NOT NULL,
    name     TEXT NOT NULL,
    output   TEXT NOT NULL,
    attempt  BIGINT NOT NULL,
    finished BIGINT NOT NULL,
    PRIMARY KEY (task, name)
);

-- One row per running worker process. A row whose beat stands still belongs to
-- a process that is dead or asleep.
CREATE TABLE worker_lease (
    id      TEXT NOT NULL PRIMARY KEY,
    host    TEXT NOT NULL,
    started BIGINT NOT NULL,
    beat    BIGINT NOT NULL
);

-- +goose Down
DROP TABLE worker_lease;
DROP TABLE task_step;
DROP TABLE task;
