package resource

import (
	"context"
	"slices"
	"strings"
)

// trainingData is what a predictor of a dataset group would be trained on.
type trainingData struct {
	group    Row
	datasets []Row
	specs    []DatasetSpec // of the datasets
}

// loadTraining reads the dataset group of a predictor and its datasets.
func loadTraining(ctx context.Context, r Reader, c Caller, groupARN string) (trainingData, error) {
	group, err := load(ctx, r, c, groupARN)
	if err != nil {
		return trainingData{}, err
	}
	spec, err := DecodeSpec[DatasetGroupSpec](group)
	if err != nil {
		return trainingData{}, err
	}
	d := trainingData{group: group}
	if d.datasets, err = members(ctx, r, c, spec.Datasets); err != nil {
		return trainingData{}, err
	}
	for _, row := range d.datasets {
		ds, err := DecodeSpec[DatasetSpec](row)
		if err != nil {
			return trainingData{}, err
		}
		d.specs = append(d.specs, ds)
	}
	return d, nil
}

// of returns the dataset of a type.
func (d trainingData) of(datasetType string) (DatasetSpec, bool) {
	for _, spec := range d.specs {
		if spec.Type == datasetType {
			return spec, true
		}
	}
	return DatasetSpec{}, false
}

// checkData checks that there is a target time series and that every dataset
// has data. One whose first import is under way is not at fault: see checkIdle.
func (d trainingData) checkData() error {
	if _, ok := d.of(TargetTimeSeries); !ok {
		return Errorf(InvalidInput, "The dataset group %s has no TARGET_TIME_SERIES dataset; add one with UpdateDatasetGroup", d.group.ARN)
	}
	for _, row := range d.datasets {
		if row.Status == UpdatePending || row.Status == UpdateInProgress {
			continue
		}
		data, err := DecodeResult[DatasetResult](row)
		if err != nil {
			return err
		}
		if len(data.Imports) == 0 {
			return Errorf(InvalidInput, "The dataset %s has no data yet; import some with CreateDatasetImportJob and wait until the job is ACTIVE", row.ARN)
		}
	}
	return nil
}

// checkIdle returns ResourceInUse while the group or one of its datasets is
// being changed.
func (d trainingData) checkIdle() error {
	if d.group.Status != Active {
		return Errorf(InUse, "The dataset group %s cannot be used while its status is %s", d.group.ARN, d.group.Status)
	}
	for _, row := range d.datasets {
		if row.Status != Active && row.Status != UpdateFailed {
			return Errorf(InUse, "The dataset %s cannot be used while its status is %s; wait until it is ACTIVE", row.ARN, row.Status)
		}
	}
	return nil
}

// fit checks the settings of a predictor against the schemas (contract 3.4,
// 5.3, 5.4) and returns the effective configuration of all attributes.
func (d trainingData) fit(frequencyText string, dimensions []string, given []AttributeConfig) ([]AttributeConfig, error) {
	target, _ := d.of(TargetTimeSeries)
	f, e := parseFrequency("ForecastFrequency", frequencyText)
	if e != nil {
		return nil, e
	}
	if target.Frequency != "" {
		data, e := parseFrequency("DataFrequency", target.Frequency)
		if e != nil {
			return nil, e
		}
		if f.seconds() < data.seconds() {
			return nil, Errorf(InvalidInput, "The ForecastFrequency '%s' is finer than the data frequency '%s' of the TARGET_TIME_SERIES dataset; it must be the same or coarser", frequencyText, target.Frequency)
		}
	}
	for _, name := range dimensions {
		if !slices.Contains(target.Dimensions(), name) {
			return nil, Errorf(InvalidInput, "The forecast dimension '%s' is not a dimension of the TARGET_TIME_SERIES dataset, which has [%s]", name, strings.Join(target.Dimensions(), ", "))
		}
	}
	features, err := d.features(f, frequencyText, dimensions)
	if err != nil {
		return nil, err
	}
	out, e := effectiveFilling(given, target.Target(), features)
	if e != nil {
		return nil, e
	}
	return out, nil
}

// features checks the related time series, if there is one, and returns its features.
func (d trainingData) features(f frequency, frequencyText string, dimensions []string) ([]string, error) {
	related, ok := d.of(RelatedTimeSeries)
	if !ok {
		return nil, nil
	}
	data, e := parseFrequency("DataFrequency", related.Frequency)
	if e != nil {
		return nil, e
	}
	if data != f {
		return nil, Errorf(InvalidInput, "The ForecastFrequency '%s' differs from the data frequency '%s' of the RELATED_TIME_SERIES dataset; they must be the same because related time series are not aggregated", frequencyText, related.Frequency)
	}
	var features, wrong []string
	for _, a := range related.Attributes {
		switch {
		case a.Name == related.Identifier() || a.Type == typeTimestamp || a.Type == typeGeolocation || slices.Contains(dimensions, a.Name):
		case a.numeric():
			features = append(features, a.Name)
		default:
			wrong = append(wrong, a.Name)
		}
	}
	if len(wrong) > 0 { // recorded text
		return nil, Errorf(InvalidInput, "The attribute(s) [%s] present in the RELATED_TIME_SERIES schema should be of numeric type such as `integer` or `float`, or be added as a forecast dimension", strings.Join(wrong, ", "))
	}
	return features, nil
}
