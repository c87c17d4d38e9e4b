// An SVG's text as the bytes of a PNG, painted by the browser.

interface Size {
  width: number;
  height: number;
}

/** `scale` pixels a CSS pixel; in base64. `over` is painted on top, in CSS pixels. */
export async function pngOf(
  svg: string,
  { width, height }: Size,
  scale: number,
  over?: { canvas: HTMLCanvasElement; x: number; y: number },
): Promise<string> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const context = canvas.getContext('2d')!;
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    if (over) {
      const size = over.canvas.getBoundingClientRect();
      context.imageSmoothingEnabled = false;
      context.drawImage(over.canvas, over.x * scale, over.y * scale, size.width * scale, size.height * scale);
    }
    return canvas.toDataURL('image/png').replace(/^[^,]*,/, '');
  } finally {
    URL.revokeObjectURL(url);
  }
}
