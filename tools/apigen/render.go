package main

import (
	"bytes"
	"embed"
	"fmt"
	"go/format"
	"strconv"
	"strings"
	"text/template"
)

//go:embed templates/*.tmpl
var templates embed.FS

// File is one generated file.
type File struct {
	Name string
	Text []byte
}

func render(view *View) ([]File, error) {
	funcs := template.FuncMap{
		"lower": lowerFirst,
		"quote": func(s string) string {
			if strings.Contains(s, "`") {
				return fmt.Sprintf("%q", s)
			}
			return "`" + s + "`"
		},
		"bound": func(n *int64) string {
			if n == nil {
				return "none"
			}
			return strconv.FormatInt(*n, 10)
		},
		"words": words,
	}
	t, err := template.New("").Funcs(funcs).ParseFS(templates, "templates/*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("parse the templates: %w", err)
	}
	var files []File
	for _, name := range []string{"types", "enums", "decode", "encode", "validate", "operations", "errors"} {
		var buf bytes.Buffer
		if err := t.ExecuteTemplate(&buf, name+".tmpl", view); err != nil {
			return nil, fmt.Errorf("run the template %s: %w", name, err)
		}
		text, err := format.Source(buf.Bytes())
		if err != nil {
			return nil, fmt.Errorf("format %s: %w\n%s", name, err, buf.Bytes())
		}
		files = append(files, File{Name: name + "_gen.go", Text: text})
	}
	return files, nil
}

// words says in English what a structure is for, from its name.
func words(name string) string {
	switch {
	case strings.HasSuffix(name, "Request"):
		return "is the input of " + strings.TrimSuffix(name, "Request") + "."
	case strings.HasSuffix(name, "Response"):
		return "is the output of " + strings.TrimSuffix(name, "Response") + "."
	case strings.HasSuffix(name, "Summary"):
		return "is an element of a list in the API model."
	}
	return "is the structure of that name in the API model."
}
