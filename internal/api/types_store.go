package api

// AcceptStoreRequest asks to follow a store that is not the one that the laid flows
// are of.
type AcceptStoreRequest struct {
	DryRun bool `json:"dryRun,omitempty"` // only tell which waits
	// Store is the one that is meant, as a result names it; "" = whichever waits.
	Store string `json:"store,omitempty"`
}

// AcceptStoreResult tells of both stores.
type AcceptStoreResult struct {
	Waited bool   `json:"waited"` // false: the store was the right one already
	Laid   string `json:"laid"`   // the store that what is laid is of: "ID, generation N", or "empty"
	Store  string `json:"store"`  // the one that waits, or is followed already
	// Switches and Ports are how many it has of the logical network.
	Switches int `json:"switches"`
	Ports    int `json:"ports"`
}
