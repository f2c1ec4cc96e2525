package resource

import "context"

// usable checks the state of a resource that another one is made from. With
// later set it only looks for ResourceInUse, otherwise only for InvalidInput:
// contract 1.3 has the name conflict told between the two.
func usable(row Row, later bool) error {
	switch {
	case row.Status == CreateFailed || row.Status == CreateStopped:
		if !later {
			return Errorf(InvalidInput, "The %s %s cannot be used because its status is %s", row.Kind.Label(), row.ARN, row.Status)
		}
	case row.Status != Active:
		if later {
			return Errorf(InUse, "The %s %s cannot be used while its status is %s; wait until it is ACTIVE", row.Kind.Label(), row.ARN, row.Status)
		}
	}
	return nil
}

// checkActive is usable for operations that make nothing.
func checkActive(row Row) error {
	if err := usable(row, false); err != nil {
		return err
	}
	return usable(row, true)
}

// Accuracy returns a finished predictor and what its training found, for
// GetAccuracyMetrics.
func (s *Service) Accuracy(ctx context.Context, c Caller, arn string) (Row, PredictorResult, error) {
	row, err := s.Describe(ctx, c, "PredictorArn", arn, KindPredictor)
	if err != nil {
		return row, PredictorResult{}, err
	}
	if err := checkActive(row); err != nil {
		return row, PredictorResult{}, err
	}
	result, err := DecodeResult[PredictorResult](row)
	return row, result, err
}
