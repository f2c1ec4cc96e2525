package resource

import (
	"context"
	"slices"
	"strings"
)

// maxHorizon is the longest forecast, in steps (contract 6.3).
const maxHorizon = 500

// maxWindows is the largest number of backtest windows (contract 6.4).
const maxWindows = 5

// PredictorRequest is what CreatePredictor asks for.
type PredictorRequest struct {
	Name               string
	Group              string // ARN of the dataset group
	Algorithm          string // ARN
	Horizon            int
	ForecastTypes      []string
	AutoML             bool
	Strategy           string // AutoMLOverrideStrategy
	HPO                bool
	Ranges             *HPOConfig
	TrainingParameters map[string]string
	Windows, Offset    *int
	Supplementary      []AdditionalDataset
	Frequency          string
	Dimensions         []string
	Attributes         []AttributeConfig
	Metric             string
	Encryption         *Encryption
	Tags               []Tag
}

// CreatePredictor accepts the training of a predictor with a given algorithm
// and returns its ARN.
func (s *Service) CreatePredictor(ctx context.Context, c Caller, req PredictorRequest) (string, error) {
	if err := checkKind("InputDataConfig.DatasetGroupArn", req.Group, KindDatasetGroup); err != nil {
		return "", err
	}
	spec, err := s.checkPredictor(c, req)
	if err != nil {
		return "", err
	}
	row := Row{
		ARN: arnOf(c, KindPredictor, req.Name), Kind: KindPredictor, Name: req.Name,
		Parent: req.Group, Group: req.Group,
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		return s.addPredictor(ctx, tx, c, addition{row: row, spec: spec, tags: req.Tags, unavailable: req.unavailable()})
	})
	return row.ARN, err
}

// addition is a predictor that passed all checks of its own request.
type addition struct {
	row         Row
	spec        PredictorSpec
	tags        []Tag
	reference   *Row   // the predictor it is made from
	unavailable *Error // what this version lacks for it; said last, so that all other errors are told first
}

// addPredictor checks a predictor against its dataset group and inserts it.
func (s *Service) addPredictor(ctx context.Context, tx Tx, c Caller, a addition) error {
	data, err := loadTraining(ctx, tx, c, a.row.Group)
	if err != nil {
		return err
	}
	if err := data.checkData(); err != nil {
		return err
	}
	if a.reference != nil {
		target, _ := data.of(TargetTimeSeries)
		a.spec.Attributes = givenFilling(a.spec.Attributes, target.Target())
	}
	if a.spec.Attributes, err = data.fit(a.spec.Frequency, a.spec.Dimensions, a.spec.Attributes); err != nil {
		return err
	}
	if err := checkName(ctx, tx, c, a.row); err != nil {
		return err
	}
	if a.reference != nil {
		if err := usable(*a.reference, true); err != nil {
			return err
		}
	}
	if err := data.checkIdle(); err != nil {
		return err
	}
	if err := checkTagCount(len(a.tags)); err != nil {
		return err
	}
	if err := s.quotas.checkPredictors(ctx, tx, c, a.spec.Auto); err != nil {
		return err
	}
	if a.unavailable != nil {
		return a.unavailable
	}
	return insert(ctx, tx, c, s.clock.Now(), creation{row: a.row, spec: a.spec, tags: a.tags, task: TaskTrain})
}

// checkPredictor checks what needs no look at other resources and returns the
// settings with their defaults.
func (s *Service) checkPredictor(c Caller, req PredictorRequest) (PredictorSpec, error) {
	spec := PredictorSpec{
		Algorithm: req.Algorithm, Horizon: req.Horizon, ForecastTypesGiven: len(req.ForecastTypes) > 0,
		Frequency: req.Frequency, Dimensions: req.Dimensions, Attributes: req.Attributes, Additional: req.Supplementary,
		Metric: req.Metric, TrainingParameters: req.TrainingParameters, Encryption: req.Encryption,
	}
	for _, check := range []func() *Error{
		func() *Error { return s.checkCommon(c, &spec, req.ForecastTypes, req.Tags) },
		func() *Error { return checkMode(req) },
		func() *Error { return checkEvaluation(&spec, req.Windows, req.Offset) },
		func() *Error { return checkSupplementary(req.Supplementary) },
	} {
		if err := check(); err != nil {
			return spec, err
		}
	}
	return spec, nil
}

// checkCommon checks the settings that both sorts of predictors have.
func (s *Service) checkCommon(c Caller, spec *PredictorSpec, types []string, tags []Tag) *Error {
	if err := checkHorizon(spec.Horizon); err != nil {
		return err
	}
	if _, err := parseFrequency("ForecastFrequency", spec.Frequency); err != nil {
		return err
	}
	normal, err := normalTypes(types)
	if err != nil {
		return err
	}
	if spec.ForecastTypes = normal; len(normal) == 0 {
		spec.ForecastTypes = defaultForecastTypes()
	}
	for i, name := range spec.Dimensions {
		if slices.Contains(spec.Dimensions[:i], name) {
			return Errorf(InvalidInput, "The forecast dimension '%s' is listed more than once", name)
		}
	}
	if err := s.checkEncryption(c, spec.Encryption); err != nil {
		return err
	}
	return checkTags(tags)
}

