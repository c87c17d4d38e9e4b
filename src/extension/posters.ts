// What a page shows of a sample: its file, or of a folder of frames the one in the middle.
import { join } from 'node:path';
import { Uri, type WebviewPanel } from 'vscode';
import { frameName } from '../base/frameNames.ts';
import type { Poster, Sample } from '../protocol/datasets.ts';

/** With the address that the panel's page loads it from. */
export function posterOf(
  panel: WebviewPanel,
  { file, kind, frames }: Pick<Sample, 'file' | 'kind' | 'frames'>,
): { poster: Poster; url: string } {
  const poster: Poster = frames
    ? { file: join(file, frameName(frames.pattern, frames.first + Math.floor(frames.count / 2))), kind: 'image' }
    : { file, kind };
  return { poster, url: panel.webview.asWebviewUri(Uri.file(poster.file)).toString() };
}
