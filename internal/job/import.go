package job

import (
	"context"
	"errors"
	"fmt"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/dataset"
	"github.com/almanac-forecast/almanac/internal/resource"
)

// importData reads the files of an import job into its dataset.
func (w *Workers) importData(ctx context.Context, a *attempt) (any, error) {
	spec, err := resource.DecodeSpec[resource.ImportJobSpec](a.row)
	if err != nil {
		return nil, err
	}
	var into resource.DatasetSpec
	err = a.run.Update(ctx, func(tx resource.Tx) error {
		row, err := tx.Get(ctx, spec.Dataset)
		if errors.Is(err, resource.ErrNoRow) {
			return fmt.Errorf("%w: its dataset is gone", resource.ErrNotWanted)
		}
		if err != nil {
			return err
		}
		into, err = resource.DecodeSpec[resource.DatasetSpec](row)
		return err
	})
	if err != nil {
		return nil, err
	}
	schema, err := schemaOf(into)
	if err != nil {
		return nil, failuref(nil, "%v", err)
	}
	source, err := w.source(ctx, spec.Source)
	if err != nil {
		return nil, err
	}
	options := dataset.Options{
		Format: spec.Format, TimestampFormat: spec.TimestampFormat, GeolocationFormat: spec.GeolocationFormat,
		Workers: max(1, w.Threads), TempDir: w.TempDir, Memory: w.Memory, Limits: w.Limits, Partitions: w.Partitions,
	}
	if options.Format == "" {
		options.Format = dataset.FormatCSV
	}
	summary, err := dataset.Import(ctx, source, schema, options, w.Own, a.prefix, a.meter.report)
	if err != nil {
		return nil, userBucket(err, "Reading", spec.Source.Path)
	}
	return importResult(a.prefix, summary), nil
}

func importResult(prefix string, s dataset.Summary) resource.ImportJobResult {
	r := resource.ImportJobResult{
		Prefix: prefix, DataSize: float64(s.Bytes) / (1 << 30), Rows: s.Rows, Blank: s.Blank, Duplicate: s.Duplicate,
		Fields: make(map[string]resource.FieldStatistics, len(s.Fields)),
	}
	for name, f := range s.Fields {
		r.Fields[name] = resource.FieldStatistics(f)
	}
	return r
}

// schemaOf is the schema of a dataset as package dataset wants it.
func schemaOf(spec resource.DatasetSpec) (dataset.Schema, error) {
	var attributes []dataset.Attribute
	for _, a := range spec.Attributes {
		attributes = append(attributes, dataset.Attribute{Name: a.Name, Type: a.Type})
	}
	return dataset.NewSchema(spec.Type, spec.Identifier(), spec.Target(), attributes)
}

// location is a place in a user's bucket as package blob wants it.
func location(l resource.Location) blob.Location {
	return blob.Location{Path: l.Path, RoleARN: l.RoleARN, KMSKeyARN: l.KMSKeyARN}
}

// source finds the objects that a path means (contract 4): the object of that
// name, or all objects whose keys begin with it.
func (w *Workers) source(ctx context.Context, l resource.Location) (dataset.Source, error) {
	bucket, key, err := w.Access.Open(ctx, location(l))
	if err != nil {
		return dataset.Source{}, userBucket(err, "Reading", l.Path)
	}
	s, err := dataset.Find(ctx, bucket, key, l.Path, w.Limits)
	return s, userBucket(err, "Reading", l.Path)
}
