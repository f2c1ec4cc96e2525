package sigv4

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm   = "AWS4-HMAC-SHA256"
	terminator  = "aws4_request"
	basicFormat = "20060102T150405Z"
	dayFormat   = "20060102"
	// maxExpires is how long a presigned request may be good for: a week.
	maxExpires = 7 * 24 * 60 * 60
)

// scope is the credential scope of a signature with the key it is bound to.
type scope struct{ accessKey, day, region, service string }

// String returns the scope as it is signed, without the key.
func (s scope) String() string {
	return strings.Join([]string{s.day, s.region, s.service, terminator}, "/")
}

// authorization is what a request says about its signature.
type authorization struct {
	scope     scope
	headers   []string // names of the signed headers, lower case, sorted
	signature string
	date      time.Time
	token     string
	presigned bool
	expires   time.Duration // of a presigned request
	version2  bool          // signed with Signature Version 2: only the key is known
}

// parse reads the authorization of a request, from its header or its query.
func parse(r *http.Request) (*authorization, error) {
	query := parseQuery(r.URL.RawQuery)
	header := r.Header.Values("Authorization")
	_, presigned := query.get("X-Amz-Algorithm")
	if !presigned {
		_, presigned = query.get("X-Amz-Signature")
	}
	if a := parseVersion2(header, query); a != nil && !presigned {
		return a, nil
	}
	switch {
	case len(header) == 0 && presigned:
		return parsePresigned(query)
	case len(header) == 0:
		return nil, &Error{Reason: Missing, Message: "Missing Authentication Token"}
	case len(header) > 1 || presigned:
		return nil, &Error{Reason: Malformed, Message: "The request has more than one authorization: one 'Authorization' header or the 'X-Amz-' query parameters are wanted."}
	}
	return parseHeader(r, header[0])
}

// parseVersion2 recognises a request signed with Signature Version 2, which
// boto3 still uses to presign S3 requests unless told otherwise; nil if it is
// none. Such a signature names no region.
func parseVersion2(header []string, query params) *authorization {
	var key string
	if len(header) == 1 {
		rest, ok := strings.CutPrefix(header[0], "AWS ")
		if !ok {
			return nil
		}
		key, _, _ = strings.Cut(rest, ":")
	} else if _, signed := query.get("Signature"); signed && len(header) == 0 {
		key, _ = query.get("AWSAccessKeyId")
	}
	if key == "" {
		return nil
	}
	return &authorization{version2: true, scope: scope{accessKey: key, region: "us-east-1", service: "s3"}}
}

func parseHeader(r *http.Request, header string) (*authorization, error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	if name != algorithm {
		return nil, failf(Malformed, "Unsupported AWS 'algorithm': '%s'. Only %s is supported.", name, algorithm)
	}
	fields := map[string]string{}
	for field := range strings.SplitSeq(rest, ",") {
		key, value, ok := strings.Cut(strings.TrimSpace(field), "=")
		if _, twice := fields[key]; !ok || twice {
			return nil, failf(Malformed, "'%s' not a valid key=value pair (missing equal-sign or given twice) in Authorization header: '%s'.", strings.TrimSpace(field), header)
		}
		fields[key] = value
	}
	var faults []string
	for _, key := range []string{"Credential", "Signature", "SignedHeaders"} {
		if fields[key] == "" {
			faults = append(faults, "Authorization header requires '"+key+"' parameter.")
		}
	}
	date := r.Header.Get("X-Amz-Date")
	if date == "" {
		date = r.Header.Get("Date")
	}
	if date == "" {
		faults = append(faults, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	if faults != nil {
		return nil, failf(Malformed, "%s Authorization=%s", strings.Join(faults, " "), name)
	}
	a := &authorization{signature: fields["Signature"], token: r.Header.Get("X-Amz-Security-Token")}
	return a, a.read(fields["Credential"], fields["SignedHeaders"], date)
}

func parsePresigned(query params) (*authorization, error) {
	var faults []string
	value := func(key string) string {
		v, ok := query.get(key)
		if !ok || v == "" {
			faults = append(faults, "AWS query-string parameters must include '"+key+"'.")
		}
		return v
	}
	name, credential, date := value("X-Amz-Algorithm"), value("X-Amz-Credential"), value("X-Amz-Date")
	expires, headers, signature := value("X-Amz-Expires"), value("X-Amz-SignedHeaders"), value("X-Amz-Signature")
	token, _ := query.get("X-Amz-Security-Token")
	if faults != nil {
		return nil, failf(Malformed, "%s Re-examine the query-string parameters.", strings.Join(faults, " "))
	}
	if name != algorithm {
		return nil, failf(Malformed, "Unsupported AWS 'algorithm': '%s'. Only %s is supported.", name, algorithm)
	}
	seconds, err := strconv.Atoi(expires)
	if err != nil || seconds < 1 || seconds > maxExpires {
		return nil, failf(Malformed, "X-Amz-Expires must be a number of seconds from 1 to %d, not '%s'.", maxExpires, expires)
	}
	a := &authorization{signature: signature, token: token, presigned: true, expires: time.Duration(seconds) * time.Second}
	return a, a.read(credential, headers, date)
}

// read parses the parts that both forms have.
func (a *authorization) read(credential, headers, date string) error {
	parts := strings.Split(credential, "/")
	if len(parts) != 5 || slices.Contains(parts, "") {
		return failf(Malformed, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '%s'", credential)
	}
	a.scope = scope{accessKey: parts[0], day: parts[1], region: parts[2], service: parts[3]}
	if parts[4] != terminator {
		return failf(Malformed, "Credential should be scoped with a valid terminator: '%s', not '%s'.", terminator, parts[4])
	}
	if !label(a.scope.region) {
		return failf(Malformed, "Credential should be scoped to a valid region, not '%s'.", a.scope.region)
	}
	if len(a.scope.accessKey) > 128 {
		return failf(Malformed, "Credential has an access key of %d characters; 128 are allowed", len(a.scope.accessKey))
	}
	a.headers = strings.Split(strings.ToLower(headers), ";")
	if slices.Contains(a.headers, "") {
		return failf(Malformed, "SignedHeaders must be header names separated by semicolons, got '%s'", headers)
	}
	slices.Sort(a.headers)
	var err error
	if a.date, err = parseDate(date); err != nil {
		return failf(Malformed, "Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601", date)
	}
	return nil
}

// parseDate reads X-Amz-Date, or a Date header in the form of HTTP.
func parseDate(text string) (time.Time, error) {
	if t, err := time.Parse(basicFormat, text); err == nil {
		return t, nil
	}
	t, err := http.ParseTime(text)
	return t.UTC(), err
}

// label says whether a region could be a region: it goes into ARNs.
func label(s string) bool {
	if s == "" || len(s) > 32 {
		return false
	}
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// param is one parameter of a query, decoded.
type param struct{ key, value string }

type params []param

// parseQuery splits a query. Unlike the standard library it knows no
// semicolons, keeps the parameters in their order, and takes an escape that is
// none for text.
func parseQuery(raw string) params {
	var out params
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		out = append(out, param{unescape(key), unescape(value)})
	}
	return out
}

func (p params) get(key string) (string, bool) {
	for _, x := range p {
		if x.key == key {
			return x.value, true
		}
	}
	return "", false
}

func unescape(s string) string {
	t, err := url.QueryUnescape(s)
	if err != nil {
		return s
	}
	return t
}
