package resource

import "context"

// unavailable is the last answer to a request for something that this version
// cannot make: everything the caller could have done wrong was told before.
func unavailable(operation string) *Error {
	return Errorf(InvalidInput, "%s is not available in this version of Almanac yet; see docs/divergences.md", operation)
}

// CreateBacktestExport checks a request to write a predictor's backtests to a
// bucket. This version cannot do it.
func (s *Service) CreateBacktestExport(ctx context.Context, c Caller, predictorARN string, destination Location, format string, tags []Tag) error {
	if err := checkKind("PredictorArn", predictorARN, KindPredictor); err != nil {
		return err
	}
	if err := s.checkExport(c, destination, format, tags); err != nil {
		return err
	}
	return s.store.View(ctx, func(r Reader) error {
		predictor, err := load(ctx, r, c, predictorARN)
		if err != nil {
			return err
		}
		if err := checkActive(predictor); err != nil {
			return err
		}
		return unavailable("CreatePredictorBacktestExportJob")
	})
}

// checkExport checks where and how an export is to be written.
func (s *Service) checkExport(c Caller, destination Location, format string, tags []Tag) error {
	if err := s.checkRole(c, "Destination.S3Config.RoleArn", destination.RoleARN); err != nil {
		return err
	}
	if err := checkFormat("Format", format); err != nil {
		return err
	}
	if err := checkTags(tags); err != nil {
		return err
	}
	return nil
}
