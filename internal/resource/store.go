package resource

import (
	"context"
	"encoding/json"
)

// Store keeps rows. View runs f in a read-only snapshot, Update in one write
// transaction that commits when f returns nil. f must be short, must not keep
// the transaction, and may be run again after a serialisation failure.
// Safe for concurrent use.
type Store interface {
	// Get is Reader.Get without a snapshot around it, for those who read one
	// row and no more.
	Get(ctx context.Context, arn string) (Row, error)
	View(ctx context.Context, f func(Reader) error) error
	Update(ctx context.Context, f func(Tx) error) error
}

// Reader reads rows.
type Reader interface {
	// Get returns the row with this ARN, or ErrNoRow.
	Get(ctx context.Context, arn string) (Row, error)
	// Find returns the rows that match, newest first (Created, then ARN, both descending).
	Find(ctx context.Context, q Query) ([]Row, error)
	// Count returns how many rows of the account and region match the kind and, if any are given, the states.
	Count(ctx context.Context, account, region string, kind Kind, states ...Status) (int, error)
	// Tags returns the tags of a resource sorted by key.
	Tags(ctx context.Context, arn string) ([]Tag, error)
}

// Tx reads and writes rows within one transaction.
type Tx interface {
	Reader
	// Insert adds a row, or returns ErrRowExists when the ARN or the name within its scope is taken.
	Insert(ctx context.Context, row Row) error
	// Save writes Status, Message, Modified, RemainingMinutes, Spec and Result of a row read in this transaction. ErrNoRow if it is gone.
	Save(ctx context.Context, row Row) error
	// Remove deletes the row and its tags; removing nothing is ErrNoRow.
	Remove(ctx context.Context, arn string) error
	// SetTags adds or overwrites tags and removes the keys in drop.
	SetTags(ctx context.Context, arn string, put []Tag, drop []string) error
	// Enqueue adds a task that workers will see if and only if the transaction commits.
	Enqueue(ctx context.Context, t Task) error
}

// Query selects rows of one kind, account and region.
type Query struct {
	Account, Region string
	Kind            Kind
	Filters         []Filter // all of them must hold
	After           *Cursor  // strictly after this place in the order
	Limit           int      // 0: all
	// Brief leaves Scope, Parent, RemainingMinutes and Result of the rows empty:
	// a summary shows none of them, and a result may be longer than all the rest.
	Brief bool
}

// Filter compares one column with a value.
type Filter struct {
	Column Column
	Not    bool
	Value  string
}

// Column names what a [Filter] looks at.
type Column string

// The columns that can be filtered.
const (
	ColumnStatus Column = "status"
	ColumnParent Column = "parent"
	ColumnGroup  Column = "group"
	ColumnARN    Column = "arn"
	ColumnScope  Column = "scope"
	ColumnName   Column = "name" // compared without case
)

// Cursor is a place in the order of Find.
type Cursor struct {
	CreatedMicros int64
	ARN           string
}

// Task is work to be done for a resource.
type Task struct {
	ID       string   // ULID, unique
	Kind     TaskKind // which worker does it
	Resource string   // ARN
}

// TaskKind names a worker.
type TaskKind string

// The tasks of the service.
const (
	TaskImport  TaskKind = "import"   // read files into a dataset
	TaskTrain   TaskKind = "train"    // fit a predictor and its backtests
	TaskPredict TaskKind = "forecast" // make a forecast with a predictor
	TaskExport  TaskKind = "export"   // write a forecast to a bucket
	TaskDelete  TaskKind = "delete"   // free what a resource holds, then remove its row
)

// Steps keeps what a task has finished, so that a later attempt goes on there.
// Implemented by the queue for the task at hand.
type Steps interface {
	// Done returns the outputs of the finished steps by name.
	Done(ctx context.Context) (map[string]json.RawMessage, error)
	// Finish records a step and its output; an attempt that was overtaken by a later one gets ErrOvertaken.
	Finish(ctx context.Context, name string, output any) error
}
