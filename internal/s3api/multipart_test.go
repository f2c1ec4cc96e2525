package s3api_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// parts uploads an object in two parts.
func (w *world) parts(key string, algorithm types.ChecksumAlgorithm, kind types.ChecksumType) *s3.CompleteMultipartUploadOutput {
	w.t.Helper()
	bucket := aws.String("bucket")
	up, err := w.client.CreateMultipartUpload(w.t.Context(), &s3.CreateMultipartUploadInput{Bucket: bucket, Key: &key, ChecksumAlgorithm: algorithm, ChecksumType: kind})
	if err != nil {
		w.t.Fatal(err)
	}
	var done types.CompletedMultipartUpload
	for i, body := range []string{strings.Repeat("first", 1<<20+1), "second"} {
		n := aws.Int32(int32(i + 1))
		out, err := w.client.UploadPart(w.t.Context(), &s3.UploadPartInput{
			Bucket: bucket, Key: &key, UploadId: up.UploadId, PartNumber: n, Body: strings.NewReader(body), ChecksumAlgorithm: algorithm,
		})
		if err != nil {
			w.t.Fatal(err)
		}
		done.Parts = append(done.Parts, types.CompletedPart{
			PartNumber: n, ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32, ChecksumCRC64NVME: out.ChecksumCRC64NVME, ChecksumSHA256: out.ChecksumSHA256,
		})
	}
	out, err := w.client.CompleteMultipartUpload(w.t.Context(), &s3.CompleteMultipartUploadInput{Bucket: bucket, Key: &key, UploadId: up.UploadId, MultipartUpload: &done})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func TestParts(t *testing.T) {
	w := newWorld(t)
	w.parts("k", "", "")
	head, err := w.client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("bucket"), Key: aws.String("k"), PartNumber: aws.Int32(2)})
	if err != nil || aws.ToInt32(head.PartsCount) != 2 || aws.ToInt64(head.ContentLength) != int64(len("second")) {
		t.Errorf("HEAD of part 2: %+v, %v", head, err)
	}
	if body, _ := w.get("k"); body != strings.Repeat("first", 1<<20+1)+"second" {
		t.Errorf("the object has %d bytes", len(body))
	}
	if entries, err := os.ReadDir(filepath.Join(w.folders.Root(), ".almanac", "upload")); err == nil && len(entries) > 0 {
		t.Errorf("the parts are still there: %v", entries)
	}
	up, err := w.client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: aws.String("bucket"), Key: aws.String("small")})
	if err != nil {
		t.Fatal(err)
	}
	var parts []types.CompletedPart
	for _, n := range []int32{1, 2} {
		for _, body := range []string{"old", "small"} { // a part may be sent again
			out, err := w.client.UploadPart(t.Context(), &s3.UploadPartInput{
				Bucket: aws.String("bucket"), Key: aws.String("small"), UploadId: up.UploadId, PartNumber: &n, Body: strings.NewReader(body),
			})
			if err != nil {
				t.Fatal(err)
			}
			if body == "small" {
				parts = append(parts, types.CompletedPart{PartNumber: &n, ETag: out.ETag})
			}
		}
	}
	_, err = w.client.CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{
		Bucket: aws.String("bucket"), Key: aws.String("small"), UploadId: up.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	if code(err) != "EntityTooSmall" {
		t.Errorf("parts of 5 bytes: %v", err)
	}
}

// TestManyUploads: completing an upload locks the upload and the object; this
// once stood still where the two had the same lock.
func TestManyUploads(t *testing.T) {
	w := newWorld(t)
	var wait sync.WaitGroup
	for worker := range 8 {
		wait.Go(func() {
			for i := range 25 {
				if err := w.upload(fmt.Sprintf("k%d", (worker+i)%5)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
}

// upload uploads an object in one part.
func (w *world) upload(key string) error {
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	bucket, one := aws.String("bucket"), aws.Int32(1)
	up, err := w.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: &key})
	if err != nil {
		return err
	}
	out, err := w.client.UploadPart(ctx, &s3.UploadPartInput{Bucket: bucket, Key: &key, UploadId: up.UploadId, PartNumber: one, Body: strings.NewReader(key)})
	if err != nil {
		return err
	}
	_, err = w.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: bucket, Key: &key, UploadId: up.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{PartNumber: one, ETag: out.ETag}}},
	})
	return err
}
