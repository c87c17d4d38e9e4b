// What stands at the end of a row and how it is coloured, the way the editor does it for files: problems are counted in the
// colour of warnings, edited samples have an E, and what is excluded is dimmed.
import { type Disposable, FileDecoration, ThemeColor, Uri, window } from 'vscode';
import type { Row } from './datasetNodes.ts';

const scheme = 'cover-row';
/** As the editor draws files that Git ignores: set back, and readable in every theme. */
export const dimmedColour = 'gitDecoration.ignoredResourceForeground';

type Decoration = Pick<Row, 'badge' | 'dimmed'>;

/** An address that stands for how a row is decorated; undefined where it is not. */
export function decoratedUri(id: string, { badge, dimmed }: Row): Uri | undefined {
  if (!badge && !dimmed) return undefined;
  const decoration: Decoration = { ...(badge && { badge }), ...(dimmed && { dimmed }) };
  return Uri.from({ scheme, path: `/${id}`, query: JSON.stringify(decoration) });
}

export function registerRowDecorations(): Disposable {
  return window.registerFileDecorationProvider({
    provideFileDecoration: (uri) => {
      if (uri.scheme !== scheme) return undefined;
      const { badge, dimmed } = JSON.parse(uri.query) as Decoration;
      const colour = dimmed ? dimmedColour : badge?.warns ? 'list.warningForeground' : undefined;
      // No tooltip: the editor would put it behind the row's own, which says the same.
      return new FileDecoration(badge?.text, undefined, colour === undefined ? undefined : new ThemeColor(colour));
    },
  });
}
