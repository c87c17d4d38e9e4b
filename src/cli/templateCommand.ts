// `cover template [NAME]`: lists the ready-made experiments and studies, or puts one into cover.json.
import { addEntry } from '../config/edit.ts';
import { templateOf, templates } from '../config/templates.ts';
import { requireWorkspace, workspaceFile } from '../config/workspace.ts';
import type { Context, ExitCode } from './context.ts';
import { table } from './tables.ts';

export async function templateCommand(
  context: Context,
  name?: string,
  { as }: { as?: string } = {},
): Promise<ExitCode> {
  const { workspace, output, colour } = context;
  if (name === undefined) {
    for (const { name, section, title, description } of templates)
      output.event({ event: 'template', name, section, title, description });
    const rows = templates.map(({ name, section, title }) => [
      name,
      section === 'studies' ? 'study' : 'experiment',
      title,
    ]);
    output.result(table(['template', '', ''], rows, 3, colour));
    output.note('cover template NAME puts one into cover.json.');
    return 0;
  }
  const template = templateOf(name);
  const config = await requireWorkspace(workspace, { lenient: true });
  const { section, title, description, value } = template;
  const added = await addEntry(workspace, section, as ?? template.name, value, Object.keys(config[section] ?? {}));
  output.event({ event: 'template', name, section, title, description, added });
  const command = section === 'studies' ? `cover study ${added}` : `cover train --experiment ${added}`;
  output.result(`Wrote "${added}" under "${section}" in ${workspaceFile(workspace)}: ${description}`);
  const places = JSON.stringify(value).match(/my-dataset|run:cover-1/g) ?? [];
  const toName = places.length > 0 ? `Put your own in place of ${[...new Set(places)].join(' and ')}. ` : '';
  output.note(`${toName}Next: ${command} --workspace ${JSON.stringify(workspace)}`);
  return 0;
}
