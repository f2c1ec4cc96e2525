-- +goose Up

-- Chunks divide the list of an account, region and kind into stretches of some
-- 1024 rows: the number of a row's chunk never goes down from an older row to a
-- newer one. Where matches are rare, a list is read chunk by chunk, with an index
-- that is ordered by state and parent within each (see the store's walk). It
-- takes the place of the index that was ordered by parent and state.
ALTER TABLE resource ADD COLUMN chunk BIGINT NOT NULL DEFAULT 0;

CREATE TABLE resource_chunk (arn TEXT COLLATE "binary" NOT NULL PRIMARY KEY, chunk BIGINT NOT NULL);
INSERT INTO resource_chunk (arn, chunk)
SELECT arn, (row_number() OVER (PARTITION BY account, region, kind ORDER BY created, arn) - 1) / 1024 FROM resource;
UPDATE resource SET chunk = (SELECT n.chunk FROM resource_chunk AS n WHERE n.arn = resource.arn);
DROP TABLE resource_chunk;

DROP INDEX resource_list_parent_status;
CREATE INDEX resource_list_chunk ON resource (account, region, kind, status, chunk, parent, created, arn);

-- +goose Down
DROP INDEX resource_list_chunk;
CREATE INDEX resource_list_parent_status ON resource (account, region, kind, parent, status, created, arn);
ALTER TABLE resource DROP COLUMN chunk;
