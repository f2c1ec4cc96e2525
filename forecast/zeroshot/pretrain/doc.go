// Package pretrain trains the network of package zeroshot on simulated series.
//
// A training is its options and nothing else: the same options give the same
// weights, byte for byte, on any number of cores of one architecture, in one go
// or in several from checkpoint to checkpoint. It does no I/O: files and clocks
// are its caller's.
package pretrain
