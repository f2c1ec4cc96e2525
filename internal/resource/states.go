package resource

import "slices"

// machine is the table of allowed moves of a family of kinds. docs/states.md
// draws the same tables and the schema of the store holds the same states; a
// test keeps the three equal.
type machine struct {
	name  string // heading of its diagram in docs/states.md
	start []Status
	moves []move
	end   []Status // states out of which the resource disappears
}

type move struct{ from, to Status }

var jobStates = machine{
	name:  "Jobs",
	start: []Status{CreatePending},
	moves: []move{
		{CreatePending, CreateInProgress},
		{CreatePending, CreateFailed},
		{CreatePending, CreateStopping},
		{CreateInProgress, Active},
		{CreateInProgress, CreateFailed},
		{CreateInProgress, CreateStopping},
		{CreateStopping, CreateStopped},
		{Active, DeletePending},
		{CreateFailed, DeletePending},
		{CreateStopped, DeletePending},
		{DeletePending, DeleteInProgress},
		{DeletePending, DeleteFailed},
		{DeleteInProgress, DeleteFailed},
		{DeleteFailed, DeletePending},
	},
	end: []Status{DeleteInProgress},
}

var datasetStates = machine{
	name:  "Datasets",
	start: []Status{Active},
	moves: []move{
		{Active, UpdatePending},
		{UpdateFailed, UpdatePending},
		{UpdatePending, UpdateInProgress},
		{UpdatePending, UpdateFailed},
		{UpdatePending, Active}, // the import was stopped before it began
		{UpdateInProgress, Active},
		{UpdateInProgress, UpdateFailed},
		{Active, DeletePending},
		{UpdateFailed, DeletePending},
		{DeletePending, DeleteInProgress},
		{DeletePending, DeleteFailed},
		{DeleteInProgress, DeleteFailed},
		{DeleteFailed, DeletePending},
	},
	end: []Status{DeleteInProgress},
}

var groupStates = machine{
	name:  "Dataset groups",
	start: []Status{Active},
	moves: []move{
		{Active, DeletePending}, // its last predictors are still being deleted
		{DeletePending, DeleteFailed},
		{DeleteFailed, DeletePending},
	},
	end: []Status{Active, DeletePending, DeleteFailed},
}

var monitorStates = machine{
	name:  "Monitors",
	start: []Status{CreatePending},
	moves: []move{
		{CreatePending, CreateInProgress},
		{CreatePending, CreateFailed},
		{CreatePending, CreateStopping},
		{CreateInProgress, Active},
		{CreateInProgress, CreateFailed},
		{CreateInProgress, CreateStopping},
		{CreateStopping, CreateStopped},
		{Active, UpdateInProgress},
		{UpdateInProgress, Active},
		{Active, ActiveStopping},
		{UpdateInProgress, ActiveStopping},
		{ActiveStopping, ActiveStopped},
		{ActiveStopped, Active},
		{Active, DeletePending},
		{ActiveStopped, DeletePending},
		{CreateFailed, DeletePending},
		{CreateStopped, DeletePending},
		{DeletePending, DeleteInProgress},
		{DeletePending, DeleteFailed},
		{DeleteInProgress, DeleteFailed},
		{DeleteFailed, DeletePending},
	},
	end: []Status{DeleteInProgress},
}

// AllStates returns every state there is, in the order of status.go.
func AllStates() []Status {
	return []Status{
		CreatePending, CreateInProgress, CreateStopping, CreateStopped, CreateFailed, Active,
		UpdatePending, UpdateInProgress, UpdateFailed,
		DeletePending, DeleteInProgress, DeleteFailed, ActiveStopping, ActiveStopped,
	}
}

// States returns the states a resource of the kind can be in, in the order of
// status.go; nil for an unknown kind.
func States(kind Kind) []Status {
	m := kindTable[kind].states
	if m == nil {
		return nil
	}
	var out []Status
	for _, s := range AllStates() {
		if slices.Contains(m.start, s) || slices.ContainsFunc(m.moves, func(v move) bool { return v.from == s || v.to == s }) {
			out = append(out, s)
		}
	}
	return out
}

// StartState returns the state in which a resource of the kind begins.
func StartState(kind Kind) Status { return kindTable[kind].states.start[0] }

// CanMove reports whether a resource of the kind may go from one state to another.
func CanMove(kind Kind, from, to Status) bool {
	m := kindTable[kind].states
	return m != nil && slices.Contains(m.moves, move{from, to})
}

// Creating reports whether work on the resource is waiting or under way.
func (s Status) Creating() bool {
	return s == CreatePending || s == CreateInProgress || s == CreateStopping
}

// Deleting reports whether the resource is on its way out.
func (s Status) Deleting() bool { return s == DeletePending || s == DeleteInProgress }
