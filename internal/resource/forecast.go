package resource

import (
	"context"
	"slices"
	"strings"
)

// ForecastRequest is what CreateForecast asks for.
type ForecastRequest struct {
	Name          string
	Predictor     string // ARN
	ForecastTypes []string
	Selector      *SelectorRequest
	Tags          []Tag
}

// SelectorRequest is a TimeSeriesSelector as given, whose members may be missing.
type SelectorRequest struct {
	Source     *Location
	Attributes []Attribute
	Format     string
}

// CreateForecast accepts the making of a forecast with a predictor and the
// data of now, and returns its ARN.
func (s *Service) CreateForecast(ctx context.Context, c Caller, req ForecastRequest) (string, error) {
	spec, err := s.checkForecast(c, req)
	if err != nil {
		return "", err
	}
	row := Row{
		ARN: arnOf(c, KindForecast, req.Name), Kind: KindForecast, Name: req.Name, Parent: req.Predictor,
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		predictor, err := load(ctx, tx, c, req.Predictor)
		if err != nil {
			return err
		}
		if err := usable(predictor, false); err != nil {
			return err
		}
		row.Group = predictor.Group
		settings, err := DecodeSpec[PredictorSpec](predictor)
		if err != nil {
			return err
		}
		full := spec
		full.Auto = settings.Auto
		if len(full.ForecastTypes) == 0 {
			full.ForecastTypes = settings.ForecastTypes
		}
		data, err := loadTraining(ctx, tx, c, predictor.Group)
		if err != nil {
			return err
		}
		if err := data.checkData(); err != nil {
			return err
		}
		if err := checkSelector(full.Selector, data, settings.Dimensions); err != nil {
			return err
		}
		if err := checkName(ctx, tx, c, row); err != nil {
			return err
		}
		if err := usable(predictor, true); err != nil {
			return err
		}
		if err := data.checkIdle(); err != nil {
			return err
		}
		if err := checkTagCount(len(req.Tags)); err != nil {
			return err
		}
		if err := s.quotas.check(ctx, tx, c, KindForecast); err != nil {
			return err
		}
		return insert(ctx, tx, c, s.clock.Now(), creation{row: row, spec: full, tags: req.Tags, task: TaskPredict})
	})
	return row.ARN, err
}

// checkForecast checks what needs no look at the predictor.
func (s *Service) checkForecast(c Caller, req ForecastRequest) (ForecastSpec, error) {
	spec := ForecastSpec{Predictor: req.Predictor}
	if err := checkKind("PredictorArn", req.Predictor, KindPredictor); err != nil {
		return spec, err
	}
	types, err := normalTypes(req.ForecastTypes)
	if err != nil {
		return spec, err
	}
	spec.ForecastTypes = types
	selector, e := s.checkSelectorRequest(c, req.Selector)
	if e != nil {
		return spec, e
	}
	spec.Selector = selector
	if err := checkTags(req.Tags); err != nil {
		return spec, err
	}
	return spec, nil
}

// checkSelectorRequest checks a TimeSeriesSelector by itself. No selector is
// none: all series.
func (s *Service) checkSelectorRequest(c Caller, sel *SelectorRequest) (*SeriesSelector, *Error) {
	if sel == nil {
		return nil, nil //nolint:nilnil // a selector is optional
	}
	const member = "TimeSeriesSelector.TimeSeriesIdentifiers"
	switch {
	case sel.Source == nil:
		return nil, Errorf(InvalidInput, "%s.DataSource is missing: name the file that lists the series", member)
	case len(sel.Attributes) == 0:
		return nil, Errorf(InvalidInput, "%s.Schema is missing: list the columns of the file", member)
	}
	if err := s.checkRole(c, member+".DataSource.S3Config.RoleArn", sel.Source.RoleARN); err != nil {
		return nil, err
	}
	if err := checkFormat(member+".Format", sel.Format); err != nil {
		return nil, err
	}
	return &SeriesSelector{Source: *sel.Source, Attributes: sel.Attributes, Format: sel.Format}, nil
}

// checkSelector checks that the file lists the identifier and all dimensions of the predictor.
func checkSelector(sel *SeriesSelector, data trainingData, dimensions []string) error {
	if sel == nil {
		return nil
	}
	const member = "TimeSeriesSelector.TimeSeriesIdentifiers.Schema"
	target, _ := data.of(TargetTimeSeries)
	key := append([]string{target.Identifier()}, dimensions...)
	var names []string
	for _, a := range sel.Attributes {
		switch {
		case !slices.Contains(key, a.Name):
			return Errorf(InvalidInput, "%s has the attribute '%s'; it must have [%s], which identify a series of the predictor", member, a.Name, strings.Join(key, ", "))
		case slices.Contains(names, a.Name):
			return Errorf(InvalidInput, "%s has the attribute '%s' more than once", member, a.Name)
		}
		names = append(names, a.Name)
	}
	for _, k := range key {
		if !slices.Contains(names, k) {
			return Errorf(InvalidInput, "%s lacks the attribute '%s'; it must have [%s], which identify a series of the predictor", member, k, strings.Join(key, ", "))
		}
	}
	return nil
}
