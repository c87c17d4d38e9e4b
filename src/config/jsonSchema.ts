// The JSON schema of cover.json, made from the one zod schema. The build writes it to dist/cover.schema.json, where the
// editor finds it for completion, hovers and checks.
import { z } from 'zod';
import { experimentsFileSchema, workspaceSchema } from './experiment.ts';
import { type Template, templates } from './templates.ts';

/** Draft 7, which the editor speaks; describes what may be written, so defaulted settings are optional. */
export function workspaceJsonSchema(): Record<string, unknown> {
  return editorSchema(workspaceSchema, 'CoVeR Studio workspace');
}

/** Of `*.cover.json`. */
export function experimentsJsonSchema(): Record<string, unknown> {
  return editorSchema(experimentsFileSchema, 'CoVeR Studio experiments');
}

function editorSchema(of: z.ZodType, title: string): Record<string, unknown> {
  const schema = z.toJSONSchema(of, { target: 'draft-7', io: 'input' });
  const properties = schema.properties as Record<string, Record<string, unknown>>;
  for (const section of ['experiments', 'studies'] as const) properties[section]!.defaultSnippets = snippets(section);
  return { ...schema, title, allowComments: true, allowTrailingCommas: true };
}

/** The editor offers the templates where an experiment or a study may be named. */
function snippets(section: Template['section']): object[] {
  return templates
    .filter((template) => template.section === section)
    .map(({ name, title, description, value }) => ({ label: title, description, body: { [`\${1:${name}}`]: value } }));
}

interface SchemaNode {
  properties?: Record<string, SchemaNode>;
  additionalProperties?: SchemaNode | boolean;
  items?: SchemaNode | SchemaNode[];
  anyOf?: SchemaNode[];
}

/** The settings that may stand in the object at `path`, for suggestions. Empty where any name may. */
export function knownKeys(path: readonly (string | number)[]): string[] {
  let nodes: SchemaNode[] = [workspaceJsonSchema() as SchemaNode];
  for (const step of path) nodes = nodes.flatMap((node) => below(node, step));
  return nodes.flatMap((node) => [node, ...(node.anyOf ?? [])]).flatMap((node) => Object.keys(node.properties ?? {}));
}

function below(node: SchemaNode, step: string | number): SchemaNode[] {
  const own =
    typeof step === 'string' && Object.hasOwn(node.properties ?? {}, step) ? node.properties![step] : undefined;
  const rest = typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined;
  const found = own ?? rest;
  return [...(found ? [found] : []), ...(node.anyOf ?? []).flatMap((choice) => below(choice, step))];
}
