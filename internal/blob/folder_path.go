package blob

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
)

// Keys and files.
//
// A key is stored under its own name: object a/b.csv is file b.csv in folder
// a, so that a file copied into a bucket's folder by hand is an object. Names
// that begin with ".almanac-" are ours and hold what a file system cannot:
//
//	.almanac-key-<enc>   a part of a key that is no usable file name: empty,
//	                     ".", "..", with a NUL byte, too long, or beginning
//	                     with .almanac- itself; percent-encoded
//	.almanac-part-<enc>  a folder: the beginning of an encoded name that is too
//	                     long for one file name; the next piece is inside it
//	.almanac-obj-<enc>   the object a, set aside because a is a folder now: in
//	                     S3 the keys a and a/b can exist together
//	.almanac-tmp         a folder: objects being written
//
// A key therefore never leads out of its bucket's folder, and every file that
// List shows maps back to exactly one key.
const (
	reserved  = ".almanac-"
	keyPrefix = reserved + "key-"
	prtPrefix = reserved + "part-"
	objPrefix = reserved + "obj-"
	tempName  = reserved + "tmp"
)

const (
	maxKey   = 1024 // bytes, as in S3
	maxName  = 240  // bytes of a file name; file systems allow 255
	maxChunk = 200  // encoded bytes after one of the prefixes
)

// checkKey says whether key can name an object at all.
func checkKey(key string) error {
	switch {
	case key == "":
		return fmt.Errorf("%w: the key is empty", ErrInvalidKey)
	case len(key) > maxKey:
		return fmt.Errorf("%w: the key has %d bytes, more than %d; it begins with %.40q", ErrInvalidKey, len(key), maxKey, key)
	}
	return nil
}

// usable says whether a part of a key can be a file name as it is.
func usable(part string) bool {
	return part != "" && part != "." && part != ".." && len(part) <= maxName &&
		!strings.HasPrefix(part, reserved) && !strings.ContainsRune(part, 0) &&
		!strings.ContainsRune(part, filepath.Separator)
}

// encodePart turns one part of a key into file names: the last one names the
// file or folder, those before it are folders. aside asks for the name of an
// object whose own name is taken by a folder.
func encodePart(part string, aside bool) []string {
	if !aside && usable(part) {
		return []string{part}
	}
	last := keyPrefix
	if aside {
		last = objPrefix
	}
	var names []string
	enc := percentEncode(part)
	for len(enc) > maxChunk {
		names = append(names, prtPrefix+enc[:maxChunk])
		enc = enc[maxChunk:]
	}
	return append(names, last+enc)
}

// keyPath returns the file of key's object relative to the bucket's folder.
func keyPath(key string, aside bool) string {
	parts := strings.Split(key, "/")
	var names []string
	for i, part := range parts {
		names = append(names, encodePart(part, aside && i == len(parts)-1)...)
	}
	return filepath.Join(names...)
}

const hexDigits = "0123456789ABCDEF"

// percentEncode keeps letters, digits, '-', '_' and inner '.'.
func percentEncode(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
	return b.String()
}

// percentDecode undoes percentEncode; ok is false for anything that
// percentEncode does not write.
func percentDecode(s string) (decoded string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		raw, err := hex.DecodeString(s[i+1 : i+3])
		if err != nil {
			return "", false
		}
		b.Write(raw)
		i += 2
	}
	decoded = b.String()
	return decoded, percentEncode(decoded) == s
}
