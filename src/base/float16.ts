// Half precision (IEEE 754 binary16), which JavaScript has no array of where we run.

/** The bits of each number as float16, rounded to nearest, ties to even; what is too large becomes infinite. */
export function float16Bits(numbers: Float32Array): Uint16Array {
  const words = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  const result = new Uint16Array(numbers.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const sign = (word >>> 16) & 0x8000;
    const size = word & 0x7fffffff;
    if (size >= 0x47800000) {
      // From 2^16 on infinite; NaN stays NaN.
      result[i] = sign | (size > 0x7f800000 ? 0x7e00 : 0x7c00);
    } else if (size < 0x38800000) {
      // Below 2^-14 a float16 counts in steps of 2^-24: float32's own rounding of a sum with 0.5 gives their number.
      result[i] = sign | subnormal(size);
    } else {
      const odd = (size >>> 13) & 1;
      result[i] = sign | ((size - 0x38000000 + 0xfff + odd) >>> 13);
    }
  }
  return result;
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** 0.5's neighbours in float32 are 2^-24 apart. */
function subnormal(size: number): number {
  bits[0] = size;
  float[0] = float[0]! + 0.5;
  return bits[0]! - 0x3f000000;
}

/** Every float16 there is, by its bits: made once, since a large model has hundreds of millions of them. */
let values: Float32Array | undefined;

/** The numbers that these bits stand for. */
export function float16Numbers(halves: Uint16Array): Float32Array {
  values ??= Float32Array.from({ length: 0x10000 }, (_, half) => numberOf(half));
  const result = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) result[i] = values[halves[i]!]!;
  return result;
}

function numberOf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
