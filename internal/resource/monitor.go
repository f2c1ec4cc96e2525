package resource

import "context"

// CreateMonitor checks a request to watch the accuracy of a predictor. This
// version cannot do it.
func (s *Service) CreateMonitor(ctx context.Context, c Caller, predictorARN string, tags []Tag) error {
	if err := checkKind("ResourceArn", predictorARN, KindPredictor); err != nil {
		return err
	}
	if err := checkTags(tags); err != nil {
		return err
	}
	predictor, err := s.Describe(ctx, c, "ResourceArn", predictorARN, KindPredictor)
	if err != nil {
		return err
	}
	if err := checkAuto(predictor, "monitored"); err != nil {
		return err
	}
	if err := checkActive(predictor); err != nil {
		return err
	}
	return unavailable("CreateMonitor")
}
