package resource

import (
	"regexp"
	"strings"
)

// The column quotas of contract 3.2.
const (
	maxDimensions      = 10
	maxFeatures        = 13
	maxMetadataColumns = 10
)

var attributeName = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]{0,62}$`)

// checkSchema holds the attributes of a new dataset against the rules of
// contract 3.1 and 3.2. The order of attributes is free: it is the order of
// the columns in the files.
func checkSchema(spec DatasetSpec) *Error {
	d, ok := domains[spec.Domain]
	if !ok {
		return Errorf(InvalidInput, "The domain '%s' is unknown", spec.Domain)
	}
	if len(spec.Attributes) == 0 {
		return Errorf(InvalidInput, "Schema.Attributes is missing: list the columns of the data in their order")
	}
	if err := checkNames(spec, d); err != nil {
		return err
	}
	if err := checkRequired(spec, d); err != nil {
		return err
	}
	switch spec.Type {
	case TargetTimeSeries:
		return checkTarget(spec, d)
	case RelatedTimeSeries:
		return checkRelated(spec, d)
	case ItemMetadata:
		return checkMetadata(spec, d)
	default:
		return Errorf(InvalidInput, "The dataset type '%s' is unknown", spec.Type)
	}
}

// checkNames checks each attribute by itself and that no two share a name.
func checkNames(spec DatasetSpec, d domain) *Error {
	seen := map[string]bool{}
	for i, a := range spec.Attributes {
		switch {
		case a.Name == "":
			return Errorf(InvalidInput, "Schema attribute %d has no AttributeName", i+1)
		case a.Type == "":
			return Errorf(InvalidInput, "The schema attribute '%s' has no AttributeType", a.Name)
		case !attributeName.MatchString(a.Name):
			return Errorf(InvalidInput, "The attribute name '%s' is not valid: use letters, digits and underscores, up to 63, with a letter first", a.Name)
		case seen[strings.ToLower(a.Name)]:
			return Errorf(InvalidInput, "The schema has more than one attribute named '%s'; names are compared without case", a.Name)
		case isReserved(a.Name) && !d.owns(spec.Type, a.Name):
			return Errorf(InvalidInput, "The attribute name '%s' is a reserved word; choose another name", a.Name)
		}
		seen[strings.ToLower(a.Name)] = true
		switch a.Type {
		case typeString, typeInteger, typeFloat, typeTimestamp, typeGeolocation:
		default:
			return Errorf(InvalidInput, "The attribute '%s' has the unknown type '%s'; types are string, integer, float, timestamp and geolocation", a.Name, a.Type)
		}
	}
	return nil
}

// checkRequired checks the columns that the domain prescribes: the identifier,
// the timestamp and, for target time series, the target.
func checkRequired(spec DatasetSpec, d domain) *Error {
	id, ok := spec.Attribute(d.identifier)
	if !ok {
		return Errorf(InvalidInput, "The schema of a %s dataset in the %s domain must have the attribute '%s' of type string", spec.Type, spec.Domain, d.identifier)
	}
	if id.Type != typeString {
		return Errorf(InvalidInput, "The attribute '%s' must be of type string, not %s", id.Name, id.Type)
	}
	if err := checkTimestamp(spec); err != nil {
		return err
	}
	if geo := spec.OfType(typeGeolocation); len(geo) > 1 {
		return Errorf(InvalidInput, "The schema has %d attributes of type geolocation (%s); at most one is allowed", len(geo), strings.Join(geo, ", "))
	} else if len(geo) == 1 && spec.Type == ItemMetadata {
		return Errorf(InvalidInput, "The attribute '%s' of type geolocation is not allowed in an ITEM_METADATA dataset", geo[0])
	}
	return nil
}

// checkTimestamp checks that time series have exactly one timestamp and item
// metadata none.
func checkTimestamp(spec DatasetSpec) *Error {
	times := spec.OfType(typeTimestamp)
	if spec.Type == ItemMetadata {
		if len(times) > 0 {
			return Errorf(InvalidInput, "The attribute '%s' of type timestamp is not allowed in an ITEM_METADATA dataset", times[0])
		}
		return nil
	}
	if a, ok := spec.Attribute(timestampName); !ok || a.Type != typeTimestamp {
		return Errorf(InvalidInput, "The schema of a %s dataset must have the attribute 'timestamp' of type timestamp", spec.Type)
	}
	if len(times) > 1 {
		return Errorf(InvalidInput, "The schema has %d attributes of type timestamp (%s); only 'timestamp' may have it", len(times), strings.Join(times, ", "))
	}
	return nil
}

func checkTarget(spec DatasetSpec, d domain) *Error {
	target, ok := spec.Attribute(d.target)
	if !ok {
		return Errorf(InvalidInput, "The schema of a TARGET_TIME_SERIES dataset in the %s domain must have the attribute '%s' of type float or integer", spec.Domain, d.target)
	}
	if !target.numeric() {
		return Errorf(InvalidInput, "The attribute '%s' is what is forecast and must be of type float or integer, not %s", target.Name, target.Type)
	}
	if n := len(spec.Attributes) - 3; n > maxDimensions {
		return Errorf(InvalidInput, "The schema has %d forecast dimensions besides '%s', 'timestamp' and '%s'; at most %d are allowed", n, d.identifier, d.target, maxDimensions)
	}
	return nil
}

func checkRelated(spec DatasetSpec, d domain) *Error {
	if _, ok := spec.Attribute(d.target); ok {
		return Errorf(InvalidInput, "The schema of a RELATED_TIME_SERIES dataset must not have the attribute '%s', which is what the %s domain forecasts", d.target, spec.Domain)
	}
	features := len(spec.OfType(typeInteger)) + len(spec.OfType(typeFloat))
	dimensions := len(spec.Attributes) - 2 - features
	switch {
	case features == 0:
		return Errorf(InvalidInput, "The schema of a RELATED_TIME_SERIES dataset must have at least one attribute of type integer or float besides '%s' and 'timestamp'", d.identifier)
	case features > maxFeatures:
		return Errorf(InvalidInput, "The schema has %d attributes of type integer or float; at most %d are allowed in a RELATED_TIME_SERIES dataset", features, maxFeatures)
	case dimensions > maxDimensions:
		return Errorf(InvalidInput, "The schema has %d forecast dimensions; at most %d are allowed", dimensions, maxDimensions)
	}
	return nil
}

func checkMetadata(spec DatasetSpec, d domain) *Error {
	for _, a := range spec.Attributes {
		tolerated := spec.Domain == "WORK_FORCE" && a.Name == "wages" && a.numeric()
		if a.Type != typeString && !tolerated {
			return Errorf(InvalidInput, "The attribute '%s' has the type %s; every attribute of an ITEM_METADATA dataset must be of type string", a.Name, a.Type)
		}
	}
	if len(spec.Attributes) > maxMetadataColumns {
		return Errorf(InvalidInput, "The schema has %d attributes; an ITEM_METADATA dataset may have at most %d with '%s'", len(spec.Attributes), maxMetadataColumns, d.identifier)
	}
	return nil
}

// numeric reports whether the values of the attribute are numbers.
func (a Attribute) numeric() bool { return a.Type == typeInteger || a.Type == typeFloat }

// Attribute returns the attribute with this name.
func (s DatasetSpec) Attribute(name string) (Attribute, bool) {
	for _, a := range s.Attributes {
		if a.Name == name {
			return a, true
		}
	}
	return Attribute{}, false
}

// OfType returns the names of the attributes of a type, in the order of the schema.
func (s DatasetSpec) OfType(attributeType string) []string {
	var out []string
	for _, a := range s.Attributes {
		if a.Type == attributeType {
			out = append(out, a.Name)
		}
	}
	return out
}

// Identifier returns the name of the column that identifies an item.
func (s DatasetSpec) Identifier() string { return domains[s.Domain].identifier }

// Target returns the name of the column that is forecast, "" unless the
// dataset is a target time series.
func (s DatasetSpec) Target() string {
	if s.Type != TargetTimeSeries {
		return ""
	}
	return domains[s.Domain].target
}

// Dimensions returns the columns of a target time series that may be forecast
// dimensions: all but the identifier, the timestamp and the target.
func (s DatasetSpec) Dimensions() []string {
	var out []string
	for _, a := range s.Attributes {
		if s.Type == TargetTimeSeries && a.Name != s.Identifier() && a.Name != timestampName && a.Name != s.Target() {
			out = append(out, a.Name)
		}
	}
	return out
}
