//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// ROWS sets R9 to R13 to the starts of the rows after the one at R8, DX bytes
// apart. There are AX rows; those beyond are the last one, which so is computed
// and written more than once.
#define ROWS \
	LEAQ (R8)(DX*1), R9;   CMPQ AX, $2; CMOVQLT R8, R9;   \
	LEAQ (R9)(DX*1), R10;  CMPQ AX, $3; CMOVQLT R9, R10;  \
	LEAQ (R10)(DX*1), R11; CMPQ AX, $4; CMOVQLT R10, R11; \
	LEAQ (R11)(DX*1), R12; CMPQ AX, $5; CMOVQLT R11, R12; \
	LEAQ (R12)(DX*1), R13; CMPQ AX, $6; CMOVQLT R12, R13

// BEGIN sets DI to the tile, and what is left of it: the count of its rows, and
// their starts in op(A) and C.
#define BEGIN \
	MOVQ t+0(FP), DI;       \
	MOVQ tile_rows(DI), AX; \
	MOVQ AX, rows-8(SP);    \
	MOVQ tile_a(DI), AX;    \
	MOVQ AX, a-16(SP);      \
	MOVQ tile_c(DI), AX;    \
	MOVQ AX, c-24(SP)

// NEXT goes to the next six rows, at again, if there are any left.
#define NEXT(again) \
	SUBQ $6, rows-8(SP);    \
	JLE  done;              \
	MOVQ tile_rowA(DI), AX; \
	LEAQ (AX)(AX*2), AX;    \
	SHLQ $3, AX;            \
	ADDQ AX, a-16(SP);      \
	MOVQ tile_ldc(DI), AX;  \
	LEAQ (AX)(AX*2), AX;    \
	SHLQ $3, AX;            \
	ADDQ AX, c-24(SP);      \
	JMP  again

// ROWSC makes them the rows of C, of the tile at DI.
#define ROWSC \
	MOVQ rows-8(SP), AX;    \
	MOVQ c-24(SP), R8;      \
	MOVQ tile_ldc(DI), DX;  \
	SHLQ $2, DX;            \
	ROWS

// START makes them the rows of op(A), CX and DX what to go for the next column
// of op(A) and the next row of B, SI the first row of B, AX the count of
// products and BX the way gone in the rows of op(A).
#define START \
	MOVQ rows-8(SP), AX;    \
	MOVQ a-16(SP), R8;      \
	MOVQ tile_rowA(DI), DX; \
	SHLQ $2, DX;            \
	ROWS;                   \
	MOVQ tile_colA(DI), CX; \
	SHLQ $2, CX;            \
	MOVQ tile_b(DI), SI;    \
	MOVQ tile_ldb(DI), DX;  \
	SHLQ $2, DX;            \
	MOVQ tile_k(DI), AX;    \
	XORL BX, BX

// FMA2 adds to the sums s0 and s1 of a row its element times those of B.
#define FMA2(row, t, s0, s1) \
	VBROADCASTSS (row)(BX*1), t; \
	VFMADD231PS Y12, t, s0;      \
	VFMADD231PS Y13, t, s1

#define FMA1(row, t, s) \
	VBROADCASTSS (row)(BX*1), t; \
	VFMADD231PS Y12, t, s

// func tile6x16(t *tile)
// The sums are in Y0 to Y11, two a row.
TEXT ·tile6x16(SB), NOSPLIT, $24-8
	BEGIN

tile:
	MOVBLZX tile_acc(DI), BX
	TESTL   BX, BX
	JZ      zero
	ROWSC
	VMOVUPS (R8), Y0
	VMOVUPS 32(R8), Y1
	VMOVUPS (R9), Y2
	VMOVUPS 32(R9), Y3
	VMOVUPS (R10), Y4
	VMOVUPS 32(R10), Y5
	VMOVUPS (R11), Y6
	VMOVUPS 32(R11), Y7
	VMOVUPS (R12), Y8
	VMOVUPS 32(R12), Y9
	VMOVUPS (R13), Y10
	VMOVUPS 32(R13), Y11
	JMP     start

zero:
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	VXORPS Y6, Y6, Y6
	VXORPS Y7, Y7, Y7
	VXORPS Y8, Y8, Y8
	VXORPS Y9, Y9, Y9
	VXORPS Y10, Y10, Y10
	VXORPS Y11, Y11, Y11

start:
	START

loop:
	VMOVUPS (SI), Y12
	VMOVUPS 32(SI), Y13
	FMA2(R8, Y14, Y0, Y1)
	FMA2(R9, Y15, Y2, Y3)
	FMA2(R10, Y14, Y4, Y5)
	FMA2(R11, Y15, Y6, Y7)
	FMA2(R12, Y14, Y8, Y9)
	FMA2(R13, Y15, Y10, Y11)
	ADDQ    DX, SI
	ADDQ    CX, BX
	DECQ    AX
	JNZ     loop

	ROWSC
	VMOVUPS Y0, (R8)
	VMOVUPS Y1, 32(R8)
	VMOVUPS Y2, (R9)
	VMOVUPS Y3, 32(R9)
	VMOVUPS Y4, (R10)
	VMOVUPS Y5, 32(R10)
	VMOVUPS Y6, (R11)
	VMOVUPS Y7, 32(R11)
	VMOVUPS Y8, (R12)
	VMOVUPS Y9, 32(R12)
	VMOVUPS Y10, (R13)
	VMOVUPS Y11, 32(R13)
	NEXT(tile)

