// Position embeddings for another number of patches, and time embeddings for another number of frames. Numbers are as
// torch.nn.functional.interpolate gives them with align_corners=False and without antialiasing (observed with torch 2.13):
// what Hugging Face's ViT does. timm resizes with antialiasing, which also changes the kernel (−0.5 instead of −0.75).

/** The cubic convolution kernel's parameter in torch's (and OpenCV's) bicubic interpolation. */
const sharpness = -0.75;

/** For every target place of a line: the places it reads (clamped to the line) and their shares. */
interface Taps {
  readonly places: Int32Array;
  readonly shares: Float64Array;
}

/**
 * Bicubic in both directions: `data` [from · from, width], row after row of a square of patches, to [to · to, width]. The
 * class token's row is not a place: keep it out.
 */
export function resizeSquare(data: Float32Array, from: number, to: number, width: number): Float32Array {
  const taps = cubicTaps(from, to);
  const across = resizeAxis(data, taps, { outer: from, from, to, inner: width });
  return Float32Array.from(resizeAxis(across, taps, { outer: 1, from, to, inner: to * width }));
}

/** `data` [from, width] to [to, width]: the nearest row, ⌊i · from / to⌋, or between the two nearest. */
export function resizeTimes(
  data: Float32Array,
  from: number,
  to: number,
  width: number,
  how: 'nearest' | 'linear',
): Float32Array {
  const taps = how === 'linear' ? linearTaps(from, to) : nearestTaps(from, to);
  return Float32Array.from(resizeAxis(data, taps, { outer: 1, from, to, inner: width }));
}

/** [outer, from, inner] to [outer, to, inner]. */
function resizeAxis(
  data: ArrayLike<number>,
  { places, shares }: Taps,
  { outer, from, to, inner }: { outer: number; from: number; to: number; inner: number },
): Float64Array {
  const count = places.length / to;
  const result = new Float64Array(outer * to * inner);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < to; i++) {
      const target = (o * to + i) * inner;
      for (let tap = i * count; tap < (i + 1) * count; tap++) {
        const share = shares[tap]!;
        const source = (o * from + places[tap]!) * inner;
        for (let j = 0; j < inner; j++) result[target + j]! += share * data[source + j]!;
      }
    }
  }
  return result;
}

function cubicTaps(from: number, to: number): Taps {
  const [places, shares] = [new Int32Array(4 * to), new Float64Array(4 * to)];
  for (let i = 0; i < to; i++) {
    const centre = ((i + 0.5) * from) / to - 0.5;
    const first = Math.floor(centre) - 1;
    for (let tap = 0; tap < 4; tap++) {
      places[4 * i + tap] = Math.min(Math.max(first + tap, 0), from - 1);
      shares[4 * i + tap] = cubic(Math.abs(centre - (first + tap)));
    }
  }
  return { places, shares };
}

/** Keys' cubic convolution (1981) at a distance of 0 to 2. */
function cubic(x: number): number {
  const a = sharpness;
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
}

function linearTaps(from: number, to: number): Taps {
  const [places, shares] = [new Int32Array(2 * to), new Float64Array(2 * to)];
  for (let i = 0; i < to; i++) {
    const centre = Math.max(((i + 0.5) * from) / to - 0.5, 0);
    const first = Math.min(Math.floor(centre), from - 1);
    places.set([first, Math.min(first + 1, from - 1)], 2 * i);
    shares.set([1 - (centre - first), centre - first], 2 * i);
  }
  return { places, shares };
}

/** In float32, as torch computes the place. */
function nearestTaps(from: number, to: number): Taps {
  const scale = Math.fround(from / to);
  return {
    places: Int32Array.from({ length: to }, (_, i) => Math.min(Math.floor(Math.fround(i * scale)), from - 1)),
    shares: new Float64Array(to).fill(1),
  };
}
