// A chart as a file of its own: its drawing with every colour and font computed and written into it, on the page's background,
// under its title and the names of its lines. What only the pointer shows stays out.
import { pngOf } from './rasterise.ts';
import { namespace, put, text } from './svg.ts';

export interface LegendEntry {
  name: string;
  color: string;
  /** As `stroke-dasharray`, where the line is dashed. */
  dash?: string | undefined;
}

export interface PictureSource {
  title: string;
  /** A second line, in small. */
  subtitle?: string | undefined;
  legend?: readonly LegendEntry[] | undefined;
  drawing: SVGSVGElement | HTMLCanvasElement;
}

const margin = 12;
const titleHeight = 22;
const rowHeight = 18;
/** Everything of the computed style that an SVG's looks depend on. */
const styled = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-opacity',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linejoin',
  'stroke-linecap',
  'opacity',
  'visibility',
  'shape-rendering',
  'font-family',
  'font-size',
  'font-weight',
  'font-variant-numeric',
  'text-anchor',
  'dominant-baseline',
] as const;
/** SVG of outlines and texts: those who read it need only these. */
const drawn = new Set('svg,g,path,line,polyline,polygon,rect,circle,ellipse,text,tspan,title,defs,clipPath'.split(','));

/** The chart as the text of an SVG file that needs nothing beside it. */
export function svgText(source: PictureSource): string {
  const { picture, drawing, at } = frame(source);
  if (drawing instanceof HTMLCanvasElement) {
    const image = document.createElementNS(namespace, 'image');
    const size = drawing.getBoundingClientRect();
    put(image, { x: at.x, y: at.y, width: size.width, height: size.height, href: drawing.toDataURL('image/png') });
    picture.append(image);
  }
  return serialised(picture);
}

/** The chart as a PNG at twice its size on the page, in base64. */
export async function pngBase64(source: PictureSource): Promise<string> {
  const { picture, drawing, at } = frame(source);
  const size = { width: Number(picture.getAttribute('width')), height: Number(picture.getAttribute('height')) };
  const canvas = drawing instanceof HTMLCanvasElement ? { canvas: drawing, ...at } : undefined;
  return pngOf(serialised(picture), size, 2, canvas);
}

/** Title, legend and (of an SVG) the drawing, laid out; a canvas is left to the caller, at `at`. */
function frame({ title, subtitle, legend = [], drawing }: PictureSource) {
  const look = getComputedStyle(document.body);
  const box = drawing.getBoundingClientRect();
  const width = Math.max(160, Math.ceil(box.width)) + 2 * margin;
  const picture = document.createElementNS(namespace, 'svg');
  const texts = {
    fill: plainColour(look.color),
    'font-family': look.fontFamily,
    'font-size': '13px',
    'font-variant-numeric': 'tabular-nums',
  };
  let y = margin + titleHeight - 8;
  const heading = text(title, { ...texts, x: margin, y, 'font-weight': 600 });
  const parts: SVGElement[] = [heading];
  if (subtitle) {
    y += rowHeight;
    parts.push(text(subtitle, { ...texts, x: margin, y, 'font-size': '11px', 'fill-opacity': 0.75 }));
  }
  const names = legendRows(legend, width - 2 * margin, look);
  for (const row of names) {
    y += rowHeight;
    for (const { entry, x } of row) {
      const colour = plainColour(entry.color);
      const dash = entry.dash === undefined ? {} : { 'stroke-dasharray': entry.dash };
      const line = { x1: margin + x, x2: margin + x + 18, y1: y - 4, y2: y - 4, stroke: colour, 'stroke-width': 2 };
      parts.push(put(document.createElementNS(namespace, 'line'), { ...line, ...dash }));
      parts.push(text(entry.name, { ...texts, x: margin + x + 24, y, 'font-size': '11px' }));
    }
  }
  y += 8;
  const height = Math.ceil(y + box.height + margin);
  const background = { width, height, fill: plainColour(backgroundOf(look)) };
  put(picture, { xmlns: namespace, width, height, viewBox: `0 0 ${width} ${height}` });
  picture.append(put(document.createElementNS(namespace, 'rect'), background), ...parts);
  const at = { x: margin, y };
  if (drawing instanceof SVGSVGElement) {
    const inside = copied(drawing);
    if (inside) {
      put(inside, { x: at.x, y: at.y, width: box.width, height: box.height });
      picture.append(inside);
    }
  }
  return { picture, drawing, at };
}

/** A copy whose looks stand in its attributes; undefined for what is not drawn, or only under the pointer. */
function copied(original: Element): SVGElement | undefined {
  if (!drawn.has(original.localName) || original.namespaceURI !== namespace) return undefined;
  if (original.hasAttribute('data-transient')) return undefined;
  const look = getComputedStyle(original);
  if (look.display === 'none') return undefined;
  const copy = document.createElementNS(namespace, original.localName) as SVGElement;
  for (const { name, value } of original.attributes)
    if (!/^(class|style|on.*|aria-.*|data-.*|role|tabindex|href|xlink:href|xmlns)$/.test(name))
      copy.setAttribute(name, value);
  for (const name of styled) {
    const value = look.getPropertyValue(name);
    if (value !== '') copy.setAttribute(name, name === 'fill' || name === 'stroke' ? plainColour(value) : value);
  }
  for (const child of original.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) copy.append(child.textContent ?? '');
    else if (child instanceof Element) copy.append(...[copied(child)].filter((each) => each !== undefined));
  }
  return copy;
}

/** Which names stand in which row and where, by their measured widths. */
function legendRows(legend: readonly LegendEntry[], width: number, look: CSSStyleDeclaration) {
  const context = document.createElement('canvas').getContext('2d')!;
  context.font = `11px ${look.fontFamily}`;
  const rows: { entry: LegendEntry; x: number }[][] = [];
  let x = Number.POSITIVE_INFINITY;
  for (const entry of legend) {
    const room = 24 + context.measureText(entry.name).width + 16;
    if (x + room > width && (x > 0 || rows.length === 0)) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)!.push({ entry, x });
    x += room;
  }
  return rows;
}

function backgroundOf(look: CSSStyleDeclaration): string {
  return /^(transparent|rgba\(0, 0, 0, 0\))$/.test(look.backgroundColor) ? '#ffffff' : look.backgroundColor;
}

/** A colour as every reader of SVG knows it: `color-mix` computes to `color(srgb …)`, which few know. */
export function plainColour(color: string): string {
  if (color === 'none' || /^rgba?\(/.test(color) || color.startsWith('#')) return color;
  const probe = document.createElement('span');
  probe.style.color = color;
  document.body.append(probe);
  const computed = getComputedStyle(probe).color;
  probe.remove();
  const found = /^color\(srgb ([\d.e+-]+) ([\d.e+-]+) ([\d.e+-]+)(?: \/ ([\d.e+-]+))?\)$/.exec(computed);
  if (!found) return computed;
  const [red, green, blue] = found
    .slice(1, 4)
    .map((share) => Math.round(Math.min(1, Math.max(0, Number(share))) * 255));
  return found[4] === undefined ? `rgb(${red}, ${green}, ${blue})` : `rgba(${red}, ${green}, ${blue}, ${found[4]})`;
}

/** XML knows no control characters and no halves of surrogate pairs; names may hold both. */
function serialised(picture: SVGSVGElement): string {
  const text = new XMLSerializer().serializeToString(picture);
  const clean = text.replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
  return `<?xml version="1.0" encoding="UTF-8"?>\n${clean}\n`;
}
