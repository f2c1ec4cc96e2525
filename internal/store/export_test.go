package store

// SetFindLimits has small tables take the ways of large ones.
func (db *DB) SetFindLimits(scan, skip int) { db.find = findLimits{scan, skip} }
