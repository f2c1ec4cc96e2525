-- The same text runs on SQLite and on PostgreSQL (docs/decisions). Times are
-- microseconds since 1970 in UTC; JSON is text. The collation "binary" is built
-- into SQLite; on PostgreSQL the store creates it before the first migration,
-- so that both databases sort ARNs by their bytes.

-- +goose Up
CREATE TABLE resource (
    arn               TEXT COLLATE "binary" NOT NULL PRIMARY KEY,
    kind              TEXT NOT NULL,
    account           TEXT NOT NULL,
    region            TEXT NOT NULL,
    scope             TEXT NOT NULL,   -- '' or the ARN within which the name is unique
    name              TEXT NOT NULL,
    name_key          TEXT NOT NULL,   -- the name in lower case
    parent            TEXT COLLATE "binary" NOT NULL,
    parent_group      TEXT NOT NULL,
    status            TEXT NOT NULL,
    message           TEXT NOT NULL,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    remaining_minutes BIGINT,
    spec              TEXT NOT NULL,
    result            TEXT NOT NULL,
    -- Equal to resource.States(kind); a test of the store compares them.
    CONSTRAINT resource_status CHECK (
        (kind = 'dataset' AND status IN (
            'ACTIVE', 'UPDATE_PENDING', 'UPDATE_IN_PROGRESS', 'UPDATE_FAILED',
            'DELETE_PENDING', 'DELETE_IN_PROGRESS', 'DELETE_FAILED'))
        OR (kind = 'dataset-group' AND status IN (
            'ACTIVE', 'DELETE_PENDING', 'DELETE_FAILED'))
        OR (kind = 'monitor' AND status IN (
            'CREATE_PENDING', 'CREATE_IN_PROGRESS', 'CREATE_STOPPING', 'CREATE_STOPPED', 'CREATE_FAILED',
            'ACTIVE', 'UPDATE_IN_PROGRESS', 'ACTIVE_STOPPING', 'ACTIVE_STOPPED',
            'DELETE_PENDING', 'DELETE_IN_PROGRESS', 'DELETE_FAILED'))
        OR (kind IN (
            'dataset-import-job', 'predictor', 'predictor-backtest-export-job', 'forecast', 'forecast-export-job',
            'explainability', 'explainability-export',
            'what-if-analysis', 'what-if-forecast', 'what-if-forecast-export')
            AND status IN (
            'CREATE_PENDING', 'CREATE_IN_PROGRESS', 'CREATE_STOPPING', 'CREATE_STOPPED', 'CREATE_FAILED',
            'ACTIVE', 'DELETE_PENDING', 'DELETE_IN_PROGRESS', 'DELETE_FAILED'))
    )
);

CREATE UNIQUE INDEX resource_name ON resource (account, region, kind, scope, name_key);

-- One index per way of listing, each in the order of the list and covering the
-- filters, so that a page costs its own length whatever the table holds.
CREATE INDEX resource_list ON resource (account, region, kind, created, arn, parent, status);
CREATE INDEX resource_list_status ON resource (account, region, kind, status, created, arn, parent);
CREATE INDEX resource_list_parent ON resource (account, region, kind, parent, created, arn, status);
CREATE INDEX resource_list_parent_status ON resource (account, region, kind, parent, status, created, arn);

CREATE TABLE tag (
    arn   TEXT COLLATE "binary" NOT NULL,
    key   TEXT COLLATE "binary" NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (arn, key)
);

CREATE TABLE access_key (
    id          TEXT NOT NULL PRIMARY KEY,
    secret      TEXT NOT NULL,
    token       TEXT NOT NULL,   -- '' for a permanent key
    account     TEXT NOT NULL,
    description TEXT NOT NULL,
    created     BIGINT NOT NULL,
    expires     BIGINT           -- NULL for a permanent key
);

CREATE TABLE secret (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL          -- base64
);

-- +goose Down
DROP TABLE secret;
DROP TABLE access_key;
DROP TABLE tag;
DROP TABLE resource;
