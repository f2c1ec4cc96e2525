package s3api

import (
	"crypto/md5"  //nolint:gosec // S3's ETag is an MD5 sum; nothing is secured by it
	"crypto/sha1" //nolint:gosec // one of S3's checksums; nothing is secured by it
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"slices"
	"strings"
)

// The checksums that S3 knows beside MD5, by their names in headers and XML.
var algorithms = map[string]func() hash.Hash{
	"CRC32":     func() hash.Hash { return crc32.NewIEEE() },
	"CRC32C":    func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
	"CRC64NVME": func() hash.Hash { return crc64.New(crc64.MakeTable(0x9a6c9329ac4bc9b5)) },
	"SHA1":      sha1.New,
	"SHA256":    sha256.New,
}

func checksumHeader(algorithm string) string { return "X-Amz-Checksum-" + algorithm }

// sums computes the sums of a body and compares them with those that the
// client sent, before the body or after it.
type sums struct {
	md5       hash.Hash
	wantMD5   string // base64; empty: not given
	algorithm string // empty: the client wants no checksum
	hash      hash.Hash
	want      string // base64; empty: not given, or in a trailer
	trailer   bool
}

func newSums(r *http.Request) (*sums, error) {
	s := &sums{md5: md5.New(), wantMD5: r.Header.Get("Content-Md5")} //nolint:gosec // see above
	if s.wantMD5 != "" {
		if raw, err := base64.StdEncoding.DecodeString(s.wantMD5); err != nil || len(raw) != md5.Size {
			return nil, failf(http.StatusBadRequest, "InvalidDigest", "The Content-MD5 you specified was invalid.")
		}
	}
	if err := s.choose(r.Header); err != nil {
		return nil, err
	}
	if s.algorithm != "" {
		s.hash = algorithms[s.algorithm]()
	}
	return s, nil
}

// choose finds the algorithm that the client uses. A name that we do not know
// is refused: taking the body unchecked would be a false promise.
func (s *sums) choose(h http.Header) error {
	var found []string
	for name := range h {
		if a, ok := strings.CutPrefix(strings.ToUpper(name), "X-AMZ-CHECKSUM-"); ok && !slices.Contains([]string{"ALGORITHM", "TYPE", "MODE"}, a) {
			found, s.want = append(found, a), h.Get(name)
		}
	}
	for _, list := range h.Values("X-Amz-Trailer") {
		for name := range strings.SplitSeq(list, ",") {
			if a, ok := strings.CutPrefix(strings.ToUpper(strings.TrimSpace(name)), "X-AMZ-CHECKSUM-"); ok {
				found, s.trailer = append(found, a), true
			}
		}
	}
	if len(found) == 0 {
		if a := strings.ToUpper(h.Get("X-Amz-Sdk-Checksum-Algorithm")); a != "" {
			found = append(found, a)
		}
	}
	switch {
	case len(found) == 0:
		return nil
	case len(found) > 1:
		return badRequest("Expecting a single x-amz-checksum- header. Multiple checksum types are not allowed.")
	case algorithms[found[0]] == nil:
		return badRequest("The checksum algorithm %s is not known here: use CRC32, CRC32C, CRC64NVME, SHA1 or SHA256.", found[0])
	}
	s.algorithm = found[0]
	if s.want != "" {
		if raw, err := base64.StdEncoding.DecodeString(s.want); err != nil || len(raw) != algorithms[s.algorithm]().Size() {
			return badRequest("Value for x-amz-checksum-%s header is invalid.", strings.ToLower(s.algorithm))
		}
	}
	return nil
}

// Write takes a piece of the body. It never fails.
func (s *sums) Write(p []byte) (int, error) {
	s.md5.Write(p)
	if s.hash != nil {
		s.hash.Write(p)
	}
	return len(p), nil
}

// verify compares, after the whole body has been read.
func (s *sums) verify(r *http.Request) error {
	if s.wantMD5 != "" && s.wantMD5 != base64.StdEncoding.EncodeToString(s.md5.Sum(nil)) {
		return errBadDigest
	}
	want := s.want
	if s.trailer {
		if want = r.Trailer.Get(checksumHeader(s.algorithm)); want == "" {
			return badRequest("The request announces a checksum in a trailing header and does not send it.")
		}
	}
	if want != "" && want != s.checksum() {
		return errBadDigest
	}
	return nil
}

func (s *sums) etag() string { return hex.EncodeToString(s.md5.Sum(nil)) }

// checksum returns the sum in base64, empty if none was asked for.
func (s *sums) checksum() string {
	if s.hash == nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(s.hash.Sum(nil))
}
