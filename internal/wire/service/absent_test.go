package service_test

import (
	"testing"

	"github.com/almanac-forecast/almanac/internal/resource"
)

// Kinds that cannot be made yet: lists are empty, no ARN is found, and Create
// says that it is not available.
func TestAbsentKinds(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	for _, k := range []struct{ one, many, tail, key string }{
		{"PredictorBacktestExportJob", "PredictorBacktestExportJobs", "predictor-backtest-export-job/p/x", "PredictorArn"},
		{"Explainability", "Explainabilities", "explainability/x", "ResourceArn"},
		{"ExplainabilityExport", "ExplainabilityExports", "explainability-export/e/x", "ResourceArn"},
		{"Monitor", "Monitors", "monitor/m_1", "Status"},
		{"WhatIfAnalysis", "WhatIfAnalyses", "what-if-analysis/f/a_1", "WhatIfAnalysisArn"},
		{"WhatIfForecast", "WhatIfForecasts", "what-if-forecast/f/a/w_1", "WhatIfForecastArn"},
		{"WhatIfForecastExport", "WhatIfForecastExports", "what-if-forecast-export/f/a/x_1", "WhatIfForecastExportArn"},
	} {
		empty := `{'` + k.many + `':[]}`
		e.is("List"+k.many, `{}`, empty)
		e.is("List"+k.many, `{'MaxResults':5,'Filters':[{'Key':'`+k.key+`','Condition':'IS','Value':'x'},{'Key':'Status','Condition':'IS_NOT','Value':'ACTIVE'}]}`, empty)
		e.fails("List"+k.many, `{'NextToken':'x'}`, resource.InvalidNextToken)
		e.fails("List"+k.many, `{'Filters':[{'Key':'Banana','Condition':'IS','Value':'x'}]}`, resource.InvalidInput, "Banana", k.key)
		for _, operation := range []string{"Describe", "Delete"} {
			e.fails(operation+k.one, `{'`+k.one+`Arn':'`+prefix+k.tail+`'}`, resource.NotFound, "No resource found "+prefix+k.tail)
			e.fails(operation+k.one, `{'`+k.one+`Arn':'`+prefix+`dataset/x'}`, resource.InvalidInput, "a dataset")
		}
	}
	monitor := `'MonitorArn':'` + prefix + `monitor/m_1'`
	e.fails("ListMonitorEvaluations", `{`+monitor+`}`, resource.NotFound)
	e.fails("ListMonitorEvaluations", `{`+monitor+`,'Filters':[{'Key':'Status','Condition':'IS','Value':'x'}]}`, resource.InvalidInput, "EvaluationState")
	e.fails("QueryWhatIfForecast", `{'WhatIfForecastArn':'`+prefix+`what-if-forecast/f/a/w_1','Filters':{'item_id':'a'}}`, resource.NotFound)
	e.fails("QueryWhatIfForecast", `{'WhatIfForecastArn':'`+prefix+`what-if-forecast/f/a/w_1','NextToken':'x','Filters':{'item_id':'a'}}`, resource.InvalidNextToken)
	e.fails("ResumeResource", `{'ResourceArn':'`+prefix+`monitor/m_1'}`, resource.NotFound)
	missing := prefix + "predictor/p_1"
	e.fails("CreateMonitor", `{'MonitorName':'m','ResourceArn':'`+missing+`'}`, resource.NotFound)
	destination := `'Destination':` + sourceBody
	e.fails("CreatePredictorBacktestExportJob", `{'PredictorBacktestExportJobName':'x','PredictorArn':'`+missing+`',`+destination+`}`, resource.NotFound)
	e.fails("CreateExplainability", `{'ExplainabilityName':'x','ResourceArn':'`+missing+`','ExplainabilityConfig':{'TimeSeriesGranularity':'ALL','TimePointGranularity':'ALL'}}`, resource.NotFound)
	e.fails("CreateExplainabilityExport", `{'ExplainabilityExportName':'x','ExplainabilityArn':'`+prefix+`explainability/x',`+destination+`}`, resource.NotFound)
	e.fails("CreateWhatIfAnalysis", `{'WhatIfAnalysisName':'x','ForecastArn':'`+prefix+`forecast/f'}`, resource.NotFound)
	e.fails("CreateWhatIfForecast", `{'WhatIfForecastName':'x','WhatIfAnalysisArn':'`+prefix+`what-if-analysis/f/a_1','TimeSeriesTransformations':[{'Action':{'AttributeName':'price','Operation':'DIVIDE','Value':0}}]}`, resource.InvalidInput, "'price'", "divides")
	e.fails("CreateWhatIfForecast", `{'WhatIfForecastName':'x','WhatIfAnalysisArn':'`+prefix+`what-if-analysis/f/a_1','TimeSeriesReplacementsDataSource':{'S3Config':{'Path':'s3://b/x','RoleArn':'`+role+`'},'Schema':`+schemaOut+`}}`, resource.NotFound)
	e.fails("CreateWhatIfForecastExport", `{'WhatIfForecastExportName':'x','WhatIfForecastArns':['`+prefix+`what-if-forecast/f/a/w_1'],`+destination+`}`, resource.NotFound)
}
