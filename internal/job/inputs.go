package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/dataset"
	"github.com/almanac-forecast/almanac/internal/pipeline"
	"github.com/almanac-forecast/almanac/internal/resource"
)

// inputs is the data that a job reads. The first attempt records it as a step,
// so that later ones see the same data even if an import came in between.
type inputs struct {
	Datasets []inputDataset `json:"datasets"`
}

type inputDataset struct {
	ARN     string               `json:"arn"`
	Spec    resource.DatasetSpec `json:"spec"`
	Imports []resource.ImportRef `json:"imports"`
}

const inputsStep = "inputs"

// resolve returns the data in force of a dataset group, or what an earlier
// attempt found in force.
func (w *Workers) resolve(ctx context.Context, a *attempt, group string) (inputs, error) {
	var in inputs
	done, err := a.run.Steps().Done(ctx)
	if err != nil {
		return in, fmt.Errorf("job: asking for the finished steps: %w", err)
	}
	if output, ok := done[inputsStep]; ok {
		if err := json.Unmarshal(output, &in); err != nil {
			return in, fmt.Errorf("job: reading what step %s gave: %w", inputsStep, err)
		}
		return in, nil
	}
	err = a.run.Update(ctx, func(tx resource.Tx) error {
		in, err = inForce(ctx, tx, group)
		return err
	})
	if err != nil {
		return in, err
	}
	if err := a.run.Steps().Finish(ctx, inputsStep, in); err != nil {
		return in, fmt.Errorf("job: recording step %s: %w", inputsStep, err)
	}
	return in, nil
}

func inForce(ctx context.Context, tx resource.Tx, group string) (inputs, error) {
	var in inputs
	row, err := tx.Get(ctx, group)
	if errors.Is(err, resource.ErrNoRow) {
		return in, failuref(nil, "The dataset group %s does not exist any more.", group)
	}
	if err != nil {
		return in, fmt.Errorf("job: reading %s: %w", group, err)
	}
	spec, err := resource.DecodeSpec[resource.DatasetGroupSpec](row)
	if err != nil {
		return in, err
	}
	for _, arn := range spec.Datasets {
		row, err := tx.Get(ctx, arn)
		if errors.Is(err, resource.ErrNoRow) {
			continue // the group may list datasets that were deleted
		}
		if err != nil {
			return in, fmt.Errorf("job: reading %s: %w", arn, err)
		}
		d := inputDataset{ARN: arn}
		if d.Spec, err = resource.DecodeSpec[resource.DatasetSpec](row); err != nil {
			return in, err
		}
		result, err := resource.DecodeResult[resource.DatasetResult](row)
		if err != nil {
			return in, err
		}
		if d.Imports = result.Imports; len(d.Imports) > 0 {
			in.Datasets = append(in.Datasets, d)
		}
	}
	return in, nil
}

// target returns what the dataset of the target is; open has checked that there is one.
func (in inputs) target() resource.DatasetSpec {
	for _, d := range in.Datasets {
		if d.Spec.Type == resource.TargetTimeSeries {
			return d.Spec
		}
	}
	return resource.DatasetSpec{}
}

// importJobs lists the imports in force.
func (in inputs) importJobs() []string {
	var out []string
	for _, d := range in.Datasets {
		for _, ref := range d.Imports {
			out = append(out, ref.JobARN)
		}
	}
	return out
}

// open opens the datasets for reading.
func (w *Workers) open(ctx context.Context, in inputs) (pipeline.Inputs, error) {
	var out pipeline.Inputs
	for _, d := range in.Datasets {
		var prefixes []string
		for _, ref := range d.Imports {
			prefixes = append(prefixes, ref.Prefix)
		}
		data, err := dataset.Open(ctx, w.Own, prefixes)
		if errors.Is(err, blob.ErrNotFound) {
			return out, failuref(err, "The data of %s were replaced and deleted while the job was running. Start it again.", d.ARN)
		}
		if err != nil {
			return out, fmt.Errorf("job: opening the data of %s: %w", d.ARN, err)
		}
		switch d.Spec.Type {
		case resource.TargetTimeSeries:
			out.Target = data
		case resource.RelatedTimeSeries:
			out.Related = data
		case resource.ItemMetadata:
			out.Items = data
		}
	}
	if out.Target == nil {
		return out, failuref(nil, "The dataset group has no TARGET_TIME_SERIES dataset with data. Import data and try again.")
	}
	return out, nil
}
