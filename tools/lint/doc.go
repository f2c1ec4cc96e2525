// Package lint pins the linter. It is a module of its own because its
// dependencies and those of the other tools want different versions.
package lint
