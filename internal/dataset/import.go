package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"path"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// Import reads the source, checks every row against the schema, and writes the
// rows as sorted Parquet files under prefix of dst, manifest.json last.
//
// Errors that the owner of the data can mend are [ErrInput]; the first problems
// are named with file, line, field, value and reason. Nothing is readable under
// the prefix unless Import returns nil. progress, which may be nil, is told the
// work done and the total in bytes of the source; it is called by one goroutine
// at a time. When ctx ends, Import stops within milliseconds with its cause. Its
// temporary files are gone whenever it returns.
func Import(ctx context.Context, src Source, schema Schema, opt Options, dst blob.Bucket, prefix string, progress func(done, total int64)) (Summary, error) {
	opt = opt.withDefaults()
	l, err := newLayout(schema, opt)
	if err != nil {
		return Summary{}, err
	}
	im := &importer{layout: l, src: src, opt: opt, dst: dst, prefix: prefix, report: progress}
	if err := im.measure(); err != nil {
		return Summary{}, err
	}
	im.makeWorkers()
	defer im.close()
	if err := im.scan(ctx); err != nil {
		return Summary{}, err
	}
	return im.write(ctx)
}

// An importer is one import on its way.
type importer struct {
	layout     *layout
	src        Source
	opt        Options
	dst        blob.Bucket
	prefix     string
	partitions int
	bytes      int64
	workers    []*worker

	read   atomic.Int64 // bytes of the source
	mu     sync.Mutex   // guards report
	report func(done, total int64)
}

// partitionBytes is how much of a CSV source goes into a partition, about: small
// enough that a few fit into memory at once, sorted and unsorted.
const partitionBytes = 32 << 20

// mostPartitions bounds the number of files and of spill buffers.
const mostPartitions = 1024

// measure checks the limits and chooses the number of partitions.
func (im *importer) measure() error {
	work := int64(0)
	for _, o := range im.src.Objects {
		im.bytes += o.Size
		switch {
		case im.parquet(o.Key):
			work += 4 * o.Size // compressed, about
		case isGzip(o.Key):
			work += 6 * o.Size
		default:
			work += o.Size
		}
	}
	limits := im.opt.Limits
	if n := len(im.src.Objects); limits.Objects > 0 && n > limits.Objects {
		return &TooLarge{What: "objects", Count: int64(n), Limit: int64(limits.Objects), Path: im.src.path()}
	}
	if limits.Bytes > 0 && im.bytes > limits.Bytes {
		return &TooLarge{What: "bytes", Count: im.bytes, Limit: limits.Bytes, Path: im.src.path()}
	}
	im.partitions = im.opt.Partitions
	if im.partitions == 0 {
		n := min(max((work+partitionBytes-1)/partitionBytes, 1), mostPartitions)
		im.partitions = 1 << bits.Len64(uint64(n-1))
	}
	return nil
}

func (im *importer) parquet(key string) bool {
	switch im.opt.Format {
	case FormatParquet:
		return true
	case FormatCSV:
		return false
	}
	switch strings.ToLower(path.Ext(key)) {
	case ".parquet", ".parq", ".pqt":
		return true
	}
	return false
}

func isGzip(key string) bool { return strings.HasSuffix(strings.ToLower(key), ".gz") }

func (im *importer) fileName(file int) string { return im.src.name(im.src.Objects[file].Key) }

func (im *importer) makeWorkers() {
	for range im.opt.Workers {
		im.workers = append(im.workers, newWorker(im.layout, im.opt, im.partitions, im.fileName))
	}
}

func (im *importer) close() {
	for _, w := range im.workers {
		if w.file != nil {
			w.file.close()
		}
	}
}

// progress tells how far the import is: reading is half of it, writing the other.
func (im *importer) progress(written float64) {
	if im.report == nil {
		return
	}
	im.mu.Lock()
	defer im.mu.Unlock()
	read := min(im.read.Load(), im.bytes)
	im.report(read/2+int64(written*float64(im.bytes-im.bytes/2)), im.bytes)
}

// A task is a piece of the source for a worker.
type task struct {
	block *block
	group *parquetGroup
	bytes int64 // of the source, for the progress
}

// mostReaders is how many objects are read at once; on S3 each waits for its first byte.
const mostReaders = 8

