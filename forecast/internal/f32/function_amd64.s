//go:build !purego

#include "textflag.h"

// The constants of function.go, in the order of their use.
DATA k<>+0x00(SB)/4, $0xc2ae0000 // -maxExp
DATA k<>+0x04(SB)/4, $0x42ae0000 // maxExp
DATA k<>+0x08(SB)/4, $0x3fb8aa3b // log2e
DATA k<>+0x0c(SB)/4, $0x4b400000 // magic
DATA k<>+0x10(SB)/4, $0xbf318000 // -ln2hi
DATA k<>+0x14(SB)/4, $0x395e8083 // -ln2lo
DATA k<>+0x18(SB)/4, $0x39500d01 // 1/5040
DATA k<>+0x1c(SB)/4, $0x3ab60b61 // 1/720
DATA k<>+0x20(SB)/4, $0x3c088889 // 1/120
DATA k<>+0x24(SB)/4, $0x3d2aaaab // 1/24
DATA k<>+0x28(SB)/4, $0x3e2aaaab // 1/6
DATA k<>+0x2c(SB)/4, $0x3f000000 // 1/2
DATA k<>+0x30(SB)/4, $0x3f800000 // 1
DATA k<>+0x34(SB)/4, $0x0000007f // bias
DATA k<>+0x38(SB)/4, $0x3f3504f3 // sqrtHalf
DATA k<>+0x3c(SB)/4, $0x40000000 // 2
DATA k<>+0x40(SB)/4, $0x3e3a2e8c // 2/11
DATA k<>+0x44(SB)/4, $0x3e638e39 // 2/9
DATA k<>+0x48(SB)/4, $0x3e924925 // 2/7
DATA k<>+0x4c(SB)/4, $0x3ecccccd // 2/5
DATA k<>+0x50(SB)/4, $0x3f2aaaab // 2/3
DATA k<>+0x54(SB)/4, $0x80000000 // signBit
DATA k<>+0x58(SB)/4, $0x3f318000 // ln2hi
DATA k<>+0x5c(SB)/4, $0xb95e8083 // ln2lo
GLOBL k<>(SB), RODATA|NOPTR, $0x60

// HORNER makes p p·x plus the constant; t is overwritten.
#define HORNER(constant, x, p, t) \
	VBROADCASTSS k<>+constant(SB), t; \
	VFMADD213PS  t, x, p

// EXP is exp1 of Y0. It overwrites Y1 to Y3.
#define EXP \
	VBROADCASTSS k<>+0x00(SB), Y1; \
	VMAXPS       Y0, Y1, Y0;       \
	VBROADCASTSS k<>+0x04(SB), Y1; \
	VMINPS       Y0, Y1, Y0;       \
	VBROADCASTSS k<>+0x08(SB), Y2; \
	VBROADCASTSS k<>+0x0c(SB), Y3; \
	VMOVAPS      Y3, Y1;           \
	VFMADD231PS  Y2, Y0, Y1;       \
	VSUBPS       Y3, Y1, Y1;       \
	VBROADCASTSS k<>+0x10(SB), Y2; \
	VFMADD231PS  Y2, Y1, Y0;       \
	VBROADCASTSS k<>+0x14(SB), Y2; \
	VFMADD231PS  Y2, Y1, Y0;       \
	VBROADCASTSS k<>+0x18(SB), Y2; \
	HORNER(0x1c, Y0, Y2, Y3);      \
	HORNER(0x20, Y0, Y2, Y3);      \
	HORNER(0x24, Y0, Y2, Y3);      \
	HORNER(0x28, Y0, Y2, Y3);      \
	HORNER(0x2c, Y0, Y2, Y3);      \
	HORNER(0x30, Y0, Y2, Y3);      \
	HORNER(0x30, Y0, Y2, Y3);      \
	VCVTPS2DQ    Y1, Y1;           \
	VPBROADCASTD k<>+0x34(SB), Y3; \
	VPADDD       Y3, Y1, Y1;       \
	VPSLLD       $23, Y1, Y1;      \
	VMULPS       Y1, Y2, Y0

