package bench

import "strings"

// Scenarios returns every scenario there is, in the order of the issues that
// asked for them. Their names are unique.
func Scenarios() []Scenario {
	return []Scenario{
		applyScenario(), planScenario(), planHostScenario(), restScenario(), restartScenario(),
		coldStartScenario(), changeScenario(), changeRateScenario(), largeScenario(), megaflowScenario(), datapathScenario(),
		collectScenario(), scrapeScenario(), scrapeMemoryScenario(), ipfixPriceScenario(), ipfixRateScenario(),
	}
}

// Find returns the scenario of this name.
func Find(scenarios []Scenario, name string) (Scenario, bool) {
	for _, s := range scenarios {
		if s.Name == name {
			return s, true
		}
	}
	return Scenario{}, false
}

// Names lists scenarios in a line, for messages.
func Names(scenarios []Scenario) string {
	var names []string
	for _, s := range scenarios {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}
