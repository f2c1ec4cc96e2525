package pretrain

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/almanac-forecast/almanac/forecast/zeroshot/internal/net"
)

// ErrCheckpoint means that a checkpoint is damaged or of another training.
var ErrCheckpoint = errors.New("pretrain: bad checkpoint")

const checkpointMagic = "ALMZSC\r\n" // a transfer as text would break the line's end

// identity says in words what a training is: whatever its weights depend on. Two
// trainings of one identity may go on from each other's checkpoints.
func (t *trainer) identity() string {
	without := slices.Sorted(slices.Values(t.Without))
	return fmt.Sprintf("format 2, features %d, simulator %d, seed %d, %d updates, without [%s], %d parameters",
		net.FeatureVersion, t.Simulator, t.Seed, t.updates(), strings.Join(without, " "), len(t.state.Params))
}

// checkpoint returns the state: the magic, the SHA-256 of the rest, the length of
// the identity and itself, the number of updates made, and the four vectors;
// little endian.
func (t *trainer) checkpoint() []byte {
	id := t.identity()
	body := binary.LittleEndian.AppendUint32(nil, uint32(len(id)))
	body = append(body, id...)
	body = binary.LittleEndian.AppendUint64(body, t.state.Updates)
	for _, v := range t.vectors() {
		body, _ = binary.Append(body, binary.LittleEndian, v) // numbers of fixed size
	}
	sum := sha256.Sum256(body)
	return slices.Concat([]byte(checkpointMagic), sum[:], body)
}

func (t *trainer) vectors() [][]float32 {
	return [][]float32{t.state.Params, t.state.Mean, t.state.First, t.state.Second}
}

// restore goes to the state of a checkpoint. Errors wrap [ErrCheckpoint].
func (t *trainer) restore(checkpoint []byte) error {
	rest, ok := bytes.CutPrefix(checkpoint, []byte(checkpointMagic))
	if !ok || len(rest) < sha256.Size+4 {
		return fmt.Errorf("%w: %d bytes that do not begin as a checkpoint does", ErrCheckpoint, len(checkpoint))
	}
	sum, body := [sha256.Size]byte(rest), rest[sha256.Size:]
	if got := sha256.Sum256(body); got != sum {
		return fmt.Errorf("%w: the checksum of %d bytes is %x, the file says %x: it is damaged or cut short", ErrCheckpoint, len(body), got, sum)
	}
	n, body := binary.LittleEndian.Uint32(body), body[4:]
	id, body := body[:min(int(n), len(body))], body[min(int(n), len(body)):]
	if want := t.identity(); string(id) != want {
		return fmt.Errorf("%w: it is of a training with %s; this one has %s", ErrCheckpoint, id, want)
	}
	if want := 8 + 16*len(t.state.Params); len(body) != want {
		return fmt.Errorf("%w: %d bytes of state, want %d", ErrCheckpoint, len(body), want)
	}
	t.state.Updates = binary.LittleEndian.Uint64(body)
	body = body[8:]
	for _, v := range t.vectors() {
		used, err := binary.Decode(body, binary.LittleEndian, v)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrCheckpoint, err)
		}
		body = body[used:]
	}
	return nil
}