// LOG1P is log1p of Y0. It overwrites Y1 to Y4.
#define LOG1P \
	VBROADCASTSS k<>+0x30(SB), Y4; \
	VADDPS       Y4, Y0, Y1;       \
	VPBROADCASTD k<>+0x38(SB), Y2; \
	VPSUBD       Y2, Y1, Y1;       \
	VPSRAD       $23, Y1, Y1;      \
	VPBROADCASTD k<>+0x34(SB), Y2; \
	VPSUBD       Y1, Y2, Y2;       \
	VPSLLD       $23, Y2, Y2;      \
	VSUBPS       Y4, Y2, Y3;       \
	VFMADD213PS  Y3, Y2, Y0;       \
	VBROADCASTSS k<>+0x3c(SB), Y4; \
	VADDPS       Y4, Y0, Y2;       \
	VDIVPS       Y2, Y0, Y0;       \
	VMULPS       Y0, Y0, Y2;       \
	VBROADCASTSS k<>+0x40(SB), Y3; \
	HORNER(0x44, Y2, Y3, Y4);      \
	HORNER(0x48, Y2, Y3, Y4);      \
	HORNER(0x4c, Y2, Y3, Y4);      \
	HORNER(0x50, Y2, Y3, Y4);      \
	HORNER(0x3c, Y2, Y3, Y4);      \
	VMULPS       Y3, Y0, Y0;       \
	VCVTDQ2PS    Y1, Y1;           \
	VBROADCASTSS k<>+0x5c(SB), Y2; \
	VFMADD231PS  Y2, Y1, Y0;       \
	VBROADCASTSS k<>+0x58(SB), Y2; \
	VFMADD231PS  Y2, Y1, Y0

// SOFTPLUS is log1p(exp(-|x|)) plus the positive part of x, of Y0.
#define SOFTPLUS \
	VMOVAPS      Y0, Y5;           \
	VBROADCASTSS k<>+0x54(SB), Y1; \
	VORPS        Y1, Y0, Y0;       \
	EXP;                           \
	LOG1P;                         \
	VXORPS       Y1, Y1, Y1;       \
	VMAXPS       Y5, Y1, Y5;       \
	VADDPS       Y5, Y0, Y0

// ASINH is genericAsinh of Y0.
#define ASINH \
	VBROADCASTSS k<>+0x54(SB), Y1; \
	VANDPS       Y1, Y0, Y5;       \
	VANDNPS      Y0, Y1, Y0;       \
	VMULPS       Y0, Y0, Y1;       \
	VBROADCASTSS k<>+0x30(SB), Y3; \
	VADDPS       Y3, Y1, Y2;       \
	VSQRTPS      Y2, Y2;           \
	VADDPS       Y3, Y2, Y2;       \
	VDIVPS       Y2, Y1, Y1;       \
	VADDPS       Y1, Y0, Y0;       \
	LOG1P;                         \
	VORPS        Y5, Y0, Y0

// EACH does f to Y0 for all lanes of x and dst. Without a full eight left, the
// last lanes are done under a mask.
#define EACH(f) \
	MOVQ       dst_base+0(FP), DI; \
	MOVQ       dst_len+8(FP), CX;  \
	MOVQ       x_base+24(FP), SI;  \
loop: \
	SUBQ       $8, CX;             \
	JLT        rest;               \
	VMOVUPS    (SI), Y0;           \
	f;                             \
	VMOVUPS    Y0, (DI);           \
	ADDQ       $32, SI;            \
	ADDQ       $32, DI;            \
	JMP        loop;               \
rest: \
	ADDQ       $8, CX;             \
	JZ         done;               \
	LEAQ       ·masks(SB), AX;     \
	SHLQ       $2, CX;             \
	SUBQ       CX, AX;             \
	VMOVUPS    32(AX), Y15;        \
	VMASKMOVPS (SI), Y15, Y0;      \
	f;                             \
	VMASKMOVPS Y0, Y15, (DI);      \
done: \
	VZEROUPPER;                    \
	RET

// func expAVX2(dst, x []float32)
TEXT ·expAVX2(SB), NOSPLIT, $0-48
	EACH(EXP)

// func softplusAVX2(dst, x []float32)
TEXT ·softplusAVX2(SB), NOSPLIT, $0-48
	EACH(SOFTPLUS)

// func asinhAVX2(dst, x []float32)
TEXT ·asinhAVX2(SB), NOSPLIT, $0-48
	EACH(ASINH)
