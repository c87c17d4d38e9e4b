// Colours of the editor's theme. SVG and HTML use them as CSS variables; a canvas needs them resolved.
// Red is not among the series: it means that something is wrong.

const series = [
  'var(--vscode-charts-blue)',
  'var(--vscode-charts-yellow)',
  'var(--vscode-charts-green)',
  'var(--vscode-charts-purple)',
  // The last: in the editor's own dark theme it is hardly lighter than the page.
  'color-mix(in srgb, var(--vscode-charts-orange) 55%, var(--vscode-foreground))',
];

/** The colour of the i-th head or dataset; after the theme's own colours come paler tones of the same. */
export function seriesColor(index: number): string {
  const base = series[index % series.length]!;
  const round = Math.floor(index / series.length);
  return round === 0
    ? base
    : `color-mix(in srgb, ${base} ${Math.max(30, 100 - 30 * round)}%, var(--vscode-foreground))`;
}

export interface CanvasTheme {
  foreground: string;
  dim: string;
  background: string;
  grid: string;
  right: [number, number, number];
  wrong: [number, number, number];
  /** Where blue means more: what became fewer. */
  fewer: [number, number, number];
  paper: [number, number, number];
  accent: string;
  font: string;
  highContrast: boolean;
}

/** The theme's colours as a canvas takes them, read off the document now. */
export function canvasTheme(): CanvasTheme {
  const style = getComputedStyle(document.body);
  const read = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise;
  const foreground = read('--vscode-foreground', '#cccccc');
  const background = read('--vscode-editor-background', '#1e1e1e');
  return {
    foreground,
    background,
    dim: read('--vscode-descriptionForeground', foreground),
    grid: read('--vscode-editorWidget-border', read('--vscode-panel-border', '#80808059')),
    right: channels(read('--vscode-charts-blue', '#3794ff')),
    wrong: channels(read('--vscode-charts-red', '#f14c4c')),
    fewer: channels(read('--vscode-charts-orange', '#d18616')),
    paper: channels(background),
    accent: read('--vscode-focusBorder', '#3794ff'),
    font: read('--vscode-font-family', 'sans-serif'),
    highContrast: /\bvscode-high-contrast\b/.test(document.body.className),
  };
}

/** Red, green and blue of any CSS colour, by letting a canvas paint it. */
function channels(color: string): [number, number, number] {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0] = context.getImageData(0, 0, 1, 1).data;
  return [r, g, b];
}
