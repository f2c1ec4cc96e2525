package blob

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
	"gocloud.dev/blob/s3blob"
)

// s3Access opens buckets of one S3 service. Clients and their credentials are
// kept, one for each role.
type s3Access struct {
	conf   S3
	aws    aws.Config
	mu     sync.Mutex
	client map[string]*s3.Client // by role ARN; "" is the service's own credentials
}

func newS3(ctx context.Context, c S3) (*s3Access, error) {
	var options []func(*config.LoadOptions) error
	if c.Region != "" {
		options = append(options, config.WithRegion(c.Region))
	}
	if c.AccessKey != "" {
		options = append(options, config.WithCredentialsProvider(
			credentials.NewStaticCredentialsProvider(c.AccessKey, c.SecretKey, c.SessionToken)))
	}
	conf, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("read the AWS configuration for S3: %w", err)
	}
	if conf.Region == "" {
		conf.Region = "us-east-1"
	}
	// Stores other than Amazon's know the newer checksums only in part, and the
	// SDK complains about every range read of an object made of parts.
	conf.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
	conf.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	return &s3Access{conf: c, aws: conf, client: map[string]*s3.Client{}}, nil
}

// Open implements [Access].
func (a *s3Access) Open(ctx context.Context, loc Location) (Bucket, string, error) {
	name, key, err := ParsePath(loc.Path)
	if err != nil {
		return nil, "", err
	}
	role := loc.RoleARN
	if !a.conf.AssumeRole {
		role = ""
	}
	b, err := a.bucket(ctx, name, role, loc.KMSKeyARN)
	return b, key, err
}

func (a *s3Access) own(ctx context.Context) (Bucket, error) {
	if err := CheckBucketName(a.conf.Bucket); err != nil {
		return nil, fmt.Errorf("the bucket for the service's own files: %w", err)
	}
	return a.bucket(ctx, a.conf.Bucket, "", a.conf.KMSKeyARN)
}

func (a *s3Access) bucket(ctx context.Context, name, role, kmsKey string) (Bucket, error) {
	client := a.clientFor(role)
	options := &s3blob.Options{RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired}
	if kmsKey != "" {
		options.EncryptionType = types.ServerSideEncryptionAwsKms
		options.KMSEncryptionID = kmsKey
	}
	b, err := s3blob.OpenBucket(ctx, client, name, options)
	if err != nil {
		return nil, fmt.Errorf("open s3://%s: %w", name, err)
	}
	return &cloud{b: b, name: "s3://" + name, bucket: name, client: client}, nil
}

func (a *s3Access) clientFor(role string) *s3.Client {
	a.mu.Lock()
	defer a.mu.Unlock()
	if client := a.client[role]; client != nil {
		return client
	}
	conf := a.aws.Copy()
	if role != "" {
		service := sts.NewFromConfig(a.aws, func(o *sts.Options) {
			if a.conf.STSEndpoint != "" {
				o.BaseEndpoint = aws.String(a.conf.STSEndpoint)
			}
		})
		conf.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(service, role,
			func(o *stscreds.AssumeRoleOptions) {
				o.RoleSessionName = "almanac"
				if a.conf.ExternalID != "" {
					o.ExternalID = aws.String(a.conf.ExternalID)
				}
			}))
	}
	client := s3.NewFromConfig(conf, func(o *s3.Options) {
		o.UsePathStyle = a.conf.PathStyle
		if a.conf.Endpoint != "" {
			o.BaseEndpoint = aws.String(a.conf.Endpoint)
		}
		o.APIOptions = append(o.APIOptions, keepAborting)
	})
	a.client[role] = client
	return client
}

// keepAborting lets the SDK tidy up after an upload that was cancelled. It
// makes that request with the context whose end is the reason for it, so that
// without this the parts would stay in the bucket, out of sight and paid for.
func keepAborting(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("KeepAborting",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			if awsmiddleware.GetOperationName(ctx) == "AbortMultipartUpload" {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
				defer cancel()
			}
			return next.HandleInitialize(ctx, in)
		}), middleware.Before)
}
