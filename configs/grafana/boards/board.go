package boards

// board is one dashboard.
type board struct {
	uid   string // stable: links and bookmarks hold it
	title string
	about string
	vars  []variable // besides the data source, job and instance
	rows  []row
}

// variable is a choice at the top of a board: the values of a label.
type variable struct {
	label  string
	metric string // a metric that has the label
}

// row is a headed group of panels.
type row struct {
	title  string
	panels []panel
}

// kind is how a panel shows its numbers.
type kind string

const (
	lines   kind = "timeseries"
	stacked kind = "timeseries, stacked"
	number  kind = "stat"
	cells   kind = "status-history" // one line a series, one cell a moment, coloured by value
	list    kind = "table"          // the newest values, largest first
	buckets kind = "heatmap"        // of a histogram
)

// panel is one picture.
type panel struct {
	title string
	// about tells what the numbers mean and what to do about them.
	about string
	kind  kind
	unit  string // one of Grafana's unit ids
	width uint32 // of 24 columns
	// low and high bound the axis; both 0 = by the data.
	low, high float64
	// warn and bad colour values from there on; 0 = none. Where bad is below
	// warn, small values are the bad ones.
	warn, bad float64
	queries   []query
	// see is an anchor of docs/runbooks.md with what to do; empty = none.
	see string
}

// query is one expression. HOST in it stands for the matchers of the chosen job
// and instance, WINDOW for the range of a rate.
type query struct {
	expr   string
	legend string
}

// boards returns every dashboard, in the order of the menu.
func boards() []board {
	return []board{overview(), threads(), lookups(), ports(), overlay(), talkers()}
}
