package resource

// traits says what is fixed about a kind of resource.
type traits struct {
	label    string // in messages: "dataset import job"
	plural   string // in messages about quotas
	article  string
	children []Kind // the kinds that may have this one as Parent
	states   *machine
}

var kindTable = map[Kind]traits{
	KindDataset:              {label: "dataset", plural: "datasets", article: "A", children: []Kind{KindImportJob}, states: &datasetStates},
	KindDatasetGroup:         {label: "dataset group", plural: "dataset groups", article: "A", children: []Kind{KindPredictor}, states: &groupStates},
	KindImportJob:            {label: "dataset import job", plural: "dataset import jobs", article: "A", states: &jobStates},
	KindPredictor:            {label: "predictor", plural: "predictors", article: "A", children: []Kind{KindBacktestExport, KindExplainability, KindMonitor, KindForecast}, states: &jobStates},
	KindBacktestExport:       {label: "predictor backtest export job", plural: "predictor backtest exports", article: "A", states: &jobStates},
	KindForecast:             {label: "forecast", plural: "forecasts", article: "A", children: []Kind{KindForecastExport, KindExplainability, KindWhatIfAnalysis}, states: &jobStates},
	KindForecastExport:       {label: "forecast export job", plural: "forecast exports", article: "A", states: &jobStates},
	KindExplainability:       {label: "explainability", plural: "explainabilities", article: "An", children: []Kind{KindExplainabilityExport}, states: &jobStates},
	KindExplainabilityExport: {label: "explainability export", plural: "explainability exports", article: "An", states: &jobStates},
	KindMonitor:              {label: "monitor", plural: "monitors", article: "A", states: &monitorStates},
	KindWhatIfAnalysis:       {label: "what-if analysis", plural: "what-if analyses", article: "A", children: []Kind{KindWhatIfForecast, KindWhatIfForecastExport}, states: &jobStates},
	KindWhatIfForecast:       {label: "what-if forecast", plural: "what-if forecasts", article: "A", states: &jobStates},
	KindWhatIfForecastExport: {label: "what-if forecast export", plural: "what-if forecast exports", article: "A", states: &jobStates},
}

// AllKinds returns every kind, in the order of contract 2.1.
func AllKinds() []Kind {
	return []Kind{
		KindDataset, KindDatasetGroup, KindImportJob, KindPredictor, KindBacktestExport, KindForecast, KindForecastExport,
		KindExplainability, KindExplainabilityExport, KindMonitor, KindWhatIfAnalysis, KindWhatIfForecast, KindWhatIfForecastExport,
	}
}

// Valid reports whether k is one of the kinds of the service.
func (k Kind) Valid() bool {
	_, ok := kindTable[k]
	return ok
}

// Label returns the name of the kind in messages, "dataset import job".
func (k Kind) Label() string { return kindTable[k].label }

// Plural returns the name of several of the kind in messages about quotas, "forecast exports".
func (k Kind) Plural() string { return kindTable[k].plural }

// a returns the kind with its article, "a dataset import job".
func (k Kind) a() string {
	t := kindTable[k]
	if t.article == "An" {
		return "an " + t.label
	}
	return "a " + t.label
}

// Children returns the kinds that may hang under this one in the tree of contract 2.3.
func (k Kind) Children() []Kind { return kindTable[k].children }
