package api

import (
	"slices"
	"time"
)

// Severity orders findings by what they cost.
type Severity string

// The severities, gravest first.
const (
	SeverityError   Severity = "error"   // the plan is refused
	SeverityWarning Severity = "warning" // it will run, at a cost
	SeverityInfo    Severity = "info"    // worth knowing
)

// Op is what a change does to a row.
type Op string

// The operations.
const (
	OpCreate Op = "create"
	OpDelete Op = "delete"
	OpSet    Op = "set"
	OpUnset  Op = "unset"
	OpClaim  Op = "claim"  // mark as ours what is already as wanted
	OpForget Op = "forget" // drop our mark of a setting
	OpDisown Op = "disown" // drop our mark of a row
)

// Class says what a change costs the packets.
type Class string

// The classes, from harmless to grave.
const (
	ClassLive          Class = "live"
	ClassPMDRecreation Class = "PMD re-creation"
	ClassPortRestart   Class = "port stop/start"
	ClassRestartNeeded Class = "restart needed"
)

// Finding is one thing the planner tells the operator.
type Finding struct {
	Severity Severity `json:"severity"`
	// Code names the rule, stable over releases.
	Code string `json:"code"`
	Path string `json:"path,omitempty"` // place in the profile
	Line int    `json:"line,omitempty"` // of the profile; 0 = unknown
	What string `json:"what"`
	Cost string `json:"cost,omitempty"`
	Fix  string `json:"fix,omitempty"`
}

// Change is one difference between the database and the profile.
type Change struct {
	Text    string `json:"text"` // in ovs-vsctl's words
	Op      Op     `json:"op"`
	Table   string `json:"table"`
	Row     string `json:"row"`
	Setting string `json:"setting,omitempty"`
	Old     string `json:"old,omitempty"`
	New     string `json:"new,omitempty"`
	// Class is what the change costs on this very switch.
	Class    Class  `json:"class"`
	TakeOver bool   `json:"takeOver,omitempty"`
	OneWay   bool   `json:"oneWay,omitempty"`
	Refused  string `json:"refused,omitempty"` // why it is never made
	// Automatic changes are made by the daemon itself.
	Automatic bool `json:"automatic"`
	// Waits is the command that makes the change where the daemon does not; empty
	// where it does, and where nothing makes it.
	Waits Word   `json:"waitsFor,omitempty"`
	Note  string `json:"note,omitempty"`
}

// Word is the command of sluicectl that releases a change which waits.
type Word string

// The words, in the order in which what waits is shown.
const (
	WordApply         Word = "host apply"
	WordTakeOver      Word = "host apply --take-over"         // somebody else set it
	WordForce         Word = "host apply --force"             // the guard stops the whole plan
	WordForceTakeOver Word = "host apply --force --take-over" // both
)

// Words returns the words in the order in which what waits is shown.
func Words() []Word { return []Word{WordApply, WordTakeOver, WordForce, WordForceTakeOver} }

// How says in what way changes wait for the word, as it follows "wait": a space
// and some words, or nothing.
func (w Word) How() string {
	switch w {
	case WordTakeOver:
		return " as a take-over"
	case WordForce:
		return " behind the guard"
	case WordForceTakeOver:
		return " as a take-over behind the guard"
	case WordApply:
	}
	return ""
}

// Word returns the command that releases the change, "" where it waits for none.
// A daemon that knows no waitsFor, or another word, is understood too.
func (c Change) Word() Word {
	switch {
	case c.Automatic || c.Refused != "":
		return ""
	case slices.Contains(Words(), c.Waits):
		return c.Waits
	case c.TakeOver:
		return WordTakeOver
	default:
		return WordApply
	}
}

// Step is one transaction.
type Step struct {
	Number  int      `json:"number"` // from 1
	Changes []Change `json:"changes"`
}

