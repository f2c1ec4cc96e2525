//go:build purego || !(amd64 || arm64)

package f32

func (t *tile) compute() { t.generic() }
