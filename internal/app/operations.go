package app

import (
	"reflect"

	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// operations are the names of all operations of the API.
var operations = func() map[string]bool {
	t := reflect.TypeFor[api.Service]()
	names := make(map[string]bool, t.NumMethod())
	for m := range t.Methods() {
		names[m.Name] = true
	}
	return names
}()

func isOperation(name string) bool { return operations[name] }
