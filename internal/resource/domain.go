package resource

import "slices"

// Attribute types of a schema.
const (
	typeString      = "string"
	typeInteger     = "integer"
	typeFloat       = "float"
	typeTimestamp   = "timestamp"
	typeGeolocation = "geolocation"
)

// timestampName is the name that the time column of every dataset must have.
const timestampName = "timestamp"

// domain says which columns a domain prescribes (contract 3.1).
type domain struct {
	identifier string
	target     string
	dimensions []string // optional dimensions of target and related series
	related    []string // suggested features
	metadata   []string // suggested columns of item metadata
}

var domains = map[string]domain{
	"RETAIL":             {"item_id", "demand", []string{"location"}, []string{"price", "promotion_applied"}, []string{"category", "brand", "color", "genre"}},
	"CUSTOM":             {"item_id", "target_value", nil, nil, []string{"category"}},
	"INVENTORY_PLANNING": {"item_id", "demand", []string{"location"}, []string{"price"}, []string{"category", "brand", "lead_time", "order_cycle", "safety_stock"}},
	"EC2_CAPACITY":       {"instance_type", "number_of_instances", []string{"location"}, nil, nil},
	"WORK_FORCE":         {"workforce_type", "workforce_demand", []string{"location"}, nil, []string{"wages", "shift_length", "location"}},
	"WEB_TRAFFIC":        {"item_id", "value", nil, nil, []string{"category"}},
	"METRICS":            {"metric_name", "metric_value", nil, nil, []string{"category"}},
}

// IdentifierOf returns the column that identifies an item in the domain, "item_id" in most.
func IdentifierOf(domainName string) string { return domains[domainName].identifier }

// TargetOf returns the column that is forecast in the domain.
func TargetOf(domainName string) string { return domains[domainName].target }

// owns reports whether the domain itself gives the column its name, which
// makes a reserved word acceptable (WEB_TRAFFIC has a target named value).
func (d domain) owns(datasetType, name string) bool {
	own := []string{d.identifier}
	switch datasetType {
	case TargetTimeSeries:
		own = append(append(own, timestampName, d.target), d.dimensions...)
	case RelatedTimeSeries:
		own = append(append(append(own, timestampName), d.dimensions...), d.related...)
	case ItemMetadata:
		own = append(own, d.metadata...)
	}
	return slices.Contains(own, name)
}
