// `cover template [NAME]`: lists the ready-made experiments and studies, or puts one into cover.json.
import { commandLine } from '../base/commandLine.ts';
import { addEntry } from '../config/edit.ts';
import { templateOf, templates } from '../config/templates.ts';
import { requireWorkspace, workspaceFile } from '../config/workspace.ts';
import type { Context, ExitCode } from './context.ts';
import { table } from './tables.ts';

/** As JSON: what stands in a template for one of the person's own datasets. */
const placeholder = '"my-dataset"';

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
    output.result(table(['template', 'is', 'what'], rows, 3, colour));
    output.note('cover template NAME puts one into cover.json.');
    return 0;
  }
  const template = templateOf(name);
  const config = await requireWorkspace(workspace, {}, (problem) => output.event({ event: 'problem', problem }));
  const { section, title, description, value } = template;
  // A name that is not there would stop all work in the workspace until somebody mends it.
  const [dataset] = Object.keys(config.datasets);
  const text = JSON.stringify(value);
  const named = dataset !== undefined && text.includes(placeholder);
  const fitting = named ? text.replaceAll(placeholder, () => JSON.stringify(dataset)) : text;
  const taken = Object.keys(config[section] ?? {});
  const added = await addEntry(workspace, section, as ?? template.name, JSON.parse(fitting), taken);
  output.event({ event: 'template', name, section, title, description, added });
  const command = section === 'studies' ? ['study', added] : ['train', '--experiment', added];
  output.result(`Wrote "${added}" under "${section}" in ${workspaceFile(workspace)}: ${description}`);
  const places = fitting.match(/my-dataset|run:cover-1/g) ?? [];
  if (named) output.note(`It takes the dataset ${dataset}, the first one; write another where that is not meant.`);
  const toName = places.length > 0 ? `Put your own in place of ${[...new Set(places)].join(' and ')}. ` : '';
  output.note(`${toName}Next: ${commandLine(['cover', ...command, '--workspace', workspace])}`);
  return 0;
}
