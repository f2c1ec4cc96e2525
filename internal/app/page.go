package app

import (
	"html/template"
	"net/http"
)

// page is what a person sees who opens the address in a browser.
var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Almanac</title>
<style>
:root{color-scheme:light dark}
body{font:16px/1.6 system-ui,sans-serif;max-width:42rem;margin:4rem auto;padding:0 1.25rem}
h1{font-weight:600;letter-spacing:-.02em;margin-bottom:.25rem}
pre{padding:1rem;border-radius:.5rem;overflow-x:auto;background:color-mix(in srgb,currentColor 8%,transparent)}
code{font:14px/1.5 ui-monospace,monospace}
p.sub{margin-top:0;opacity:.7}
</style></head><body>
<h1>Almanac</h1>
<p class="sub">Version {{.Version}}{{with .Commit}}, commit {{.}}{{end}} · up and answering</p>
<p>This address speaks the Amazon Forecast API. Point an AWS SDK or the AWS CLI at it:</p>
<pre><code>export AWS_ENDPOINT_URL={{.URL}}
export AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any
aws forecast list-dataset-groups{{if .Buckets}}
aws s3 mb s3://my-bucket{{end}}</code></pre>
<p>{{if .Open}}No access key has been made yet, so any key pair is accepted, from this machine only.
Make one with <code>almanac keys add</code>.{{else}}Requests must be signed with a key made by <code>almanac keys add</code>.{{end}}</p>
<p>For machines: <a href="/healthz">/healthz</a> · <a href="/readyz">/readyz</a> · <a href="/metrics">/metrics</a></p>
</body></html>
`))

// pageData fills the page.
type pageData struct {
	Version, Commit, URL string
	Buckets, Open        bool
}

// writePage answers with the page, or with plain text where no HTML is wanted.
func writePage(w http.ResponseWriter, d pageData) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_ = page.Execute(w, d) // an error here is a caller that went away
}
