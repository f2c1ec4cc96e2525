// Package nn trains networks: it sums gradients and moves parameters. It knows
// nothing of what a network looks like, and sees its parameters as one flat
// vector.
//
// Work is cut into parts whose number does not depend on the machine, and what
// the parts yield is added in their order. So the same gradients give the same
// bits on any number of cores.
package nn
