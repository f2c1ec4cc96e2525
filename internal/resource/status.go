package resource

// Status is the state of a resource, in the words of the API.
type Status string

// The states; docs/states.md draws who moves to whom.
const (
	CreatePending    Status = "CREATE_PENDING"     // accepted, not yet started
	CreateInProgress Status = "CREATE_IN_PROGRESS" // a worker is on it
	CreateStopping   Status = "CREATE_STOPPING"    // StopResource was accepted
	CreateStopped    Status = "CREATE_STOPPED"     // stopped for good
	CreateFailed     Status = "CREATE_FAILED"      // Message says why
	Active           Status = "ACTIVE"
	UpdatePending    Status = "UPDATE_PENDING"     // dataset: its import is CREATE_PENDING
	UpdateInProgress Status = "UPDATE_IN_PROGRESS" // dataset: its import runs; monitor: an evaluation runs
	UpdateFailed     Status = "UPDATE_FAILED"      // dataset: its last import failed
	DeletePending    Status = "DELETE_PENDING"
	DeleteInProgress Status = "DELETE_IN_PROGRESS"
	DeleteFailed     Status = "DELETE_FAILED"
	ActiveStopping   Status = "ACTIVE_STOPPING" // monitor
	ActiveStopped    Status = "ACTIVE_STOPPED"  // monitor
)
