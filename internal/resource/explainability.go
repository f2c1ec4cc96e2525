package resource

import "context"

// ExplainabilityRequest is what CreateExplainability asks for.
type ExplainabilityRequest struct {
	Name       string
	Resource   string // ARN of a predictor or a forecast
	Series     string // granularity, ALL or SPECIFIC
	Points     string
	Source     *Location
	Attributes []Attribute
	Start, End string
	Tags       []Tag
}

// CreateExplainability checks a request for the impact of the inputs on a
// predictor or a forecast. This version cannot make it.
func (s *Service) CreateExplainability(ctx context.Context, c Caller, req ExplainabilityRequest) error {
	if err := checkKind("ResourceArn", req.Resource, KindPredictor, KindForecast); err != nil {
		return err
	}
	if err := s.checkExplainability(c, req); err != nil {
		return err
	}
	return s.store.View(ctx, func(r Reader) error {
		row, err := load(ctx, r, c, req.Resource)
		if err != nil {
			return err
		}
		predictor := row
		if row.Kind == KindForecast {
			if predictor, err = load(ctx, r, c, row.Parent); err != nil {
				return err
			}
		}
		if err := checkAuto(predictor, "explained"); err != nil {
			return err
		}
		if err := checkActive(row); err != nil {
			return err
		}
		data, err := loadTraining(ctx, r, c, predictor.Group)
		if err != nil {
			return err
		}
		_, related := data.of(RelatedTimeSeries)
		_, items := data.of(ItemMetadata)
		if !related && !items {
			return Errorf(InvalidInput, "The %s %s cannot be explained: its dataset group %s has neither related time series nor item metadata", row.Kind.Label(), row.ARN, predictor.Group)
		}
		return unavailable("CreateExplainability")
	})
}

// checkExplainability holds the members of a request against each other (contract 7.5).
func (s *Service) checkExplainability(c Caller, req ExplainabilityRequest) *Error {
	const all, specific = "ALL", "SPECIFIC"
	if arn, _ := ParseARN(req.Resource); arn.Kind == KindPredictor && (req.Series != all || req.Points != all) {
		return Errorf(InvalidInput, "A predictor can only be explained with TimeSeriesGranularity and TimePointGranularity ALL; they are %s and %s", req.Series, req.Points)
	}
	switch list := req.Source != nil || len(req.Attributes) > 0; {
	case req.Series == specific && (req.Source == nil || len(req.Attributes) == 0):
		return Errorf(InvalidInput, "TimeSeriesGranularity SPECIFIC needs DataSource and Schema, which list the series")
	case req.Series == all && list:
		return Errorf(InvalidInput, "DataSource and Schema are only for TimeSeriesGranularity SPECIFIC; leave them out")
	case req.Points == specific && (req.Start == "" || req.End == ""):
		return Errorf(InvalidInput, "TimePointGranularity SPECIFIC needs StartDateTime and EndDateTime")
	case req.Points == all && (req.Start != "" || req.End != ""):
		return Errorf(InvalidInput, "StartDateTime and EndDateTime are only for TimePointGranularity SPECIFIC; leave them out")
	}
	if req.Source != nil {
		if err := s.checkRole(c, "DataSource.S3Config.RoleArn", req.Source.RoleARN); err != nil {
			return err
		}
	}
	start, err := queryTime("StartDateTime", req.Start)
	if err != nil {
		return err
	}
	end, err := queryTime("EndDateTime", req.End)
	if err != nil {
		return err
	}
	if start != nil && end != nil && start.After(*end) {
		return Errorf(InvalidInput, "StartDateTime %s is after EndDateTime %s", req.Start, req.End)
	}
	return checkTags(req.Tags)
}

// checkAuto refuses what can only be done with an auto predictor.
func checkAuto(predictor Row, what string) error {
	spec, err := DecodeSpec[PredictorSpec](predictor)
	if err != nil {
		return err
	}
	if !spec.Auto {
		return Errorf(InvalidInput, "The predictor %s cannot be %s: it was made by CreatePredictor; upgrade it with CreateAutoPredictor and ReferencePredictorArn", predictor.ARN, what)
	}
	return nil
}

// CreateExplainabilityExport checks a request to write an explainability to a
// bucket. This version has none to write.
func (s *Service) CreateExplainabilityExport(ctx context.Context, c Caller, arn string, destination Location, format string, tags []Tag) error {
	if err := checkKind("ExplainabilityArn", arn, KindExplainability); err != nil {
		return err
	}
	if err := s.checkExport(c, destination, format, tags); err != nil {
		return err
	}
	row, err := s.Describe(ctx, c, "ExplainabilityArn", arn, KindExplainability)
	if err != nil {
		return err
	}
	if err := checkActive(row); err != nil {
		return err
	}
	return unavailable("CreateExplainabilityExport")
}
