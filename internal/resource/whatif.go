package resource

import "context"

// CreateWhatIfAnalysis checks a request to start from a forecast and ask what
// would be if. This version cannot do it.
func (s *Service) CreateWhatIfAnalysis(ctx context.Context, c Caller, forecastARN string, sel *SelectorRequest, tags []Tag) error {
	if err := checkKind("ForecastArn", forecastARN, KindForecast); err != nil {
		return err
	}
	selector, e := s.checkSelectorRequest(c, sel)
	if e != nil {
		return e
	}
	if err := checkTags(tags); err != nil {
		return err
	}
	return s.store.View(ctx, func(r Reader) error {
		forecast, err := load(ctx, r, c, forecastARN)
		if err != nil {
			return err
		}
		predictor, err := load(ctx, r, c, forecast.Parent)
		if err != nil {
			return err
		}
		if err := checkAuto(predictor, "asked what would be if"); err != nil {
			return err
		}
		data, err := loadTraining(ctx, r, c, forecast.Group)
		if err != nil {
			return err
		}
		if _, ok := data.of(RelatedTimeSeries); !ok {
			return Errorf(InvalidInput, "The forecast %s cannot be the base of a what-if analysis: its dataset group %s has no RELATED_TIME_SERIES dataset to change", forecast.ARN, forecast.Group)
		}
		settings, err := DecodeSpec[PredictorSpec](predictor)
		if err != nil {
			return err
		}
		if err := checkSelector(selector, data, settings.Dimensions); err != nil {
			return err
		}
		if err := checkActive(forecast); err != nil {
			return err
		}
		return unavailable("CreateWhatIfAnalysis")
	})
}

// WhatIfForecastRequest is what CreateWhatIfForecast asks for.
type WhatIfForecastRequest struct {
	Analysis        string // ARN
	Transformations []Transformation
	Replacement     *Replacement
	Tags            []Tag
}

// Transformation changes an attribute of the related time series.
type Transformation struct {
	Attribute, Operation string
	Value                float64
}

// Replacement names the data that replace related time series.
type Replacement struct {
	Source          Location
	Attributes      []Attribute
	Format          string
	TimestampFormat string
}

// CreateWhatIfForecast checks a request for a forecast with changed inputs.
// This version has no analysis to make it in.
func (s *Service) CreateWhatIfForecast(ctx context.Context, c Caller, req WhatIfForecastRequest) error {
	if err := checkKind("WhatIfAnalysisArn", req.Analysis, KindWhatIfAnalysis); err != nil {
		return err
	}
	if err := s.checkWhatIfForecast(c, req); err != nil {
		return err
	}
	analysis, err := s.Describe(ctx, c, "WhatIfAnalysisArn", req.Analysis, KindWhatIfAnalysis)
	if err != nil {
		return err
	}
	if err := checkActive(analysis); err != nil {
		return err
	}
	return unavailable("CreateWhatIfForecast")
}

// checkWhatIfForecast checks what needs no look at the analysis (contract 7.4).
func (s *Service) checkWhatIfForecast(c Caller, req WhatIfForecastRequest) *Error {
	switch changes := len(req.Transformations) > 0; {
	case changes && req.Replacement != nil:
		return Errorf(InvalidInput, "TimeSeriesTransformations and TimeSeriesReplacementsDataSource exclude each other; give one of them")
	case !changes && req.Replacement == nil:
		return Errorf(InvalidInput, "TimeSeriesTransformations or TimeSeriesReplacementsDataSource is missing; give one of them")
	}
	for _, t := range req.Transformations {
		switch {
		case t.Attribute == "":
			return Errorf(InvalidInput, "A transformation has no Action; say which attribute to change and how")
		case t.Operation == "DIVIDE" && t.Value == 0:
			return Errorf(InvalidInput, "The transformation of '%s' divides by 0", t.Attribute)
		}
	}
	if r := req.Replacement; r != nil {
		if err := s.checkRole(c, "TimeSeriesReplacementsDataSource.S3Config.RoleArn", r.Source.RoleARN); err != nil {
			return err
		}
		if err := checkFormat("TimeSeriesReplacementsDataSource.Format", r.Format); err != nil {
			return err
		}
		if err := checkTimestampFormat(r.TimestampFormat, ""); err != nil {
			return err
		}
		if len(r.Attributes) == 0 {
			return Errorf(InvalidInput, "TimeSeriesReplacementsDataSource.Schema.Attributes is missing: list the columns of the data in their order")
		}
	}
	return checkTags(req.Tags)
}

// CreateWhatIfForecastExport checks a request to write what-if forecasts to a
// bucket. This version has none to write.
func (s *Service) CreateWhatIfForecastExport(ctx context.Context, c Caller, arns []string, destination Location, format string, tags []Tag) error {
	for _, arn := range arns {
		if err := checkKind("WhatIfForecastArns", arn, KindWhatIfForecast); err != nil {
			return err
		}
	}
	if err := s.checkExport(c, destination, format, tags); err != nil {
		return err
	}
	return s.store.View(ctx, func(r Reader) error {
		for _, arn := range arns {
			row, err := load(ctx, r, c, arn)
			if err != nil {
				return err
			}
			if err := checkActive(row); err != nil {
				return err
			}
		}
		return unavailable("CreateWhatIfForecastExport")
	})
}
