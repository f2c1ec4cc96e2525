package resource

import (
	"context"
	"slices"
	"strings"
)

// AutoPredictorRequest is what CreateAutoPredictor asks for. Nil and empty
// members were not given.
type AutoPredictorRequest struct {
	Name          string
	Horizon       *int
	ForecastTypes []string
	Dimensions    []string
	Frequency     string
	Group         string // ARN of the dataset group
	Attributes    []AttributeConfig
	Additional    []AdditionalDataset
	Encryption    *Encryption
	Reference     string // ARN of the predictor to retrain or upgrade
	Metric        string
	Explain       *bool
	Monitor       string // name
	Boundary      *Boundary
	HasDataConfig bool // DataConfig was given, even if empty
	Tags          []Tag
}

// CreateAutoPredictor accepts the training of a predictor that chooses its
// models itself, either with new settings or with those of a reference, and
// returns its ARN.
func (s *Service) CreateAutoPredictor(ctx context.Context, c Caller, req AutoPredictorRequest) (string, error) {
	if req.Reference != "" {
		return s.retrain(ctx, c, req)
	}
	if err := req.checkNew(); err != nil {
		return "", err
	}
	spec := PredictorSpec{
		Auto: true, Horizon: *req.Horizon, ForecastTypesGiven: len(req.ForecastTypes) > 0,
		Frequency: req.Frequency, Dimensions: req.Dimensions, Attributes: req.Attributes, Additional: req.Additional,
		Metric: req.Metric, Boundary: req.Boundary, Encryption: req.Encryption,
		Evaluation: Evaluation{Windows: 1, Offset: *req.Horizon},
	}
	if err := s.checkCommon(c, &spec, req.ForecastTypes, req.Tags); err != nil {
		return "", err
	}
	if err := checkBoundary(spec.Boundary, spec.Frequency); err != nil {
		return "", err
	}
	if err := checkAdditional(spec.Additional); err != nil {
		return "", err
	}
	return s.addAuto(ctx, c, req, func(context.Context, Tx) (addition, error) {
		return addition{spec: spec, row: Row{Group: req.Group}}, nil
	})
}

// checkNew checks that a request without a reference has what it needs.
func (req AutoPredictorRequest) checkNew() *Error {
	var missing []string
	if req.Horizon == nil {
		missing = append(missing, "ForecastHorizon")
	}
	if req.Frequency == "" {
		missing = append(missing, "ForecastFrequency")
	}
	if req.Group == "" {
		missing = append(missing, "DataConfig.DatasetGroupArn")
	}
	if len(missing) > 0 {
		return Errorf(InvalidInput, "%s must be given to create a new predictor; only with ReferencePredictorArn are they taken from another one", strings.Join(missing, ", "))
	}
	return checkKind("DataConfig.DatasetGroupArn", req.Group, KindDatasetGroup)
}

// retrain makes a predictor with the settings of another one and the data of now.
func (s *Service) retrain(ctx context.Context, c Caller, req AutoPredictorRequest) (string, error) {
	if err := checkKind("ReferencePredictorArn", req.Reference, KindPredictor); err != nil {
		return "", err
	}
	if extra := req.settings(); len(extra) > 0 {
		return "", Errorf(InvalidInput, "%s must not be given together with ReferencePredictorArn: the new predictor takes its settings from the reference", strings.Join(extra, ", "))
	}
	if err := checkTags(req.Tags); err != nil {
		return "", err
	}
	return s.addAuto(ctx, c, req, func(ctx context.Context, tx Tx) (addition, error) {
		old, err := load(ctx, tx, c, req.Reference)
		if err != nil {
			return addition{}, err
		}
		if err := usable(old, false); err != nil {
			return addition{}, err
		}
		spec, err := DecodeSpec[PredictorSpec](old)
		if err != nil {
			return addition{}, err
		}
		return addition{spec: inherit(spec, old.ARN), row: Row{Group: old.Group}, reference: &old}, nil
	})
}

// settings names the members that a request with a reference must not have.
func (req AutoPredictorRequest) settings() []string {
	var out []string
	add := func(given bool, member string) {
		if given {
			out = append(out, member)
		}
	}
	add(req.Horizon != nil, "ForecastHorizon")
	add(len(req.ForecastTypes) > 0, "ForecastTypes")
	add(len(req.Dimensions) > 0, "ForecastDimensions")
	add(req.Frequency != "", "ForecastFrequency")
	add(req.HasDataConfig || req.Group != "", "DataConfig")
	add(req.Encryption != nil, "EncryptionConfig")
	add(req.Metric != "", "OptimizationMetric")
	add(req.Boundary != nil, "TimeAlignmentBoundary")
	return out
}

