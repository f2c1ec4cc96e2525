//go:build !purego

#include "textflag.h"

// TURN writes the transpose of the eight by eight numbers at SI, whose rows are R8
// bytes apart, to DI, whose rows are R9 bytes apart. Y0 to Y3 become the left half
// of the rows, those from the fourth on in the upper lanes, and each lane is
// turned by itself; then the right half. It overwrites R10, R11 and R12.
#define TURN \
	LEAQ  (R8)(R8*2), R10;   \
	LEAQ  (R9)(R9*2), R12;   \
	HALF(0, DI)              \
	LEAQ  (DI)(R9*4), R11;   \
	HALF(16, R11)

// HALF turns the four columns that begin so many bytes from the first, to four
// rows at to.
#define HALF(offset, to) \
	LEAQ        offset(SI)(R8*4), BX;             \
	VMOVUPS     offset(SI), X0;                   \
	VMOVUPS     offset(SI)(R8*1), X1;             \
	VMOVUPS     offset(SI)(R8*2), X2;             \
	VMOVUPS     offset(SI)(R10*1), X3;            \
	VINSERTF128 $1, (BX), Y0, Y0;                 \
	VINSERTF128 $1, (BX)(R8*1), Y1, Y1;           \
	VINSERTF128 $1, (BX)(R8*2), Y2, Y2;           \
	VINSERTF128 $1, (BX)(R10*1), Y3, Y3;          \
	VUNPCKLPS   Y1, Y0, Y4;                       \
	VUNPCKHPS   Y1, Y0, Y5;                       \
	VUNPCKLPS   Y3, Y2, Y6;                       \
	VUNPCKHPS   Y3, Y2, Y7;                       \
	VUNPCKLPD   Y6, Y4, Y0;                       \
	VUNPCKHPD   Y6, Y4, Y1;                       \
	VUNPCKLPD   Y7, Y5, Y2;                       \
	VUNPCKHPD   Y7, Y5, Y3;                       \
	VMOVUPS     Y0, (to);                         \
	VMOVUPS     Y1, (to)(R9*1);                   \
	VMOVUPS     Y2, (to)(R9*2);                   \
	VMOVUPS     Y3, (to)(R12*1);

// func turnAVX2(dst []float32, ldd int, src []float32, lds int)
// The square is four of eight by eight, those beside each other in dst one after
// the other.
TEXT ·turnAVX2(SB), NOSPLIT, $0-64
	MOVQ dst_base+0(FP), DI
	MOVQ ldd+24(FP), R9
	MOVQ src_base+32(FP), SI
	MOVQ lds+56(FP), R8
	SHLQ $2, R8
	SHLQ $2, R9
	MOVQ SI, DX
	MOVQ DI, CX
	TURN
	LEAQ (DX)(R8*8), SI
	LEAQ 32(CX), DI
	TURN
	LEAQ 32(DX), SI
	LEAQ (CX)(R9*8), DI
	TURN
	LEAQ 32(DX)(R8*8), SI
	LEAQ 32(CX)(R9*8), DI
	TURN
	VZEROUPPER
	RET
