// From what lines of an annotation file name to files and samples: a path counts from the document's folder, the workspace or the
// folders of the datasets; what is found nowhere, and ids, are looked up in the index, by name.
import { stat } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import type { WorkspaceConfig } from '../config/experiment.ts';
import { readEdits } from '../data/editsFile.ts';
import { type FileState, stateOf } from '../data/fileState.ts';
import { type FoundByName, findSamples, isVideoId } from '../data/findSamples.ts';
import { mediaKind } from '../data/mediaFiles.ts';
import type { InlineClip, InlineLine } from '../protocol/inline.ts';
import { sampleFinder } from './sampleFinder.ts';

export interface Located {
  candidate: number;
  clip: InlineClip;
  state: FileState;
  sample: FoundByName | undefined;
  /** A person gave the sample its class. */
  isEdited: boolean;
}

export interface Places {
  workspace: string;
  /** Absent: cover.json cannot be used, and only the document's folder and the workspace count. */
  config: WorkspaceConfig | undefined;
  /** Absolute. */
  document: string;
}

type Hit = { candidate: number; file: string; state: FileState };

/** For each line what it names; undefined where nothing of that is there. */
export async function locateClips(places: Places, lines: readonly InlineLine[]): Promise<(Located | undefined)[]> {
  const folders = foldersOf(places);
  const hits = await Promise.all(lines.map((line) => findFile(line, folders)));
  const wanted = new Set<string>();
  for (const [index, line] of lines.entries())
    if (!hits[index]) for (const { name } of line.candidates) for (const stem of stemsOf(name)) wanted.add(stem);
  const { workspace, document } = places;
  const files = hits.filter((hit) => hit !== undefined).map(({ file }) => file);
  const found = await findSamples(workspace, files, [...wanted]);
  const finder = nameFinder(found, document);
  const edits = found.length > 0 ? (await readEdits(workspace).catch(() => undefined))?.samples : undefined;
  return Promise.all(
    lines.map(async (line, index): Promise<Located | undefined> => {
      const hit = hits[index];
      const isEdited = (sample: FoundByName | undefined) => sample !== undefined && !!edits?.get(sample.id)?.label;
      if (hit) {
        const sample = bestOf(
          found.filter(({ file }) => file === hit.file),
          line,
          document,
        );
        if (line.isLoose && !sample && mediaKind(hit.file) === 'image') return undefined;
        const clip: InlineClip = sample
          ? clipOf(sample)
          : { file: hit.file, kind: mediaKind(hit.file)!, ...partOf(line, mediaKind(hit.file)!) };
        return { candidate: hit.candidate, clip, state: hit.state, sample, isEdited: isEdited(sample) };
      }
      for (const [candidate, { name }] of line.candidates.entries()) {
        const sample = finder(name, line);
        const state = sample && stateOf(sample);
        if (state) return { candidate, clip: clipOf(sample), state, sample, isEdited: isEdited(sample) };
      }
      return undefined;
    }),
  );
}

function foldersOf({ workspace, config, document }: Places): string[] {
  const folders = [dirname(document), resolve(workspace)];
  for (const { path, media } of Object.values(config?.datasets ?? {})) {
    if (media !== undefined) folders.push(resolve(workspace, media));
    folders.push(resolve(workspace, path));
  }
  return [...new Set(folders)];
}

async function findFile(line: InlineLine, folders: readonly string[]): Promise<Hit | undefined> {
  for (const [candidate, { name, isId }] of line.candidates.entries()) {
    // A share of another machine (two slashes) is not asked for: opening it would send a name and a password there.
    if (isId || mediaKind(name) === undefined || name.includes('\0') || /^[\\/]{2}/.test(name)) continue;
    const written = sep === '/' && name.includes('\\') ? [name, name.replaceAll('\\', '/')] : [name];
    for (const folder of folders)
      for (const each of written) {
        const file = resolve(folder, each);
        const facts = await stat(file).catch(() => undefined);
        if (facts?.isFile()) return { candidate, file, state: { size: facts.size, mtime: facts.mtimeMs } };
      }
  }
  return undefined;
}

/** The last part of a path, as it is and without its ending. */
function stemsOf(name: string): string[] {
  const last = name.split(/[\\/]/).at(-1)!;
  const stem = last.replace(/\.[^.]+$/, '');
  return stem === last || stem === '' ? [last] : [last, stem];
}

/**
 * A name that several samples have finds the one whose path ends like it, the longest end that one file alone has: lists name
 * files below a folder that is not known here, or on another machine.
 */
function nameFinder(
  found: readonly FoundByName[],
  document: string,
): (name: string, line: InlineLine) => FoundByName | undefined {
  const byName = sampleFinder(found) as (name: string) => FoundByName | undefined;
  const ofOneFile = (samples: readonly FoundByName[], line: InlineLine) =>
    samples.every(({ file }) => file === samples[0]!.file) ? bestOf(samples, line, document) : undefined;
  return (name, line) => {
    const sample = byName(name);
    if (sample) return sample;
    const stems = stemsOf(name);
    const named = found.filter(({ file }) => {
      const own = stemsOf(file);
      return own.some((each) => stems.includes(each) || (isVideoId(name) && each.startsWith(`${name}_`)));
    });
    const parts = withoutEnding(name).split('/').filter(Boolean);
    for (let from = 0; from < parts.length - 1 && named.length > 1; from++) {
      const end = `/${parts.slice(from).join('/')}`;
      const ending = named.filter(({ file }) => withoutEnding(file).endsWith(end));
      if (ending.length > 0) return ofOneFile(ending, line);
    }
    return ofOneFile(named, line);
  };
}

function withoutEnding(path: string): string {
  return path.replaceAll('\\', '/').replace(/\.[^./]+$/, '');
}

/** Of the samples in one file: the part that the line names, of the dataset that the document is a list of. */
function bestOf(samples: readonly FoundByName[], line: InlineLine, document: string): FoundByName | undefined {
  const near = samples.filter(({ root }) => document === root || document.startsWith(root + sep));
  const those = near.length > 0 ? near : samples;
  const { startSec = null, endSec = null } = line;
  const part = those.find(({ start, end }) => start === startSec && end === endSec);
  if (part || those.length === 0) return part;
  const isOne = those.every(({ start, end }) => start === those[0]!.start && end === those[0]!.end);
  return isOne && startSec === null && endSec === null ? those[0] : undefined;
}

function clipOf({ file, kind, start, end, frames }: FoundByName): InlineClip {
  return { file, kind, start, end, ...(frames && { frames }) };
}

function partOf(
  { startSec, endSec }: InlineLine,
  kind: 'video' | 'image',
): { start: number | null; end: number | null } {
  return kind === 'image' ? { start: null, end: null } : { start: startSec ?? null, end: endSec ?? null };
}
