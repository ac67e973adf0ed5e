package boards

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/heatmap"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statushistory"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// tag joins Sluice's dashboards into one menu.
const tag = "sluice"

// pages is where the documents of the project are read.
const pages = "https://github.com/sluice-nfv/sluice/blob/main/docs/"

// source is the data source that the reader of a board chose.
func source() common.DataSourceRef {
	return common.DataSourceRef{Type: new("prometheus"), Uid: new("${datasource}")}
}

// expand writes an expression out for Grafana.
func expand(expr string) string {
	return strings.NewReplacer("HOST", `job=~"$job",instance=~"$instance"`, "WINDOW", "$__rate_interval").Replace(expr)
}

// marshal builds a board and returns its JSON, indented.
func (b board) marshal() ([]byte, error) {
	built, err := b.build()
	if err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", b.uid, err)
	}
	text, err := json.MarshalIndent(built, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", b.uid, err)
	}
	return append(text, '\n'), nil
}

func (b board) build() (dashboard.Dashboard, error) {
	d := dashboard.NewDashboardBuilder(b.title).Uid(b.uid).Description(b.about).Tags([]string{tag}).
		Readonly().Refresh("30s").Time("now-1h", "now").Timezone(common.TimeZoneBrowser).
		Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Link(dashboard.NewDashboardLinkBuilder("Sluice").Type(dashboard.DashboardLinkTypeDashboards).
			Tags([]string{tag}).AsDropdown(true).IncludeVars(true).KeepTime(true)).
		Link(dashboard.NewDashboardLinkBuilder("What to do").Type(dashboard.DashboardLinkTypeLink).
			Url(pages + "runbooks.md").TargetBlank(true)).
		WithVariable(dashboard.NewDatasourceVariableBuilder("datasource").Label("Data source").Type("prometheus")).
		WithVariable(choice("job", "Job", "label_values(sluice_build_info, job)").AllValue(".+")).
		WithVariable(choice("instance", "Host", `label_values(sluice_build_info{job=~"$job"}, instance)`).AllValue(".+"))
	for _, v := range b.vars {
		d.WithVariable(choice(v.label, strings.ToUpper(v.label[:1])+v.label[1:],
			fmt.Sprintf(`label_values(%s{job=~"$job",instance=~"$instance"}, %s)`, v.metric, v.label)).AllValue(".+"))
	}
	for _, r := range b.rows {
		d.WithRow(dashboard.NewRowBuilder(r.title))
		for _, p := range r.panels {
			d.WithPanel(p.builder())
		}
	}
	return d.Build()
}

// choice is a variable over the values of a label, all of them at first.
func choice(name, label, query string) *dashboard.QueryVariableBuilder {
	all := func() dashboard.StringOrArrayOfString { return dashboard.StringOrArrayOfString{String: new("$__all")} }
	return dashboard.NewQueryVariableBuilder(name).Label(label).Datasource(source()).
		Query(dashboard.StringOrMap{String: new(query)}).
		Current(dashboard.VariableOption{Selected: new(true), Text: dashboard.StringOrArrayOfString{String: new("All")}, Value: all()}).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Sort(dashboard.VariableSortAlphabeticalAsc).
		Multi(true).IncludeAll(true)
}

// height of every panel but single numbers, in the units of Grafana's grid.
const (
	height       = 8
	heightNumber = 4
)

func (p panel) builder() cog.Builder[dashboard.Panel] {
	switch p.kind {
	case number:
		return dress(stat.NewPanelBuilder(), p, heightNumber).ColorMode(common.BigValueColorModeValue).
			GraphMode(common.BigValueGraphModeArea).Thresholds(p.thresholds()).
			ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"}))
	case cells:
		return dress(statushistory.NewPanelBuilder(), p, height).ShowValue(common.VisibilityModeNever).RowHeight(0.9).
			ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdContinuousGrYlRd)).Min(p.low).Max(p.high)
	case list:
		return dress(table.NewPanelBuilder(), p, height).Thresholds(p.thresholds()).
			Footer(common.NewTableFooterOptionsBuilder().Show(false).Reducer([]string{})).
			WithTransformation(dashboard.DataTransformerConfig{Id: "organize", Options: map[string]any{
				"excludeByName": map[string]bool{"Time": true, "__name__": true, "job": true},
			}})
	case buckets:
		return dress(heatmap.NewPanelBuilder(), p, height).
			YAxis(heatmap.NewYAxisConfigBuilder().Unit(p.unit))
	case lines, stacked:
	}
	b := dress(timeseries.NewPanelBuilder(), p, height).FillOpacity(10).LineWidth(1).
		Thresholds(p.thresholds()).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending)).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).
			Placement(common.LegendPlacementBottom).ShowLegend(true))
	if p.high > p.low {
		b.Min(p.low).Max(p.high)
	} else {
		b.AxisSoftMin(0)
	}
	if p.warn != 0 || p.bad != 0 {
		b.ThresholdsStyle(common.NewGraphThresholdsStyleConfigBuilder().Mode(common.GraphThresholdsStyleModeDashed))
	}
	if p.kind == stacked {
		b.Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal)).FillOpacity(60)
	}
	return b
}

// dressed is what the builders of all kinds of panel have in common.
type dressed[B any] interface {
	Title(title string) B
	Description(text string) B
	Datasource(ref common.DataSourceRef) B
	Unit(unit string) B
	Span(width uint32) B
	Height(height uint32) B
	Links(links []cog.Builder[dashboard.DashboardLink]) B
	WithTarget(target cog.Builder[variants.Dataquery]) B
}

func dress[B dressed[B]](b B, p panel, height uint32) B {
	b.Title(p.title).Description(p.about).Datasource(source()).Unit(p.unit).Span(p.width).Height(height)
	if p.see != "" {
		b.Links([]cog.Builder[dashboard.DashboardLink]{dashboard.NewDashboardLinkBuilder("What to do").
			Type(dashboard.DashboardLinkTypeLink).Url(pages + "runbooks.md#" + p.see).TargetBlank(true)})
	}
	for i, q := range p.queries {
		target := prometheus.NewDataqueryBuilder().Datasource(source()).RefId(string(rune('A' + i))).
			Expr(expand(q.expr)).LegendFormat(q.legend)
		switch p.kind {
		case list:
			target.Instant().Format(prometheus.PromQueryFormatTable)
		case buckets:
			target.Range().Format(prometheus.PromQueryFormatHeatmap)
		case lines, stacked, cells, number:
			target.Range()
		}
		b.WithTarget(target)
	}
	return b
}

// thresholds colours values: green at first, where small values are the bad
// ones red.
func (p panel) thresholds() *dashboard.ThresholdsConfigBuilder {
	steps := []dashboard.Threshold{{Color: "green"}}
	add := func(from float64, colour string) {
		if from != 0 && !math.IsNaN(from) {
			steps = append(steps, dashboard.Threshold{Value: new(from), Color: colour})
		}
	}
	if p.bad != 0 && p.bad < p.warn {
		steps[0].Color = "red"
		add(p.bad, "orange")
		add(p.warn, "green")
	} else {
		add(p.warn, "orange")
		add(p.bad, "red")
	}
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(steps)
}
