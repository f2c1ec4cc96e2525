//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// ROWS sets R9 to R13 to the starts of the rows after the one at R8, R3 bytes
// apart. There are R1 rows; those beyond are the last one, which so is computed
// and written more than once.
#define ROWS \
	ADD R3, R8, R9;   CMP $2, R1; CSEL LT, R8, R9, R9;    \
	ADD R3, R9, R10;  CMP $3, R1; CSEL LT, R9, R10, R10;  \
	ADD R3, R10, R11; CMP $4, R1; CSEL LT, R10, R11, R11; \
	ADD R3, R11, R12; CMP $5, R1; CSEL LT, R11, R12, R12; \
	ADD R3, R12, R13; CMP $6, R1; CSEL LT, R12, R13, R13

// ROWSC makes them the rows of C, of the tile at R0.
#define ROWSC \
	MOVD tile_rows(R0), R1; \
	MOVD tile_c(R0), R8;    \
	MOVD tile_ldc(R0), R3;  \
	LSL  $2, R3, R3;        \
	ROWS

// ROW adds to the four sums of a row its element of op(A) times those of B, and
// goes to the row's next element.
#define ROW(a, s0, s1, s2, s3) \
	VLD1R.P (a)(R4), [V28.S4];    \
	VFMLA   V24.S4, V28.S4, s0.S4; \
	VFMLA   V25.S4, V28.S4, s1.S4; \
	VFMLA   V26.S4, V28.S4, s2.S4; \
	VFMLA   V27.S4, V28.S4, s3.S4

#define ZERO(s) VEOR s.B16, s.B16, s.B16

// func tile6x16(t *tile)
// The sums are in V0 to V23, four a row, a row of B in V24 to V27.
TEXT ·tile6x16(SB), NOSPLIT, $0-8
	MOVD  t+0(FP), R0
	MOVBU tile_acc(R0), R2
	CBZ   R2, zero
	ROWSC
	VLD1  (R8), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1  (R9), [V4.S4, V5.S4, V6.S4, V7.S4]
	VLD1  (R10), [V8.S4, V9.S4, V10.S4, V11.S4]
	VLD1  (R11), [V12.S4, V13.S4, V14.S4, V15.S4]
	VLD1  (R12), [V16.S4, V17.S4, V18.S4, V19.S4]
	VLD1  (R13), [V20.S4, V21.S4, V22.S4, V23.S4]
	JMP   start

zero:
	ZERO(V0)
	ZERO(V1)
	ZERO(V2)
	ZERO(V3)
	ZERO(V4)
	ZERO(V5)
	ZERO(V6)
	ZERO(V7)
	ZERO(V8)
	ZERO(V9)
	ZERO(V10)
	ZERO(V11)
	ZERO(V12)
	ZERO(V13)
	ZERO(V14)
	ZERO(V15)
	ZERO(V16)
	ZERO(V17)
	ZERO(V18)
	ZERO(V19)
	ZERO(V20)
	ZERO(V21)
	ZERO(V22)
	ZERO(V23)

start:
	MOVD tile_rows(R0), R1
	MOVD tile_a(R0), R8
	MOVD tile_rowA(R0), R3
	LSL  $2, R3, R3
	ROWS
	MOVD tile_colA(R0), R4
	LSL  $2, R4, R4
	MOVD tile_b(R0), R5
	MOVD tile_ldb(R0), R6
	LSL  $2, R6, R6
	MOVD tile_k(R0), R7

loop:
	VLD1.P (R5)(R6), [V24.S4, V25.S4, V26.S4, V27.S4]
	ROW(R8, V0, V1, V2, V3)
	ROW(R9, V4, V5, V6, V7)
	ROW(R10, V8, V9, V10, V11)
	ROW(R11, V12, V13, V14, V15)
	ROW(R12, V16, V17, V18, V19)
	ROW(R13, V20, V21, V22, V23)
	SUB    $1, R7, R7
	CBNZ   R7, loop

	ROWSC
	VST1 [V0.S4, V1.S4, V2.S4, V3.S4], (R8)
	VST1 [V4.S4, V5.S4, V6.S4, V7.S4], (R9)
	VST1 [V8.S4, V9.S4, V10.S4, V11.S4], (R10)
	VST1 [V12.S4, V13.S4, V14.S4, V15.S4], (R11)
	VST1 [V16.S4, V17.S4, V18.S4, V19.S4], (R12)
	VST1 [V20.S4, V21.S4, V22.S4, V23.S4], (R13)
	RET
