// Package store keeps resources, their tags, access keys and unfinished tasks
// in one SQL database: a SQLite file by default, PostgreSQL for many machines.
//
// Both run the same migrations and the same generated queries, through
// database/sql. [DB] implements resource.Store; the queue uses the tasks and
// leases beside it in the same transactions.
package store

// The second step of sqlc.yaml writes to .cache, which git ignores.
//go:generate go tool -modfile=../../tools/go.mod sqlc generate
