package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store/storetest"
	"github.com/almanac-forecast/almanac/internal/token"
	"github.com/almanac-forecast/almanac/internal/wire/api"
	"github.com/almanac-forecast/almanac/internal/wire/service"
)

// BenchmarkListDatasetImportJobs lists pages of 100,000 import jobs of 100
// datasets in SQLite: the first page, one in the middle and the last, with each
// filter. Decoding and encoding are part of it, HTTP and signatures are not.
func BenchmarkListDatasetImportJobs(b *testing.B) {
	const datasets, perDataset = 100, 1000
	db := storetest.Open(b)
	seed(b, db, datasets, perDataset)
	c := &clock{time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)}
	server := service.New(service.Config{
		Resources: resource.NewService(resource.Config{Store: db, Clock: c}),
		Tokens:    token.Codec{Key: make([]byte, 32), Clock: c},
		Caller: func(context.Context) resource.Caller {
			return resource.Caller{Partition: "aws", Account: account, Region: "us-east-1"}
		},
	})
	entry, _ := api.Lookup("AmazonForecast.ListDatasetImportJobs")
	list := func(b *testing.B, body string) (rows int, next string) {
		b.Helper()
		req, err := entry.Decode([]byte(body))
		if err != nil {
			b.Fatal(err)
		}
		out, err := entry.Call(b.Context(), server, req)
		if err != nil {
			b.Fatal(err)
		}
		if len(api.Append(nil, out)) == 0 {
			b.Fatal("an empty answer")
		}
		page, _ := out.(*api.ListDatasetImportJobsResponse)
		return len(page.DatasetImportJobs), api.Value(page.NextToken)
	}
	filters := map[string]string{
		"all":        ``,
		"dataset":    `{"Key":"DatasetArn","Condition":"IS","Value":"` + prefix + `dataset/d7"}`,
		"notDataset": `{"Key":"DatasetArn","Condition":"IS_NOT","Value":"` + prefix + `dataset/d7"}`,
		"rare":       `{"Key":"Status","Condition":"IS","Value":"CREATE_STOPPED"}`,
		"common":     `{"Key":"Status","Condition":"IS","Value":"ACTIVE"}`,
		"notCommon":  `{"Key":"Status","Condition":"IS_NOT","Value":"ACTIVE"}`,
		"both":       `{"Key":"DatasetArn","Condition":"IS","Value":"` + prefix + `dataset/d7"},{"Key":"Status","Condition":"IS","Value":"CREATE_FAILED"}`,
		"notBoth":    `{"Key":"DatasetArn","Condition":"IS_NOT","Value":"` + prefix + `dataset/d7"},{"Key":"Status","Condition":"IS_NOT","Value":"ACTIVE"}`,
		"none":       `{"Key":"DatasetArn","Condition":"IS","Value":"banana"}`,
	}
	for _, name := range slices.Sorted(maps.Keys(filters)) {
		tokens := []string{""}
		for next, pages := "", 0; ; pages++ {
			rows, after := list(b, request(filters[name], next))
			if rows > 100 {
				b.Fatalf("a page of %d", rows)
			}
			if next = after; next == "" {
				break
			}
			tokens = append(tokens, next)
		}
		places := map[string]string{"first": tokens[0], "middle": tokens[len(tokens)/2], "last": tokens[len(tokens)-1]}
		for _, place := range []string{"first", "middle", "last"} {
			b.Run(name+"/"+place, func(b *testing.B) {
				took := make([]time.Duration, 0, b.N)
				body := request(filters[name], places[place])
				for b.Loop() {
					start := time.Now()
					list(b, body)
					took = append(took, time.Since(start))
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)*99/100])/1e6, "p99-ms")
			})
		}
	}
}

func request(filters, next string) string {
	var parts []string
	if filters != "" {
		parts = append(parts, `"Filters":[`+filters+`]`)
	}
	if next != "" {
		parts = append(parts, `"NextToken":"`+next+`"`)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// seed writes import jobs straight into the store.
func seed(b *testing.B, db resource.Store, datasets, perDataset int) {
	b.Helper()
	start := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	for d := range datasets {
		err := db.Update(b.Context(), func(tx resource.Tx) error {
			for j := range perDataset {
				n := j*datasets + d // the jobs of the datasets take turns
				status := resource.Active
				switch {
				case n%10_000 == 17:
					status = resource.CreateStopped
				case n%20 == 3:
					status = resource.CreateFailed
				}
				parent := fmt.Sprintf("%sdataset/d%d", prefix, d)
				spec, err := json.Marshal(resource.ImportJobSpec{Dataset: parent, Source: resource.Location{Path: "s3://bucket/data.csv", RoleARN: role}, ImportMode: "FULL"})
				if err != nil {
					return err
				}
				at := start.Add(time.Duration(n) * time.Second)
				err = tx.Insert(b.Context(), resource.Row{
					ARN: fmt.Sprintf("%sdataset-import-job/d%d/job%d", prefix, d, j), Kind: resource.KindImportJob,
					Account: account, Region: "us-east-1", Name: fmt.Sprintf("job%d", j), Scope: parent, Parent: parent,
					Status: status, Created: at, Modified: at, Spec: string(spec),
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
