// What the editor's browser can show by itself, as far as a name tells. Everything else is tried, and converted when
// the browser refuses it.

/** Containers and images that Chromium never plays: asking it first would only lose time. */
const neverPlayed = new Set(
  'avi,wmv,asf,flv,f4v,mpg,mpeg,mpe,m1v,m2v,vob,ts,mts,m2ts,divx,rm,rmvb,mxf,y4m,tif,tiff,ppm,pgm,tga'.split(','),
);

export function needsConversion(file: string): boolean {
  return neverPlayed.has(file.split('.').pop()?.toLowerCase() ?? '');
}

/** The part of a file that a player should play, as a media fragment; empty for the whole. */
export function mediaTime(start: number | null, end: number | null): string {
  if (start === null && end === null) return '';
  return `#t=${start ?? 0}${end === null ? '' : `,${end}`}`;
}