done:
	VZEROUPPER
	RET

// SUMS2 adds to two sums of each of two rows their elements, in Y12 and Y13, times
// eight columns of B.
#define SUMS2(offset, t, s0, s1) \
	VMOVUPS     offset(SI), t; \
	VFMADD231PS t, Y12, s0;    \
	VFMADD231PS t, Y13, s1

// func tile2x32(t *tile)
// The sums are in Y0 to Y7, four a row. B is fetched eight rows ahead: its rows lie
// too far apart for the processor to see it coming.
TEXT ·tile2x32(SB), NOSPLIT, $24-8
	BEGIN
	MOVBLZX tile_acc(DI), BX
	TESTL   BX, BX
	JZ      zero
	ROWSC
	VMOVUPS (R8), Y0
	VMOVUPS 32(R8), Y1
	VMOVUPS 64(R8), Y2
	VMOVUPS 96(R8), Y3
	VMOVUPS (R9), Y4
	VMOVUPS 32(R9), Y5
	VMOVUPS 64(R9), Y6
	VMOVUPS 96(R9), Y7
	JMP     start

zero:
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	VXORPS Y6, Y6, Y6
	VXORPS Y7, Y7, Y7

start:
	START

loop:
	PREFETCHT0   (SI)(DX*8)
	PREFETCHT0   64(SI)(DX*8)
	VBROADCASTSS (R8)(BX*1), Y12
	VBROADCASTSS (R9)(BX*1), Y13
	SUMS2(0, Y8, Y0, Y4)
	SUMS2(32, Y9, Y1, Y5)
	SUMS2(64, Y10, Y2, Y6)
	SUMS2(96, Y11, Y3, Y7)
	ADDQ         DX, SI
	ADDQ         CX, BX
	DECQ         AX
	JNZ          loop

	ROWSC
	VMOVUPS Y0, (R8)
	VMOVUPS Y1, 32(R8)
	VMOVUPS Y2, 64(R8)
	VMOVUPS Y3, 96(R8)
	VMOVUPS Y4, (R9)
	VMOVUPS Y5, 32(R9)
	VMOVUPS Y6, 64(R9)
	VMOVUPS Y7, 96(R9)
	VZEROUPPER
	RET

// func tile6x8(t *tile, mask *int32)
// The sums are in Y0 to Y5, the mask in Y15.
TEXT ·tile6x8(SB), NOSPLIT, $24-16
	BEGIN
	MOVQ    mask+8(FP), BX
	VMOVUPS (BX), Y15

tile:
	MOVBLZX tile_acc(DI), BX
	TESTL   BX, BX
	JZ      zero
	ROWSC
	VMASKMOVPS (R8), Y15, Y0
	VMASKMOVPS (R9), Y15, Y1
	VMASKMOVPS (R10), Y15, Y2
	VMASKMOVPS (R11), Y15, Y3
	VMASKMOVPS (R12), Y15, Y4
	VMASKMOVPS (R13), Y15, Y5
	JMP     start

zero:
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5

start:
	START

loop:
	VMASKMOVPS (SI), Y15, Y12
	FMA1(R8, Y6, Y0)
	FMA1(R9, Y7, Y1)
	FMA1(R10, Y8, Y2)
	FMA1(R11, Y9, Y3)
	FMA1(R12, Y10, Y4)
	FMA1(R13, Y11, Y5)
	ADDQ       DX, SI
	ADDQ       CX, BX
	DECQ       AX
	JNZ        loop

	ROWSC
	VMASKMOVPS Y0, Y15, (R8)
	VMASKMOVPS Y1, Y15, (R9)
	VMASKMOVPS Y2, Y15, (R10)
	VMASKMOVPS Y3, Y15, (R11)
	VMASKMOVPS Y4, Y15, (R12)
	VMASKMOVPS Y5, Y15, (R13)
	NEXT(tile)

done:
	VZEROUPPER
	RET

// func packAVX2(to *panel, b []float32, ldb, rows int)
TEXT ·packAVX2(SB), NOSPLIT, $0-48
	MOVQ to+0(FP), DI
	MOVQ b_base+8(FP), SI
	MOVQ ldb+32(FP), DX
	MOVQ rows+40(FP), CX
	SHLQ $2, DX

loop:
	VMOVUPS (SI), Y0
	VMOVUPS 32(SI), Y1
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	ADDQ    DX, SI
	ADDQ    $64, DI
	DECQ    CX
	JNZ     loop
	VZEROUPPER
	RET
