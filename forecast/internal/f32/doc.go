// Package f32 holds the arithmetic that networks spend their time in, on
// vectors and row-major matrices of float32: it knows nothing of networks.
//
// The products of matrices have assembly for AVX2 with FMA on amd64 and for NEON
// on arm64, the functions of single elements for the former; plain Go does the
// rest, and everything under the build tag purego. Which runs is chosen once, when
// the program starts, and makes no difference to any bit: every output is computed
// by the same operations in the same order wherever it stands in a vector, and
// fused multiply-adds, which the assembly uses, are exact in Go too (see fma).
//
// A slice of a wrong length is a mistake of the programmer and panics.
package f32