// scan is the first pass: readers cut the files into tasks, workers do them.
func (im *importer) scan(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	tasks := make(chan task)
	free := &freeList{}
	readers := new(sync.WaitGroup)
	var next atomic.Int64
	for range min(mostReaders, max(len(im.src.Objects), 1)) {
		readers.Add(1)
		g.Go(func() error {
			defer readers.Done()
			for {
				file := int(next.Add(1) - 1)
				if file >= len(im.src.Objects) {
					return nil
				}
				if err := im.readFile(ctx, file, free, tasks); err != nil {
					return err
				}
			}
		})
	}
	g.Go(func() error {
		readers.Wait()
		close(tasks)
		return nil
	})
	for _, w := range im.workers {
		g.Go(func() error { return im.work(ctx, w, tasks, free) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return im.verdict()
}

// verdict is what the first pass ends with.
func (im *importer) verdict() error {
	bad := problems{limit: im.opt.MaxProblems}
	rows := int64(0)
	for _, w := range im.workers {
		bad.merge(&w.problems)
		rows += w.tally.rows
	}
	if err := bad.err(); err != nil {
		return err
	}
	if rows == 0 {
		return &NoRecords{Path: im.src.path()}
	}
	if limit := im.opt.Limits.Rows; limit > 0 && rows > limit {
		return &TooLarge{What: "rows", Count: rows, Limit: limit, Path: im.src.path()}
	}
	return nil
}

func (im *importer) work(ctx context.Context, w *worker, tasks <-chan task, free *freeList) error {
	for t := range tasks {
		if err := context.Cause(ctx); err != nil {
			if t.group != nil {
				t.group.file.open.Done()
			}
			return err
		}
		var err error
		if t.group != nil {
			err = w.parquet(ctx, t.group)
		} else {
			err = w.csv(t.block)
			if t.block.buf != nil {
				free.put(t.block.buf)
			}
		}
		if err != nil {
			return err
		}
		im.read.Add(t.bytes)
		im.progress(0)
	}
	return w.spill.flushAll()
}

func send(ctx context.Context, tasks chan<- task, t task) error {
	select {
	case tasks <- t:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// readFile cuts one object into tasks. Faults of the file as a whole become problems.
func (im *importer) readFile(ctx context.Context, file int, free *freeList, tasks chan<- task) error {
	o := im.src.Objects[file]
	if o.Size == 0 {
		return nil
	}
	if im.parquet(o.Key) {
		return im.readParquet(ctx, file, tasks)
	}
	body, err := im.src.Bucket.NewReader(ctx, o.Key, 0, -1)
	if err != nil {
		return im.missing(ctx, file, err, tasks)
	}
	defer body.Close()
	count := &countReader{r: body}
	in, isParquet, err := sniff(count)
	switch {
	case errors.As(err, &damaged{}) && count.n >= o.Size:
		return im.fileProblem(ctx, tasks, file, 0, "the file is damaged: "+err.Error())
	case err != nil:
		return fmt.Errorf("read %s: %w", im.fileName(file), err)
	case isParquet && im.opt.Format == FormatCSV:
		return im.fileProblem(ctx, tasks, file, 0, "the file is Parquet, not CSV; import it with Format PARQUET")
	case isParquet:
		return im.readParquet(ctx, file, tasks)
	}
	c := newCutter(in, file, im.opt.blockSize, free.get)
	for {
		before := count.n
		b, err := c.next(ctx)
		switch {
		case errors.Is(err, io.EOF) && count.n != o.Size:
			return fmt.Errorf("read %s: got %d of %d bytes; was it replaced?", im.fileName(file), count.n, o.Size)
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errRowTooLong):
			return im.fileProblem(ctx, tasks, file, c.line, "the row is longer than 16 MiB; is a quote (\") not closed?")
		case errors.Is(err, errUTF16):
			return im.fileProblem(ctx, tasks, file, 1, err.Error())
		case errors.As(err, &damaged{}) && count.n >= o.Size:
			return im.fileProblem(ctx, tasks, file, c.line, "the file is damaged: "+err.Error())
		case err != nil:
			return fmt.Errorf("read %s: %w", im.fileName(file), err)
		}
		if err := send(ctx, tasks, task{block: b, bytes: count.n - before}); err != nil {
			return err
		}
	}
}

// missing turns an object that is gone into a problem of the data.
func (im *importer) missing(ctx context.Context, file int, err error, tasks chan<- task) error {
	if errors.Is(err, blob.ErrNotFound) || errors.Is(err, blob.ErrNoBucket) {
		return im.fileProblem(ctx, tasks, file, 0, "the object does not exist")
	}
	return err
}

// fileProblem hands a fault of a whole file to a worker, in whose list it takes its place.
func (im *importer) fileProblem(ctx context.Context, tasks chan<- task, file int, line int64, reason string) error {
	return send(ctx, tasks, task{block: &block{seq: uint64(file) << 32, line: line, fault: reason}})
}

type countReader struct {
	r io.Reader
	n int64
}

func (c *countReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// A freeList keeps block buffers for reuse.
type freeList struct {
	mu   sync.Mutex
	list [][]byte
}

func (f *freeList) get(size int) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	for n := len(f.list); n > 0; n = len(f.list) {
		buf := f.list[n-1]
		f.list = f.list[:n-1]
		if cap(buf) >= size {
			return buf[:size]
		}
	}
	return make([]byte, size+size/16)
}

func (f *freeList) put(buf []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, buf)
}
