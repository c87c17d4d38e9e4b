// The class names that a foreign model carries: in its metadata (ours, Ultralytics', or a plain list), or in Hugging Face's
// config.json beside it; and their fitting to the labels of a dataset, which may write the same names in another way.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { parsed } from './foreignInput.ts';
import { plain } from './published.ts';

const listSchema = z.array(z.string()).min(1);
const numberedSchema = z.record(z.string().regex(/^\d{1,9}$/), z.string());
const headsSchema = z.record(z.string(), listSchema);
const configSchema = z.object({ id2label: numberedSchema });

/** Names in the order of the output's classes; undefined where nothing has them. `output` chooses among heads of ours. */
export async function classesCarried(
  file: string,
  metadata: ReadonlyMap<string, string>,
  output: string,
): Promise<string[] | undefined> {
  for (const key of ['classes', 'names', 'labels', 'id2label', 'class_names']) {
    const text = metadata.get(key);
    if (text === undefined) continue;
    const value = parsed(text) ?? pythonDictionary(text) ?? lines(text);
    const list = listSchema.safeParse(value);
    if (list.success) return list.data;
    const numbered = numberedSchema.safeParse(value);
    if (numbered.success) return inOrder(numbered.data);
    const heads = headsSchema.safeParse(value);
    const head = heads.success && Object.entries(heads.data).find(([name]) => output === `logits.${name}`);
    if (head) return head[1];
  }
  const config = configSchema.safeParse(
    parsed(await readFile(join(dirname(file), 'config.json'), 'utf8').catch(() => undefined)),
  );
  return config.success ? inOrder(config.data.id2label) : undefined;
}

/** Undefined unless the numbers are 0 … n − 1. */
function inOrder(numbered: Readonly<Record<string, string>>): string[] | undefined {
  const entries = Object.entries(numbered).sort(([a], [b]) => Number(a) - Number(b));
  return entries.length > 0 && entries.every(([key], index) => Number(key) === index)
    ? entries.map(([, name]) => name)
    : undefined;
}

/** "{0: 'person', 1: 'bicycle'}". */
function pythonDictionary(text: string): Record<string, string> | undefined {
  if (!/^\s*\{\s*\d+\s*:/.test(text)) return undefined;
  const found = [...text.matchAll(/(\d{1,9})\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g)];
  return Object.fromEntries(found.map(([, key, single, double]) => [key!, single ?? double ?? '']));
}

function lines(text: string): string[] | undefined {
  const found = text.split(/\r?\n/).map((line) => line.trim());
  return found.length > 1 && found.every((line) => line !== '') ? found : undefined;
}

/** The same classes, called as the dataset calls them where only the way of writing differs. */
export function calledAsIn(dataset: readonly string[], classes: readonly string[]): string[] {
  const exact = new Set(dataset);
  const written = new Map<string, string | undefined>();
  for (const label of dataset) written.set(plain(label), written.has(plain(label)) ? undefined : label);
  const renamed = classes.map((name) => (exact.has(name) ? name : (written.get(plain(name)) ?? name)));
  return new Set(renamed).size === renamed.length ? renamed : [...classes];
}