// inherit turns the settings of a predictor of either sort into those of a new
// auto predictor: algorithm, hyperparameters and backtest windows are dropped.
func inherit(old PredictorSpec, reference string) PredictorSpec {
	spec := PredictorSpec{
		Auto: true, Horizon: old.Horizon, ForecastTypes: old.ForecastTypes, ForecastTypesGiven: old.ForecastTypesGiven,
		Frequency: old.Frequency, Dimensions: old.Dimensions, Metric: old.Metric, Boundary: old.Boundary,
		Encryption: old.Encryption, Explain: old.Explain, Reference: reference,
		Evaluation: Evaluation{Windows: 1, Offset: old.Horizon}, Attributes: old.Attributes,
	}
	for _, a := range old.Additional {
		if a.Value != "" {
			a.Configuration, a.Value = map[string][]string{"CountryCode": {a.Value}}, ""
		}
		spec.Additional = append(spec.Additional, a)
	}
	return spec
}

// addAuto inserts an auto predictor; settings gives its settings, dataset
// group and reference.
func (s *Service) addAuto(ctx context.Context, c Caller, req AutoPredictorRequest, settings func(context.Context, Tx) (addition, error)) (string, error) {
	var arn string
	err := s.store.Update(ctx, func(tx Tx) error {
		a, err := settings(ctx, tx)
		if err != nil {
			return err
		}
		if req.Explain != nil {
			a.spec.Explain = *req.Explain
		}
		a.spec.Monitor = req.Monitor
		a.tags = req.Tags
		a.unavailable = autoUnavailable(a.spec)
		arn = arnOf(c, KindPredictor, req.Name+"_"+NewID(s.clock.Now()))
		a.row = Row{ARN: arn, Kind: KindPredictor, Name: req.Name, Parent: a.row.Group, Group: a.row.Group}
		return s.addPredictor(ctx, tx, c, a)
	})
	return arn, err
}

// autoUnavailable says what this version lacks for the settings, nil when nothing.
func autoUnavailable(spec PredictorSpec) *Error {
	var lacking string
	switch {
	case spec.Explain:
		lacking = "ExplainPredictor"
	case spec.Monitor != "":
		lacking = "MonitorConfig"
	case len(spec.Additional) > 0:
		lacking = "The additional dataset '" + spec.Additional[0].Name + "'"
	default:
		return nil
	}
	return Errorf(InvalidInput, "%s is not available in this version of Almanac yet; leave it out; see docs/divergences.md", lacking)
}

// checkAdditional checks the additional data of an auto predictor.
func checkAdditional(list []AdditionalDataset) *Error {
	return checkAdditionalNames("DataConfig.AdditionalDatasets", list, func(a AdditionalDataset) *Error {
		for _, key := range sortedKeys(a.Configuration) {
			if key != "CountryCode" {
				return Errorf(InvalidInput, "The configuration '%s' of the additional dataset '%s' is unknown; it must be CountryCode", key, a.Name)
			}
		}
		codes := a.Configuration["CountryCode"]
		if len(codes) != 1 {
			return Errorf(InvalidInput, "The additional dataset '%s' needs a Configuration with exactly one CountryCode; it has %d", a.Name, len(codes))
		}
		return checkCountry(codes[0])
	})
}

var months = strings.Fields("JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER")

var weekdays = strings.Fields("MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY")

// checkBoundary checks that a time alignment boundary has one member, of the
// unit just finer than the frequency's (contract 5.2).
func checkBoundary(b *Boundary, frequencyText string) *Error {
	if b == nil {
		return nil
	}
	f, err := parseFrequency("ForecastFrequency", frequencyText)
	if err != nil {
		return err
	}
	var given []string
	if b.Month != "" {
		given = append(given, "Month")
	}
	if b.DayOfMonth != nil {
		given = append(given, "DayOfMonth")
	}
	if b.DayOfWeek != "" {
		given = append(given, "DayOfWeek")
	}
	if b.Hour != nil {
		given = append(given, "Hour")
	}
	switch {
	case len(given) != 1:
		return Errorf(InvalidInput, "TimeAlignmentBoundary must have exactly one member; it has %d [%s]", len(given), strings.Join(given, ", "))
	case f.finer() == "":
		return Errorf(InvalidInput, "TimeAlignmentBoundary is not possible with the ForecastFrequency '%s'; it is with days, weeks, months and years", frequencyText)
	case f.finer() != given[0]:
		return Errorf(InvalidInput, "TimeAlignmentBoundary has the member %s, but with the ForecastFrequency '%s' it must be %s", given[0], frequencyText, f.finer())
	case b.Month != "" && !slices.Contains(months, b.Month):
		return Errorf(InvalidInput, "TimeAlignmentBoundary.Month '%s' is not valid; it must be one of %s", b.Month, strings.Join(months, ", "))
	case b.DayOfWeek != "" && !slices.Contains(weekdays, b.DayOfWeek):
		return Errorf(InvalidInput, "TimeAlignmentBoundary.DayOfWeek '%s' is not valid; it must be one of %s", b.DayOfWeek, strings.Join(weekdays, ", "))
	}
	return nil
}
