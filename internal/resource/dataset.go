package resource

import "context"

// CreateDataset makes an empty dataset, which is ACTIVE at once, and returns its ARN.
func (s *Service) CreateDataset(ctx context.Context, c Caller, name string, spec DatasetSpec, tags []Tag) (string, error) {
	if err := s.checkDataset(c, spec, tags); err != nil {
		return "", err
	}
	row := Row{ARN: arnOf(c, KindDataset, name), Kind: KindDataset, Name: name}
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := checkName(ctx, tx, c, row); err != nil {
			return err
		}
		if err := checkTagCount(len(tags)); err != nil {
			return err
		}
		if err := s.quotas.check(ctx, tx, c, KindDataset); err != nil {
			return err
		}
		return insert(ctx, tx, c, s.clock.Now(), creation{row: row, spec: spec, tags: tags})
	})
	return row.ARN, err
}

// checkDataset checks what needs no look at other resources.
func (s *Service) checkDataset(c Caller, spec DatasetSpec, tags []Tag) error {
	if err := checkSchema(spec); err != nil {
		return err
	}
	switch {
	case spec.Frequency != "":
		if _, err := parseFrequency("DataFrequency", spec.Frequency); err != nil {
			return err
		}
	case spec.Type == RelatedTimeSeries:
		return Errorf(InvalidInput, "DataFrequency is missing: a RELATED_TIME_SERIES dataset needs it")
	}
	if err := s.checkEncryption(c, spec.Encryption); err != nil {
		return err
	}
	if err := checkTags(tags); err != nil {
		return err
	}
	return nil
}
