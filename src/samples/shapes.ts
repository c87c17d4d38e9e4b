// Outlines of the sample shapes as signed distances, and a painter that draws one of them on a frame whose edges are
// joined (what leaves on one side comes in on the other). Drawn here, so that no sample holds anybody's material.

export const SHAPES = ['circle', 'square', 'triangle', 'star', 'ring', 'cross'] as const;
export type Shape = (typeof SHAPES)[number];
export type Rgb = readonly [number, number, number];

type Point = readonly [number, number];

/** Corners on circles around the origin, alternating between the given radii; the first one points up. */
function corners(count: number, radii: readonly number[], turn = 0): Point[] {
  return Array.from({ length: count }, (_, i) => {
    const angle = turn + (2 * Math.PI * i) / count;
    const radius = radii[i % radii.length]!;
    return [radius * Math.sin(angle), -radius * Math.cos(angle)];
  });
}

const arm = 0.34;
/** No shape reaches farther from its centre, in radii. */
const widest = 1.1;
const polygons: Partial<Record<Shape, readonly Point[]>> = {
  square: corners(4, [widest], Math.PI / 4),
  triangle: corners(3, [widest]),
  star: corners(10, [widest, 0.45]),
  cross: [
    [-arm, -1],
    [arm, -1],
    [arm, -arm],
    [1, -arm],
    [1, arm],
    [arm, arm],
    [arm, 1],
    [-arm, 1],
    [-arm, arm],
    [-1, arm],
    [-1, -arm],
    [-arm, -arm],
  ],
};

/** Signed distance of a point to the outline, inside negative; the shape has a radius of about 1. */
export function signedDistance(shape: Shape, x: number, y: number): number {
  // Not Math.hypot, which is several times slower than the root, and this is asked for every pixel.
  if (shape === 'circle') return Math.sqrt(x * x + y * y) - 1;
  if (shape === 'ring') return Math.abs(Math.sqrt(x * x + y * y) - 0.76) - 0.24;
  const polygon = polygons[shape]!;
  let nearest = Number.POSITIVE_INFINITY;
  let inside = false;
  let [bx, by] = polygon.at(-1)!;
  for (let i = 0; i < polygon.length; i++) {
    const [ax, ay] = polygon[i]!;
    const ex = bx - ax;
    const ey = by - ay;
    const along = Math.min(1, Math.max(0, ((x - ax) * ex + (y - ay) * ey) / (ex * ex + ey * ey)));
    const dx = x - ax - along * ex;
    const dy = y - ay - along * ey;
    nearest = Math.min(nearest, dx * dx + dy * dy);
    if (ay > y !== by > y && x < ax + ((y - ay) * ex) / ey) inside = !inside;
    bx = ax;
    by = ay;
  }
  return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
}

export interface Placed {
  shape: Shape;
  /** Centre as a share of the frame, 0 … 1; the frame's edges are joined. */
  x: number;
  y: number;
  /** Diameter as a share of the frame's side. */
  diameter: number;
  /** Radians, clockwise on the screen. */
  angle: number;
  colour: Rgb;
}

/** Draws one shape with smooth edges on a square frame of `side` × `side` × 3, starting at `offset` in `frames`. */
export function paint(frames: Uint8Array, offset: number, side: number, placed: Placed): void {
  const radius = (placed.diameter / 2) * side;
  const reach = Math.ceil(radius * widest) + 1;
  const outer = (widest + 1 / radius) ** 2;
  const centreX = placed.x * side;
  const centreY = placed.y * side;
  const cos = Math.cos(placed.angle);
  const sin = Math.sin(placed.angle);
  for (let row = Math.floor(centreY) - reach; row <= centreY + reach; row++) {
    for (let column = Math.floor(centreX) - reach; column <= centreX + reach; column++) {
      const dx = (column + 0.5 - centreX) / radius;
      const dy = (row + 0.5 - centreY) / radius;
      if (dx * dx + dy * dy > outer) continue;
      const x = cos * dx + sin * dy;
      const y = cos * dy - sin * dx;
      const coverage = Math.min(1, Math.max(0, 0.5 - signedDistance(placed.shape, x, y) * radius));
      if (coverage === 0) continue;
      const at = offset + (wrap(row, side) * side + wrap(column, side)) * 3;
      for (let c = 0; c < 3; c++) {
        const colour = placed.colour[c]!;
        frames[at + c] = Math.round(frames[at + c]! * (1 - coverage) + colour * coverage);
      }
    }
  }
}

function wrap(i: number, n: number): number {
  return ((i % n) + n) % n;
}