func checkHorizon(h int) *Error {
	if h < 1 || h > maxHorizon {
		return Errorf(InvalidInput, "The ForecastHorizon %d is not valid: it must be between 1 and %d", h, maxHorizon)
	}
	return nil
}

// checkMode holds AutoML, HPO and the algorithm against the table of contract 6.1.
func checkMode(req PredictorRequest) *Error {
	switch {
	case req.AutoML && req.HPO:
		return Errorf(InvalidInput, "PerformAutoML and PerformHPO exclude each other: AutoML searches hyperparameters by itself")
	case req.AutoML && req.Algorithm != "":
		return Errorf(InvalidInput, "AlgorithmArn '%s' is given together with PerformAutoML, which chooses the algorithm; leave one of them out", req.Algorithm)
	case req.AutoML && req.Ranges != nil:
		return Errorf(InvalidInput, "HPOConfig is given together with PerformAutoML; leave one of them out")
	case req.AutoML && len(req.TrainingParameters) > 0:
		return Errorf(InvalidInput, "TrainingParameters are given together with PerformAutoML; leave one of them out")
	case req.AutoML:
		return nil
	case req.Strategy != "":
		return Errorf(InvalidInput, "AutoMLOverrideStrategy '%s' is given, but PerformAutoML is not true", req.Strategy)
	case req.Algorithm == "":
		return Errorf(InvalidInput, "AlgorithmArn is missing: name an algorithm or set PerformAutoML to true")
	}
	a, err := algorithmByARN(req.Algorithm)
	if err != nil {
		return err
	}
	switch {
	case req.Ranges != nil && !req.HPO:
		return Errorf(InvalidInput, "HPOConfig is given, but PerformHPO is not true")
	case req.HPO && !a.tunable():
		return Errorf(InvalidInput, "PerformHPO is not possible with the algorithm %s; it is with %sCNN-QR and %sDeep_AR_Plus", req.Algorithm, algorithmPrefix, algorithmPrefix)
	}
	if err := a.checkParameters(req.TrainingParameters, req.Horizon); err != nil {
		return err
	}
	return a.checkRanges(req.Ranges)
}

// unavailable says what this version lacks for the request, nil when nothing.
func (req PredictorRequest) unavailable() *Error {
	const instead = "available are CreatePredictor with " + AlgorithmETS + " and CreateAutoPredictor; see docs/divergences.md"
	if req.AutoML {
		return Errorf(InvalidInput, "PerformAutoML is not available in this version of Almanac yet; %s", instead)
	}
	a, err := algorithmByARN(req.Algorithm)
	if err != nil {
		return err
	}
	if !a.available {
		return Errorf(InvalidInput, "The algorithm %s is not available in this version of Almanac yet; %s", req.Algorithm, instead)
	}
	return nil
}

// checkEvaluation checks the backtest windows and fills in their defaults.
func checkEvaluation(spec *PredictorSpec, windows, offset *int) *Error {
	spec.Evaluation = Evaluation{Windows: 1, Offset: spec.Horizon}
	if windows != nil {
		if *windows < 1 || *windows > maxWindows {
			return Errorf(InvalidInput, "EvaluationParameters.NumberOfBacktestWindows %d is not valid: it must be between 1 and %d", *windows, maxWindows)
		}
		spec.Evaluation.Windows = *windows
	}
	if offset != nil {
		if *offset < spec.Horizon {
			return Errorf(InvalidInput, "EvaluationParameters.BackTestWindowOffset %d is not valid: it must be at least the ForecastHorizon %d", *offset, spec.Horizon)
		}
		spec.Evaluation.Offset = *offset
	}
	return nil
}

// Countries with a holiday calendar (contract 5.8).
var holidayCountries = strings.Fields("AL AR AT AU BA BE BG BO BR BY CA CL CO CR HR CZ DK EC EE ET FI FR DE GR HU IS IN IE IT JP KZ KR LV LI LT LU MK MT MX MD ME NL NZ NI NG NO PA PY PE PL PT RO RU RS SK SI ZA ES SE CH UA AE US UK UY VE")

// checkSupplementary checks the additional data of a legacy predictor.
func checkSupplementary(list []AdditionalDataset) *Error {
	return checkAdditionalNames("SupplementaryFeatures", list, func(a AdditionalDataset) *Error {
		return checkCountry(a.Value)
	})
}

// checkAdditionalNames checks names, and the country of a holiday by a function.
func checkAdditionalNames(member string, list []AdditionalDataset, country func(AdditionalDataset) *Error) *Error {
	seen := map[string]bool{}
	for _, a := range list {
		name := strings.ToLower(a.Name)
		if seen[name] {
			return Errorf(InvalidInput, "%s names '%s' more than once", member, a.Name)
		}
		seen[name] = true
		switch name {
		case "holiday":
			if err := country(a); err != nil {
				return err
			}
		case "weather":
			return Errorf(InvalidInput, "%s names '%s', but no source of weather data is configured; leave it out", member, a.Name)
		default:
			return Errorf(InvalidInput, "%s names '%s', which is unknown; it must be holiday or weather", member, a.Name)
		}
	}
	return nil
}

func checkCountry(code string) *Error {
	if !slices.Contains(holidayCountries, code) {
		return Errorf(InvalidInput, "The holiday country '%s' is unknown. Valid codes: %s", code, strings.Join(holidayCountries, ", "))
	}
	return nil
}
