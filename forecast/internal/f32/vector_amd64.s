//go:build !purego

#include "textflag.h"

// Every function goes over its slices eight lanes at a time, and over the rest
// under a mask, which is in Y15. DI is dst, SI the first other slice, CX what is
// left to do.

// REST sets Y15 to the mask of the CX lanes that are left, or returns.
#define REST \
	TESTQ   CX, CX;          \
	JZ      done;            \
	LEAQ    ·masks(SB), AX;  \
	SHLQ    $2, CX;          \
	SUBQ    CX, AX;          \
	VMOVUPS 32(AX), Y15

// PAIRS makes each element of dst what OP makes of it, in Y0, and of that of the
// other slice, in Y1.
#define PAIRS(OP) \
loop: \
	SUBQ       $8, CX;       \
	JLT        rest;         \
	VMOVUPS    (DI), Y0;     \
	VMOVUPS    (SI), Y1;     \
	OP;                      \
	VMOVUPS    Y0, (DI);     \
	ADDQ       $32, DI;      \
	ADDQ       $32, SI;      \
	JMP        loop;         \
rest: \
	ADDQ       $8, CX;       \
	REST;                    \
	VMASKMOVPS (DI), Y15, Y0; \
	VMASKMOVPS (SI), Y15, Y1; \
	OP;                      \
	VMASKMOVPS Y0, Y15, (DI); \
done: \
	VZEROUPPER;              \
	RET

#define ADD VADDPS Y1, Y0, Y0

// func addAVX2(dst, x []float32)
TEXT ·addAVX2(SB), NOSPLIT, $0-48
	MOVQ dst_base+0(FP), DI
	MOVQ dst_len+8(FP), CX
	MOVQ x_base+24(FP), SI
	PAIRS(ADD)

#define AXPY VFMADD231PS Y1, Y2, Y0

// func axpyAVX2(a float32, x, dst []float32)
TEXT ·axpyAVX2(SB), NOSPLIT, $0-56
	VBROADCASTSS a+0(FP), Y2
	MOVQ         x_base+8(FP), SI
	MOVQ         x_len+16(FP), CX
	MOVQ         dst_base+32(FP), DI
	PAIRS(AXPY)

#define COMBINE \
	VMULPS Y0, Y2, Y0; \
	VMULPS Y1, Y3, Y1; \
	VADDPS Y1, Y0, Y0

// func combineAVX2(a float32, dst []float32, b float32, x []float32)
TEXT ·combineAVX2(SB), NOSPLIT, $0-64
	VBROADCASTSS a+0(FP), Y2
	MOVQ         dst_base+8(FP), DI
	MOVQ         dst_len+16(FP), CX
	VBROADCASTSS b+32(FP), Y3
	MOVQ         x_base+40(FP), SI
	PAIRS(COMBINE)

#define APPROACH \
	VSUBPS Y0, Y1, Y1; \
	VMULPS Y1, Y2, Y1; \
	VADDPS Y1, Y0, Y0

// func approachAVX2(dst []float32, a float32, x []float32)
TEXT ·approachAVX2(SB), NOSPLIT, $0-56
	MOVQ         dst_base+0(FP), DI
	MOVQ         dst_len+8(FP), CX
	VBROADCASTSS a+24(FP), Y2
	MOVQ         x_base+32(FP), SI
	PAIRS(APPROACH)

// RELU makes Y0 its positive part; NaN stays, because it comes second. Y1 is 0,
// whose sum with -0 is 0.
#define RELU \
	VMAXPS Y0, Y1, Y0; \
	VADDPS Y1, Y0, Y0

// func reluAVX2(dst, x []float32)
TEXT ·reluAVX2(SB), NOSPLIT, $0-48
	MOVQ   dst_base+0(FP), DI
	MOVQ   dst_len+8(FP), CX
	MOVQ   x_base+24(FP), SI
	VXORPS Y1, Y1, Y1

loop:
	SUBQ    $8, CX
	JLT     rest
	VMOVUPS (SI), Y0
	RELU
	VMOVUPS Y0, (DI)
	ADDQ    $32, DI
	ADDQ    $32, SI
	JMP     loop

rest:
	ADDQ       $8, CX
	REST
	VMASKMOVPS (SI), Y15, Y0
	RELU
	VMASKMOVPS Y0, Y15, (DI)

done:
	VZEROUPPER
	RET

// func reluGradAVX2(dst, grad, y []float32)
TEXT ·reluGradAVX2(SB), NOSPLIT, $0-72
	MOVQ  dst_base+0(FP), DI
	MOVQ  dst_len+8(FP), CX
	MOVQ  grad_base+24(FP), SI
	MOVQ  y_base+48(FP), BX
	VPXOR Y1, Y1, Y1

loop:
	SUBQ     $8, CX
	JLT      rest
	VPCMPEQD (BX), Y1, Y0
	VPANDN   (SI), Y0, Y0
	VMOVUPS  Y0, (DI)
	ADDQ     $32, DI
	ADDQ     $32, SI
	ADDQ     $32, BX
	JMP      loop

rest:
	ADDQ       $8, CX
	REST
	VMASKMOVPS (BX), Y15, Y0
	VMASKMOVPS (SI), Y15, Y2
	VPCMPEQD   Y0, Y1, Y0
	VPANDN     Y2, Y0, Y0
	VMASKMOVPS Y0, Y15, (DI)

done:
	VZEROUPPER
	RET
