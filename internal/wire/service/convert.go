package service

import (
	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/wire/api"
)

func tagsIn(tags []api.Tag) []resource.Tag {
	var out []resource.Tag
	for _, t := range tags {
		out = append(out, resource.Tag{Key: api.Value(t.Key), Value: api.Value(t.Value)})
	}
	return out
}

func encryptionIn(e *api.EncryptionConfig) *resource.Encryption {
	if e == nil {
		return nil
	}
	return &resource.Encryption{RoleARN: api.Value(e.RoleArn), KMSKeyARN: api.Value(e.KMSKeyArn)}
}

func encryptionOut(e *resource.Encryption) *api.EncryptionConfig {
	if e == nil {
		return nil
	}
	return &api.EncryptionConfig{RoleArn: new(e.RoleARN), KMSKeyArn: new(e.KMSKeyARN)}
}

func schemaIn(s *api.Schema) []resource.Attribute {
	if s == nil {
		return nil
	}
	var out []resource.Attribute
	for _, a := range s.Attributes {
		out = append(out, resource.Attribute{Name: api.Value(a.AttributeName), Type: text(a.AttributeType)})
	}
	return out
}

func schemaOut(attributes []resource.Attribute) *api.Schema {
	s := &api.Schema{Attributes: []api.SchemaAttribute{}}
	for _, a := range attributes {
		s.Attributes = append(s.Attributes, api.SchemaAttribute{
			AttributeName: new(a.Name), AttributeType: word[api.AttributeType](a.Type),
		})
	}
	return s
}

func locationIn(c *api.S3Config) resource.Location {
	if c == nil {
		return resource.Location{}
	}
	return resource.Location{Path: api.Value(c.Path), RoleARN: api.Value(c.RoleArn), KMSKeyARN: api.Value(c.KMSKeyArn)}
}

func locationOut(l resource.Location) *api.S3Config {
	return &api.S3Config{Path: filled(&l.Path), RoleArn: filled(&l.RoleARN), KMSKeyArn: filled(&l.KMSKeyARN)}
}

func sourceIn(s *api.DataSource) resource.Location {
	if s == nil {
		return resource.Location{}
	}
	return locationIn(s.S3Config)
}

func sourceOut(l resource.Location) *api.DataSource { return &api.DataSource{S3Config: locationOut(l)} }

func destinationIn(d *api.DataDestination) resource.Location {
	if d == nil {
		return resource.Location{}
	}
	return locationIn(d.S3Config)
}

func destinationOut(l resource.Location) *api.DataDestination {
	return &api.DataDestination{S3Config: locationOut(l)}
}
