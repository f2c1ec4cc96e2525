package main

// The model files of the SDK are read from the module cache; importing one of
// its packages, a small one, keeps the module in go.mod.
import _ "github.com/aws/aws-sdk-go/aws/arn" //nolint:staticcheck // no longer developed, which suits a pinned model
