package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// CreateDatasetGroup makes a dataset group, which is ACTIVE at once, and returns its ARN.
func (s *Service) CreateDatasetGroup(ctx context.Context, c Caller, name string, spec DatasetGroupSpec, tags []Tag) (string, error) {
	if err := checkMembers(spec.Datasets); err != nil {
		return "", err
	}
	if err := checkTags(tags); err != nil {
		return "", err
	}
	row := Row{ARN: arnOf(c, KindDatasetGroup, name), Kind: KindDatasetGroup, Name: name}
	err := s.store.Update(ctx, func(tx Tx) error {
		members, err := loadMembers(ctx, tx, c, spec)
		if err != nil {
			return err
		}
		if err := checkName(ctx, tx, c, row); err != nil {
			return err
		}
		if err := checkNotDeleting(members); err != nil {
			return err
		}
		if err := checkTagCount(len(tags)); err != nil {
			return err
		}
		if err := s.quotas.check(ctx, tx, c, KindDatasetGroup); err != nil {
			return err
		}
		return insert(ctx, tx, c, s.clock.Now(), creation{row: row, spec: spec, tags: tags})
	})
	return row.ARN, err
}

// UpdateDatasetGroup replaces the datasets of a group by others; none is allowed.
func (s *Service) UpdateDatasetGroup(ctx context.Context, c Caller, arn string, datasets []string) error {
	if err := checkKind("DatasetGroupArn", arn, KindDatasetGroup); err != nil {
		return err
	}
	if err := checkMembers(datasets); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		group, err := load(ctx, tx, c, arn)
		if err != nil {
			return err
		}
		spec, err := DecodeSpec[DatasetGroupSpec](group)
		if err != nil {
			return err
		}
		spec.Datasets = datasets
		members, err := loadMembers(ctx, tx, c, spec)
		if err != nil {
			return err
		}
		if group.Status != Active {
			return Errorf(InUse, "The dataset group %s cannot be updated while its status is %s", arn, group.Status)
		}
		if err := checkNotDeleting(members); err != nil {
			return err
		}
		if group.Spec, err = encode(spec); err != nil {
			return fmt.Errorf("encode the datasets of %s: %w", arn, err)
		}
		group.Modified = s.clock.Now()
		if err := tx.Save(ctx, group); err != nil {
			return fmt.Errorf("save %s: %w", arn, err)
		}
		return nil
	})
}

// checkMembers checks the ARNs of the datasets of a group by themselves.
func checkMembers(datasets []string) *Error {
	for i, arn := range datasets {
		if err := checkKind("DatasetArns", arn, KindDataset); err != nil {
			return err
		}
		if slices.Contains(datasets[:i], arn) {
			return Errorf(InvalidInput, "The dataset %s is listed more than once in DatasetArns", arn)
		}
	}
	if len(datasets) > 3 {
		return Errorf(InvalidInput, "DatasetArns lists %d datasets; a dataset group holds at most 3, one of each type", len(datasets))
	}
	return nil
}

// loadMembers reads the datasets of a group and checks that they fit together.
func loadMembers(ctx context.Context, r Reader, c Caller, spec DatasetGroupSpec) ([]Row, error) {
	members, err := members(ctx, r, c, spec.Datasets)
	if err != nil {
		return nil, err
	}
	byType := map[string]string{}
	for _, row := range members {
		dataset, err := DecodeSpec[DatasetSpec](row)
		if err != nil {
			return nil, err
		}
		if dataset.Domain != spec.Domain {
			return nil, Errorf(InvalidInput, "The dataset %s has the domain %s, but the dataset group has the domain %s; they must be the same", row.ARN, dataset.Domain, spec.Domain)
		}
		if other, taken := byType[dataset.Type]; taken {
			return nil, Errorf(InvalidInput, "The datasets %s and %s are both of type %s; a dataset group holds one of each type", other, row.ARN, dataset.Type)
		}
		byType[dataset.Type] = row.ARN
	}
	return members, nil
}

// members reads datasets; those that do not exist are named in one error.
func members(ctx context.Context, r Reader, c Caller, arns []string) ([]Row, error) {
	var rows []Row
	var missing []string
	for _, arn := range arns {
		row, err := load(ctx, r, c, arn)
		var e *Error
		switch {
		case err == nil:
			rows = append(rows, row)
		case errors.As(err, &e) && e.Kind == NotFound:
			missing = append(missing, arn)
		default:
			return nil, err
		}
	}
	if len(missing) > 0 {
		return nil, Errorf(InvalidInput, "Dataset arns: [%s] are not found", strings.Join(missing, ", "))
	}
	return rows, nil
}

// checkNotDeleting refuses datasets that are about to disappear.
func checkNotDeleting(rows []Row) error {
	for _, row := range rows {
		if row.Status.Deleting() || row.Status == DeleteFailed {
			return Errorf(InUse, "The dataset %s cannot be used while its status is %s", row.ARN, row.Status)
		}
	}
	return nil
}