// Plan is what `host plan` prints.
type Plan struct {
	Host string `json:"host"`
	// Profile is the file planned for, as messages name it.
	Profile string `json:"profile,omitempty"`
	OVS     string `json:"ovs,omitempty"` // release planned for
	// Findings are sorted, gravest first.
	Findings []Finding `json:"findings"`
	// Before and After are host actions in words, in order: what comes before
	// the first step, and what needs the bridges of the last one.
	Before []string `json:"before,omitempty"`
	Steps  []Step   `json:"steps"`
	After  []string `json:"after,omitempty"`
	// Refused: an error among the findings forbids the plan.
	Refused bool `json:"refused"`
	// Converged: there is nothing to do.
	Converged bool `json:"converged"`
	// NotInForce: ovs-vswitchd does not run, or did not do what is in the
	// database; findings tell of it.
	NotInForce bool `json:"notInForce,omitempty"`
}

// PlanRequest asks for a plan; an empty Profile means the daemon's own.
type PlanRequest struct {
	Profile string `json:"profile,omitempty"` // YAML text
	Name    string `json:"name,omitempty"`    // file name for messages
	// Vars is the YAML text of the variables file; empty = the daemon's own.
	Vars string `json:"vars,omitempty"`
}

// ApplyRequest asks the daemon to perform the plan.
type ApplyRequest struct {
	// Profile is YAML text to install first; empty = the present one.
	Profile string `json:"profile,omitempty"`
	Name    string `json:"name,omitempty"` // file name for messages
	// TakeOver lets the plan replace or claim what somebody else set.
	TakeOver bool `json:"takeOver,omitempty"`
	// Atomic refuses a plan with a one-way or restart-needed change, and writes
	// the former values back when OVS refuses one.
	Atomic bool `json:"atomic,omitempty"`
	// Force performs a plan that would delete more than the guard allows.
	Force bool `json:"force,omitempty"`
}

// Result is what became of an apply.
type Result struct {
	Plan Plan `json:"plan"` // as performed
	// Made counts changes written and actions carried out.
	Made int `json:"made"`
	// Refused lists what OVS did not do, in the operator's words.
	Refused []string `json:"refused,omitempty"`
	// Pending are changes that still wait, for instance take-overs without the word.
	Pending []Change `json:"pending,omitempty"`
	// RolledBack says what an atomic apply wrote back, and what that cost.
	RolledBack []string      `json:"rolledBack,omitempty"`
	Profile    string        `json:"profile,omitempty"` // path installed to
	Duration   time.Duration `json:"durationNs"`
}

// Event is one line of an apply that is followed while it runs (Accept:
// application/x-ndjson). One field is set; Result or Error is the last line.
type Event struct {
	Progress string  `json:"progress,omitempty"`
	Result   *Result `json:"result,omitempty"`
	Error    *Error  `json:"error,omitempty"`
}

// AdoptRequest asks for the profile that describes the host as it is.
type AdoptRequest struct {
	// DryRun describes only: it marks nothing and installs nothing.
	DryRun bool `json:"dryRun,omitempty"`
}

// AdoptResult is the profile that describes the host as it is.
type AdoptResult struct {
	Profile string `json:"profile"` // YAML text
	// Installed is the path the daemon wrote the profile to; empty after a dry run.
	Installed string   `json:"installed,omitempty"`
	Claimed   []Change `json:"claimed"` // marked as owned, or to be marked after a dry run
	// Left lists what runs and the profile cannot say.
	Left []string `json:"left,omitempty"`
}

// ReleaseRequest asks to give up ownership.
type ReleaseRequest struct {
	// DryRun only lists what would be given back.
	DryRun bool `json:"dryRun,omitempty"`
}

// ReleaseResult is what was given back.
type ReleaseResult struct {
	Changes []Change `json:"changes"`
	// Host is the name that was taken out of the store, or is to be after a dry run, with
	// what is bound there; "" = none.
	Host string `json:"host,omitempty"`
	// Stays is what of the logical network stays on the host or in the store, in words.
	Stays []string `json:"stays,omitempty"`
}
