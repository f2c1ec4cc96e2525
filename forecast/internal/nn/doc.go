// Package nn holds what networks are made of and trained by: layers and losses
// with their gradients, the sum of gradients, and the optimisers. A network's
// parameters are one flat vector, which its layers are parts of.
//
// Work is cut into parts whose number does not depend on the machine, and what
// the parts yield is added in their order. So the same gradients give the same
// bits on any number of cores.
package nn
