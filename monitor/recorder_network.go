package monitor

// Network is how the logical network stands on this host.
type Network struct {
	StoreUp      bool   // the store is followed
	Flows        int    // on the integration bridge
	Bundles      int    // how often the bridge was changed since the daemon started
	Mended       int    // of them, how often because somebody else had changed it
	SetAside     int    // rows whose flows the switch refused
	Unusable     int    // rows of the store that make no sense
	Newest, Laid uint64 // generations: that the store told of, and that is on the bridge; 0 = none
}

// Network sets how the logical network stands; nil = this host has none.
func (r *Recorder) Network(n *Network) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.network = n
}

func (n *Network) emit(e emitter) {
	if n == nil {
		return
	}
	truth(e, networkStoreUp, &n.StoreUp)
	e.emit(networkFlows, float64(n.Flows))
	e.emit(networkBundles, float64(n.Bundles))
	e.emit(networkMended, float64(n.Mended))
	e.emit(networkSetAside, float64(n.SetAside))
	e.emit(networkUnusable, float64(n.Unusable))
	if n.Newest > 0 {
		e.emit(networkGeneration, float64(n.Newest))
	}
	if n.Laid > 0 && n.Newest >= n.Laid {
		e.emit(networkLag, float64(n.Newest-n.Laid))
	}
}
