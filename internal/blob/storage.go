package blob

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
)

// The kinds of storage a [Config] can ask for.
const (
	KindFolder = "folder"
	KindS3     = "s3"
	KindMemory = "memory"
)

// Config says where objects are kept. The zero value is a folder in the
// working directory.
type Config struct {
	Kind string // of the users' buckets: "folder" (default), "s3", or "memory" for tests
	Root string // the data folder (default "."): users' buckets in buckets/, the service's own files in store/
	S3   S3     // for kind "s3"
}

// S3 is the part of [Config] for Amazon S3 and what speaks its API.
type S3 struct {
	Endpoint  string // URL; empty is Amazon's, or what AWS_ENDPOINT_URL_S3 says
	Region    string // default: AWS_REGION, the shared configuration, us-east-1
	PathStyle bool   // http://host/bucket/key in place of http://bucket.host/key

	AccessKey    string // empty: Amazon's usual chain (environment, shared files, container, instance)
	SecretKey    string
	SessionToken string

	AssumeRole  bool   // take the request's role through STS before touching a user's bucket
	STSEndpoint string // URL; empty is Amazon's
	ExternalID  string // passed on when a role is taken; may be empty

	Bucket    string // keeps the service's own files; empty keeps them in the data folder
	Prefix    string // before the keys of the service's own files
	KMSKeyARN string // encrypts the service's own files; may be empty
}

func (c Config) withDefaults() Config {
	if c.Kind == "" {
		c.Kind = KindFolder
	}
	if c.Root == "" {
		c.Root = "."
	}
	if c.S3.Prefix != "" && !strings.HasSuffix(c.S3.Prefix, "/") {
		c.S3.Prefix += "/"
	}
	return c
}

func (c Config) validate() error {
	switch c.Kind {
	case KindFolder, KindS3, KindMemory:
	default:
		return fmt.Errorf("storage kind %q is unknown: use %q or %q", c.Kind, KindFolder, KindS3)
	}
	if (c.S3.AccessKey == "") != (c.S3.SecretKey == "") {
		return errors.New("the S3 access key and secret key must be given together, or neither of them")
	}
	return nil
}

// Storage is the object storage of one process. It is safe for concurrent use.
type Storage struct {
	own     Bucket
	folders *Folders // kind "folder"
	access  Access
}

// Open makes the storage that the Config describes. For S3 no request is made
// yet.
func Open(ctx context.Context, c Config) (*Storage, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, err
	}
	s := &Storage{}
	var cloud *s3Access
	var err error
	switch c.Kind {
	case KindMemory:
		return &Storage{own: NewMemory(), access: &memoryAccess{buckets: map[string]Bucket{}}}, nil
	case KindS3:
		if cloud, err = newS3(ctx, c.S3); err != nil {
			return nil, err
		}
		s.access = cloud
	case KindFolder:
		if s.folders, err = NewFolders(filepath.Join(c.Root, "buckets")); err != nil {
			return nil, err
		}
		s.access = s.folders
	}
	if cloud != nil && c.S3.Bucket != "" {
		if s.own, err = cloud.own(ctx); err != nil {
			return nil, err
		}
		s.own = WithPrefix(s.own, c.S3.Prefix)
		return s, nil
	}
	s.own, err = NewFolder(filepath.Join(c.Root, "store"))
	return s, err
}

// Own returns the bucket of the service's own files.
func (s *Storage) Own() Bucket { return s.own }

// Open implements [Access] for the users' buckets.
func (s *Storage) Open(ctx context.Context, loc Location) (Bucket, string, error) {
	return s.access.Open(ctx, loc)
}

// Folders returns the local buckets, nil where the users' buckets are not
// folders.
func (s *Storage) Folders() *Folders { return s.folders }

// ParsePath takes s3://bucket/key apart. The key may be empty.
func ParsePath(path string) (bucket, key string, err error) {
	rest, ok := strings.CutPrefix(path, "s3://")
	if !ok {
		return "", "", fmt.Errorf("%w: the path %q does not begin with s3://", ErrInvalidKey, path)
	}
	bucket, key, _ = strings.Cut(rest, "/")
	if err := CheckBucketName(bucket); err != nil {
		return "", "", fmt.Errorf("the path %q: %w", path, err)
	}
	return bucket, key, nil
}

// CheckBucketName applies S3's rules for the names of buckets.
func CheckBucketName(name string) error {
	ok := len(name) >= 3 && len(name) <= 63 && !strings.Contains(name, "..")
	for i := range len(name) {
		c := name[i]
		alnum := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		inner := i > 0 && i < len(name)-1 && (c == '-' || c == '.')
		ok = ok && (alnum || inner)
	}
	if !ok {
		return fmt.Errorf("%w: %q cannot name a bucket: use 3 to 63 lower-case letters, digits, hyphens and single dots, "+
			"with a letter or digit at both ends", ErrInvalidKey, name)
	}
	return nil
}

// memoryAccess gives every name a bucket of its own, empty at first.
type memoryAccess struct {
	mu      sync.Mutex
	buckets map[string]Bucket
}

func (m *memoryAccess) Open(_ context.Context, loc Location) (Bucket, string, error) {
	bucket, key, err := ParsePath(loc.Path)
	if err != nil {
		return nil, "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.buckets[bucket] == nil {
		m.buckets[bucket] = NewMemory()
	}
	return m.buckets[bucket], key, nil
}
