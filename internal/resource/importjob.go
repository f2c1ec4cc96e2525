package resource

import "context"

// CreateImportJob accepts an import into a dataset and returns the job's ARN.
// The dataset is UPDATE_PENDING from then on.
func (s *Service) CreateImportJob(ctx context.Context, c Caller, name string, spec ImportJobSpec, tags []Tag) (string, error) {
	if err := s.checkImport(c, spec, tags); err != nil {
		return "", err
	}
	if spec.ImportMode == "" {
		spec.ImportMode = ImportFull
	}
	var arn string
	err := s.store.Update(ctx, func(tx Tx) error {
		dataset, err := load(ctx, tx, c, spec.Dataset)
		if err != nil {
			return err
		}
		if err := checkImportFits(dataset, spec); err != nil {
			return err
		}
		arn = arnOf(c, KindImportJob, dataset.Name, name)
		row := Row{ARN: arn, Kind: KindImportJob, Name: name, Scope: dataset.ARN, Parent: dataset.ARN}
		if err := checkName(ctx, tx, c, row); err != nil {
			return err
		}
		if dataset.Status != Active && dataset.Status != UpdateFailed {
			return Errorf(InUse, "The dataset %s cannot be imported into while its status is %s; wait until it is ACTIVE", dataset.ARN, dataset.Status)
		}
		if err := checkTagCount(len(tags)); err != nil {
			return err
		}
		if err := s.quotas.check(ctx, tx, c, KindImportJob); err != nil {
			return err
		}
		now := s.clock.Now()
		if err := shift(ctx, tx, &dataset, now, UpdatePending); err != nil {
			return err
		}
		return insert(ctx, tx, c, now, creation{row: row, spec: spec, tags: tags, task: TaskImport})
	})
	return arn, err
}

// checkImport checks what needs no look at the dataset.
func (s *Service) checkImport(c Caller, spec ImportJobSpec, tags []Tag) error {
	if err := checkKind("DatasetArn", spec.Dataset, KindDataset); err != nil {
		return err
	}
	if err := s.checkRole(c, "DataSource.S3Config.RoleArn", spec.Source.RoleARN); err != nil {
		return err
	}
	if err := checkFormat("Format", spec.Format); err != nil {
		return err
	}
	switch spec.ImportMode {
	case "", ImportFull, ImportIncremental:
	default:
		return Errorf(InvalidInput, "The ImportMode '%s' is unknown; it must be FULL or INCREMENTAL", spec.ImportMode)
	}
	if err := checkTimestampFormat(spec.TimestampFormat, ""); err != nil {
		return err
	}
	if err := checkTimeZone(spec.TimeZone); err != nil {
		return err
	}
	if spec.GeolocationZone && spec.TimeZone != "" {
		return Errorf(InvalidInput, "TimeZone '%s' and UseGeolocationForTimeZone exclude each other; give one of them", spec.TimeZone)
	}
	switch spec.GeolocationFormat {
	case "", "LAT_LONG", "CC_POSTALCODE":
	default:
		return Errorf(InvalidInput, "The GeolocationFormat '%s' is unknown; it must be LAT_LONG or CC_POSTALCODE", spec.GeolocationFormat)
	}
	if err := checkTags(tags); err != nil {
		return err
	}
	return nil
}

// checkImportFits checks the request against the dataset's schema, frequency and key.
func checkImportFits(dataset Row, spec ImportJobSpec) error {
	ds, err := DecodeSpec[DatasetSpec](dataset)
	if err != nil {
		return err
	}
	if ds.Type != ItemMetadata { // whose frequency means nothing
		if err := checkTimestampFormat(spec.TimestampFormat, ds.Frequency); err != nil {
			return err
		}
	}
	geo := len(ds.OfType(typeGeolocation)) > 0
	switch {
	case geo && spec.GeolocationFormat == "":
		return Errorf(InvalidInput, "GeolocationFormat is missing: the schema of %s has the geolocation attribute '%s'; give LAT_LONG or CC_POSTALCODE", dataset.ARN, ds.OfType(typeGeolocation)[0])
	case !geo && spec.GeolocationFormat != "":
		return Errorf(InvalidInput, "GeolocationFormat '%s' is given, but the schema of %s has no attribute of type geolocation", spec.GeolocationFormat, dataset.ARN)
	case !geo && spec.GeolocationZone:
		return Errorf(InvalidInput, "UseGeolocationForTimeZone needs an attribute of type geolocation, which the schema of %s does not have", dataset.ARN)
	}
	if ds.Encryption == nil {
		return nil
	}
	switch key := spec.Source.KMSKeyARN; key {
	case ds.Encryption.KMSKeyARN:
		return nil
	case "":
		return Errorf(InvalidInput, "DataSource.S3Config.KMSKeyArn is missing: the dataset %s is encrypted with %s", dataset.ARN, ds.Encryption.KMSKeyARN)
	default:
		return Errorf(InvalidInput, "DataSource.S3Config.KMSKeyArn is %s, but the dataset %s is encrypted with %s; they must be the same", key, dataset.ARN, ds.Encryption.KMSKeyARN)
	}
}
