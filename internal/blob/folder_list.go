package blob

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// SkipTo is returned by the function given to [Scanner.Scan] to go on with the
// first key that is not less than it.
type SkipTo string //nolint:errname // like fs.SkipDir, a signal and not an error

// Error implements error, so that a SkipTo can be returned.
func (s SkipTo) Error() string { return "skip to " + string(s) }

// A Scanner is a [Bucket] that can begin a listing in the middle, and leap
// while listing, without visiting what it passes over.
type Scanner interface {
	// Scan is List of the keys that are not less than from.
	Scan(ctx context.Context, prefix, from string, f func(Object) error) error
}

// List implements [Bucket].
func (b *folder) List(ctx context.Context, prefix string, f func(Object) error) error {
	return b.Scan(ctx, prefix, "", f)
}

// Scan implements [Scanner].
func (b *folder) Scan(ctx context.Context, prefix, from string, f func(Object) error) error {
	root, err := os.Stat(b.root)
	if err != nil || !root.IsDir() {
		return b.check()
	}
	s := &scan{ctx: ctx, prefix: prefix, from: max(from, prefix), f: f, above: []fs.FileInfo{root}}
	err = s.folder(b.root, "")
	if errors.Is(err, Stop) {
		return nil
	}
	return err
}

type scan struct {
	ctx    context.Context //nolint:containedctx // lives as long as one call
	prefix string
	from   string
	f      func(Object) error
	above  []fs.FileInfo // the folders we are in, to notice links in a circle
}

// A node is an object or a folder, with the part of the key it stands for.
type node struct {
	order  string // the part, with a slash after it if it is a folder
	path   string
	folder bool
	aside  bool
}

// folder lists one folder, whose objects' keys begin with key.
func (s *scan) folder(dir, key string) error {
	if err := context.Cause(s.ctx); err != nil {
		return err
	}
	nodes, err := s.nodes(dir, "", key == "")
	if err != nil {
		return err
	}
	slices.SortFunc(nodes, func(a, b node) int {
		// The plain file of an object comes before the copy set aside.
		return cmp.Or(cmp.Compare(a.order, b.order), compareBool(a.aside, b.aside))
	})
	for i, n := range nodes {
		full := key + n.order
		switch {
		case i > 0 && nodes[i-1].order == n.order && !n.folder, !s.wanted(full, n.folder):
			continue
		case n.folder:
			err = s.descend(n.path, full)
		default:
			err = s.object(n.path, full)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// wanted says whether the object full, or any object in the folder full (which
// ends with a slash), belongs to the listing.
func (s *scan) wanted(full string, folder bool) bool {
	if !folder {
		return full >= s.from && strings.HasPrefix(full, s.prefix)
	}
	return (full >= s.from || strings.HasPrefix(s.from, full)) &&
		(strings.HasPrefix(full, s.prefix) || strings.HasPrefix(s.prefix, full))
}

func (s *scan) descend(path, full string) error {
	info, err := os.Stat(path)
	if err != nil || len(full) > maxKey {
		return nil //nolint:nilerr // removed meanwhile; or too deep to hold objects
	}
	if slices.ContainsFunc(s.above, func(a fs.FileInfo) bool { return os.SameFile(a, info) }) {
		return nil // a link that leads back up
	}
	s.above = append(s.above, info)
	err = s.folder(path, full)
	s.above = s.above[:len(s.above)-1]
	return err
}

func (s *scan) object(path, key string) error {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || len(key) > maxKey {
		return nil //nolint:nilerr // removed meanwhile
	}
	err = s.f(describe(key, info))
	if skip, ok := errors.AsType[SkipTo](err); ok {
		s.from = max(s.from, string(skip))
		return nil
	}
	return err
}

// nodes reads one folder. begun holds the pieces of a long name so far.
func (s *scan) nodes(dir, begun string, root bool) ([]node, error) {
	entries, err := os.ReadDir(dir)
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the folder %s: %w", dir, err)
	}
	var nodes []node
	for _, e := range entries {
		name, path := e.Name(), filepath.Join(dir, e.Name())
		isDir := e.IsDir()
		if e.Type()&fs.ModeSymlink != 0 {
			if info, err := os.Stat(path); err == nil {
				isDir = info.IsDir()
			}
		}
		if piece, ok := strings.CutPrefix(name, prtPrefix); ok && isDir {
			more, err := s.nodes(path, begun+piece, false)
			if err != nil {
				return nil, err
			}
			nodes = append(nodes, more...)
			continue
		}
		if root && name == tempName {
			continue
		}
		if part, aside, ok := decodeName(name, begun, isDir); ok {
			if isDir {
				part += "/"
			}
			nodes = append(nodes, node{order: part, path: path, folder: isDir, aside: aside})
		}
	}
	return nodes, nil
}

// decodeName is the inverse of encodePart for the last of its names. It
// refuses whatever encodePart does not write: such a file could be listed and
// then not be found.
func decodeName(name, begun string, isDir bool) (part string, aside, ok bool) {
	if enc, found := strings.CutPrefix(name, keyPrefix); found {
		part, ok = percentDecode(begun + enc)
		return part, false, ok && !usable(part) && properPiece(begun, enc)
	}
	if enc, found := strings.CutPrefix(name, objPrefix); found && !isDir {
		part, ok = percentDecode(begun + enc)
		return part, true, ok && properPiece(begun, enc)
	}
	return name, false, begun == "" && usable(name)
}

// properPiece says whether a long name was cut where encodePart cuts.
func properPiece(begun, enc string) bool {
	return len(begun)%maxChunk == 0 && len(enc) <= maxChunk && (enc != "" || begun == "")
}
