// The matrix's colours: from the paper of the theme to an ink, in even steps of what the eye sees (OKLab), so that more always
// looks like more, in light, dark and high contrast. Pure.

export type Channels = readonly [number, number, number];
type Lab = [number, number, number];

/** How strong the faintest cell that is not empty is, 0 … 1: a single mistake has to be seen. */
export const faintest = 0.24;

/** The strength of a value among values up to `most`: its square root, so that one shows beside hundreds. */
export function strengthOf(value: number, most: number): number {
  return faintest + (1 - faintest) * Math.sqrt(Math.min(1, Math.abs(value) / most));
}

/** 256 colours as a canvas's bytes read as one number: red lowest, opaque. */
export function rampOf(paper: Channels, ink: Channels): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const [r, g, b] = mixed(paper, ink, i / 255);
    return (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
  });
}

export function cssOf(color: number): string {
  return `rgb(${color & 255} ${(color >> 8) & 255} ${(color >> 16) & 255})`;
}

/** The colour on the way from paper to ink. */
export function mixed(paper: Channels, ink: Channels, strength: number): Channels {
  const [from, to] = [labOf(paper), labOf(ink)];
  return rgbOf(from.map((value, i) => value + (to[i]! - value) * strength) as Lab);
}

/** Black or white, whichever is easier to read on a colour. */
export function readableOn(color: Channels): string {
  return luminance(color) > 0.3 ? '#000000' : '#ffffff';
}

/** Relative luminance (WCAG), 0 … 1. */
export function luminance(color: Channels): number {
  const [r, g, b] = color.map(linearOf) as Lab;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function linearOf(value: number): number {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

/** OKLab as its author, Björn Ottosson, gives it. */
function labOf(color: Channels): Lab {
  const [r, g, b] = color.map(linearOf) as Lab;
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function rgbOf([lightness, a, b]: Lab): Channels {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const byte = (value: number) => {
    const share = value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
    return Math.max(0, Math.min(255, Math.round(share * 255)));
  };
  return [
    byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    byte(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}
