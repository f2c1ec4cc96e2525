package s3api

import "net/http"

// subresources are the parameters of a query that name what is asked for, in
// the order in which they count.
var subresources = []string{
	"uploadId", "uploads", "delete", "list-type", "versions", "acl", "policyStatus", "policy", "tagging", "location", "attributes",
	"publicAccessBlock", "ownershipControls", "versioning", "encryption", "cors", "lifecycle", "website", "replication", "object-lock",
	"logging", "notification", "accelerate", "requestPayment", "analytics", "inventory", "metrics", "intelligent-tiering", "legal-hold",
	"retention", "restore", "select", "torrent", "append", "renameObject",
}

// subresource returns the one that the request names, empty if none.
func (c *call) subresource() string {
	for _, name := range subresources {
		if c.query.Has(name) {
			return name
		}
	}
	return ""
}

type handler func(*call) error

// bucketRoutes and objectRoutes: method and subresource to handler.
var bucketRoutes = map[string]handler{
	"GET":                 (*call).listObjects,
	"GET list-type":       (*call).listObjects,
	"GET versions":        (*call).listVersions,
	"GET uploads":         (*call).listUploads,
	"GET location":        (*call).getLocation,
	"GET acl":             (*call).getACL,
	"GET policyStatus":    (*call).getPolicyStatus,
	"HEAD":                (*call).headBucket,
	"PUT":                 (*call).createBucket,
	"PUT acl":             (*call).putACL,
	"DELETE":              (*call).deleteBucket,
	"POST delete":         (*call).deleteObjects,
	"DELETE uploads":      nil,
	"DELETE versions":     nil,
	"DELETE acl":          nil,
	"DELETE location":     nil,
	"DELETE policyStatus": nil,
}

var objectRoutes = map[string]handler{
	"GET":             (*call).getObject,
	"HEAD":            (*call).getObject,
	"GET uploadId":    (*call).listParts,
	"GET acl":         (*call).getACL,
	"GET tagging":     (*call).getTags,
	"GET attributes":  (*call).getAttributes,
	"PUT":             (*call).putOrCopy,
	"PUT uploadId":    (*call).uploadPart,
	"PUT acl":         (*call).putObjectACL,
	"PUT tagging":     (*call).putTags,
	"POST uploads":    (*call).createUpload,
	"POST uploadId":   (*call).completeUpload,
	"DELETE":          (*call).deleteObject,
	"DELETE uploadId": (*call).abortUpload,
	"DELETE tagging":  (*call).deleteTags,
}

// route returns the request's handler, nil for a method that S3 has not.
func (c *call) route() handler {
	name := c.r.Method
	sub := c.subresource()
	if sub != "" {
		name += " " + sub
	}
	routes := objectRoutes
	if c.key == "" {
		routes = bucketRoutes
	}
	if h, known := routes[name]; known {
		return h
	}
	_, isKept := keptSettings[sub]
	_, isAbsent := absentSettings[sub]
	_, isEmpty := emptySettings[sub]
	if c.key == "" && (isKept || isAbsent || isEmpty) {
		switch c.r.Method {
		case http.MethodGet:
			return (*call).getSetting
		case http.MethodPut:
			return (*call).putSetting
		case http.MethodDelete:
			return (*call).deleteSetting
		}
	}
	switch {
	case sub != "":
		return func(*call) error { return notImplemented("The operation " + name) }
	case c.r.Method == http.MethodPost && c.key == "":
		return func(*call) error { return notImplemented("An upload by a form") }
	}
	return nil
}

func (c *call) putOrCopy() error {
	if c.r.Header.Get("X-Amz-Copy-Source") != "" {
		return c.copyObject()
	}
	return c.putObject()
}

func (c *call) putObjectACL() error {
	if _, err := c.store.Stat(c.ctx, c.key); err != nil {
		return missingKey(err)
	}
	return c.putACL()
}
