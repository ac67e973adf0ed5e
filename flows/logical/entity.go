package logical

// Entity is one object of a Snapshot. Entities are shared between snapshots and
// goroutines: nobody changes one that was put.
type Entity interface {
	// Ref names the entity.
	Ref() Ref
}

// Ref names the host.
func (e *Host) Ref() Ref { return Ref{KindHost, e.ID.UUID()} }

// Ref names the datapath.
func (e *Datapath) Ref() Ref { return Ref{KindDatapath, e.ID.UUID()} }

// Ref names the switch.
func (e *Switch) Ref() Ref { return Ref{KindSwitch, e.ID.UUID()} }

// Ref names the switch port.
func (e *SwitchPort) Ref() Ref { return Ref{KindSwitchPort, e.ID.UUID()} }

// Ref names the binding.
func (e *Binding) Ref() Ref { return Ref{KindBinding, e.ID.UUID()} }

// Ref names the router.
func (e *Router) Ref() Ref { return Ref{KindRouter, e.ID.UUID()} }

// Ref names the router port.
func (e *RouterPort) Ref() Ref { return Ref{KindRouterPort, e.ID.UUID()} }

// Ref names the route.
func (e *Route) Ref() Ref { return Ref{KindRoute, e.ID.UUID()} }

// Ref names the NAT.
func (e *NAT) Ref() Ref { return Ref{KindNAT, e.ID.UUID()} }

// Ref names the security group.
func (e *SecurityGroup) Ref() Ref { return Ref{KindSecurityGroup, e.ID.UUID()} }

// Ref names the rule.
func (e *SecurityRule) Ref() Ref { return Ref{KindSecurityRule, e.ID.UUID()} }

// Ref names the address set.
func (e *AddressSet) Ref() Ref { return Ref{KindAddressSet, e.ID.UUID()} }

// Ref names the load balancer.
func (e *LoadBalancer) Ref() Ref { return Ref{KindLoadBalancer, e.ID.UUID()} }

// Ref names the pool.
func (e *Pool) Ref() Ref { return Ref{KindPool, e.ID.UUID()} }

// Ref names the mirror.
func (e *Mirror) Ref() Ref { return Ref{KindMirror, e.ID.UUID()} }

// Ref names the meter.
func (e *Meter) Ref() Ref { return Ref{KindMeter, e.ID.UUID()} }

// Ref names the trace.
func (e *Trace) Ref() Ref { return Ref{KindTrace, e.ID.UUID()} }

// Ref names the row.
func (e *Global) Ref() Ref { return Ref{KindGlobal, e.ID.UUID()} }

// Name returns what an operator calls the entity, or its UUID where it has no name.
func Name(e Entity) string {
	switch e := e.(type) {
	case *Host:
		return e.Name
	case *Switch:
		return e.Name
	case *SwitchPort:
		return e.Name
	case *Router:
		return e.Name
	case *RouterPort:
		return e.Name
	case *Route:
		return e.Name
	case *NAT:
		return e.Name
	case *SecurityGroup:
		return e.Name
	case *AddressSet:
		return e.Name
	case *LoadBalancer:
		return e.Name
	case *Pool:
		return e.Name
	case *Mirror:
		return e.Name
	case *Meter:
		return e.Name
	}
	return e.Ref().UUID.String()
}
