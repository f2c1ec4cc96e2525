package resource

import "context"

// CreateForecastExport accepts the writing of a forecast to a bucket and
// returns the job's ARN.
func (s *Service) CreateForecastExport(ctx context.Context, c Caller, name string, spec ForecastExportSpec, tags []Tag) (string, error) {
	if err := checkKind("ForecastArn", spec.Forecast, KindForecast); err != nil {
		return "", err
	}
	if err := s.checkExport(c, spec.Destination, spec.Format, tags); err != nil {
		return "", err
	}
	var arn string
	err := s.store.Update(ctx, func(tx Tx) error {
		forecast, err := load(ctx, tx, c, spec.Forecast)
		if err != nil {
			return err
		}
		if err := usable(forecast, false); err != nil {
			return err
		}
		arn = arnOf(c, KindForecastExport, forecast.Name, name)
		row := Row{
			ARN: arn, Kind: KindForecastExport, Name: name,
			Scope: forecast.ARN, Parent: forecast.ARN, Group: forecast.Group,
		}
		if err := checkName(ctx, tx, c, row); err != nil {
			return err
		}
		if err := usable(forecast, true); err != nil {
			return err
		}
		if err := checkTagCount(len(tags)); err != nil {
			return err
		}
		if err := s.quotas.check(ctx, tx, c, KindForecastExport); err != nil {
			return err
		}
		return insert(ctx, tx, c, s.clock.Now(), creation{row: row, spec: spec, tags: tags, task: TaskExport})
	})
	return arn, err
}
