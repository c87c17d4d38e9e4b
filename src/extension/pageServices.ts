// What every page may ask besides its own subject: saving a chart or a table, and the clipboard.
import { env, Uri, window, workspace } from 'vscode';
import { messageOf, UserError } from '../base/errors.ts';
import { asLabel } from '../base/shownText.ts';
import type { Handlers } from '../protocol/endpoint.ts';
import type { PageSurface } from '../protocol/page.ts';
import { savedName } from './savedName.ts';
import { findWorkspace } from './workspaceFolder.ts';

const kinds = { svg: 'SVG drawing', png: 'PNG image', csv: 'CSV table' } as const;

/** Spread into the handlers of a panel whose surface has `pageRequests`. */
export function pageHandlers(): Handlers<PageSurface> {
  return {
    'page/save': async ({ name, type, data }) => {
      const folder = findWorkspace();
      const file = savedName(name, type);
      const target = await window.showSaveDialog({
        ...(folder !== undefined && { defaultUri: Uri.joinPath(Uri.file(folder), file) }),
        filters: { [kinds[type]]: [type] },
        saveLabel: 'Save',
      });
      if (!target) return { saved: false };
      try {
        await workspace.fs.writeFile(target, Buffer.from(data, type === 'png' ? 'base64' : 'utf8'));
      } catch (error) {
        throw new UserError('not-saved', `${target.fsPath} could not be written: ${messageOf(error)}`, target.fsPath);
      }
      window.setStatusBarMessage(`$(check) Saved ${asLabel(workspace.asRelativePath(target))}`, 5000);
      return { saved: true };
    },
    'page/copy': async ({ text }) => {
      await env.clipboard.writeText(text);
      return {};
    },
  };
}
