package flows

import (
	"fmt"

	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Table is the number of an OpenFlow table. Packets go from smaller ones to greater
// ones but where they enter the next router.
type Table uint8

// The tables. docs/pipeline.md says what each does.
const (
	TablePhyIn    Table = 0
	TablePortSec  Table = 4
	TableNDGate   Table = 5
	TableNDSec    Table = 6
	TableGateFrom Table = 8
	TableCtrl     Table = 12
	TableND       Table = 13
	TableL2       Table = 16
	TableLRIn     Table = 20
	TableLRLocal  Table = 22
	TableRoute    Table = 28
	TableWay      Table = 30
	TableMTU      Table = 36
	TableEgress   Table = 40
	TableOut      Table = 48
	TableTunnel   Table = 50
)

// Tables lists the tables in their order.
func Tables() []Table {
	return []Table{
		TablePhyIn, TablePortSec, TableNDGate, TableNDSec, TableGateFrom, TableCtrl, TableND, TableL2, TableLRIn, TableLRLocal,
		TableRoute, TableWay, TableMTU, TableEgress, TableOut, TableTunnel,
	}
}

// String is the table's name.
func (t Table) String() string {
	switch t {
	case TablePhyIn:
		return "PHY_IN"
	case TablePortSec:
		return "PORT_SEC"
	case TableNDGate:
		return "ND_GATE"
	case TableNDSec:
		return "ND_SEC"
	case TableGateFrom:
		return "GATE_FROM"
	case TableCtrl:
		return "CTRL"
	case TableND:
		return "ND"
	case TableL2:
		return "L2"
	case TableLRIn:
		return "LR_IN"
	case TableLRLocal:
		return "LR_LOCAL"
	case TableRoute:
		return "ROUTE"
	case TableWay:
		return "WAY"
	case TableMTU:
		return "MTU"
	case TableEgress:
		return "EGRESS"
	case TableOut:
		return "OUT"
	case TableTunnel:
		return "TUN"
	}
	return fmt.Sprintf("TABLE_%d", uint8(t))
}

// then goes on in a later table.
func (t Table) then() of.Action { return of.Goto{Table: uint8(t)} }

// again goes on in any table, and does what follows afterwards.
func (t Table) again() of.Action { return of.Resubmit{Table: uint8(t)} }
