// Package f32 holds the arithmetic that networks spend their time in, on
// vectors and row-major matrices of float32: it knows nothing of networks.
//
// Everything has two forms that give the same bits: assembly (AVX2 with FMA on
// amd64), chosen once when the program starts, and plain Go, which
// runs everywhere, alone under the build tag purego. They agree because every
// output is computed by the same operations in the same order wherever it
// stands in a vector, and because fused multiply-adds, which the assembly uses,
// are done exactly in Go too (see fma). So a network gives the same numbers
// whichever form ran.
//
// A slice of a wrong length is a mistake of the programmer and panics.
package f32
