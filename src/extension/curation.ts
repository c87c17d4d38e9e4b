// Edits of samples as the editor makes them: excluded, included again, given another class, tagged. Every page and tree that offers one
// calls this; the index follows, and who shows samples hears of it. Each says whether something was changed: a person may have
// thought better of it.
import { EventEmitter, type QuickPickItem, window } from 'vscode';
import { plural } from '../base/format.ts';
import { asLabel } from '../base/shownText.ts';
import type { SampleEdit } from '../protocol/curation.ts';
import { copyCli } from './copyCli.ts';
import type { Indexing } from './indexing.ts';
import type { Runners } from './runners.ts';
import { pickTag, pickTagOf } from './tagPick.ts';

/** Edits that can be undone, one after the other. */
const mostUndone = 50;

interface Done {
  folder: string;
  /** For a person: "3 samples excluded". */
  what: string;
  /** As after `cover edit`, without the samples. */
  words: readonly string[];
  ids: readonly string[];
  before: SampleEdit[];
}

export class Curation {
  private readonly editedEmitter = new EventEmitter<{ folder: string; ids: readonly string[] }>();
  /** With the samples, after they were edited and the index has followed. */
  readonly onEdited = this.editedEmitter.event;
  private readonly done: Done[] = [];

  constructor(
    private readonly runners: Runners,
    private readonly indexing: Indexing,
  ) {}

  /** Leaves samples out of training and judging. Resolves when the index has followed. */
  exclude(folder: string, ids: readonly string[]): Promise<boolean> {
    return this.edit(
      folder,
      ids.map((id) => ({ id, excluded: true })),
      ['exclude'],
      (changed) => `Excluded ${plural(changed, 'sample')}`,
    );
  }

  include(folder: string, ids: readonly string[]): Promise<boolean> {
    return this.edit(
      folder,
      ids.map((id) => ({ id, excluded: false })),
      ['include'],
      (changed) => `Included ${plural(changed, 'sample')} again`,
    );
  }

  /** Gives samples of one dataset another class; asks which where `label` is absent, of the dataset's. null: the dataset's own. */
  async relabel(folder: string, ids: readonly string[], label?: string | null): Promise<boolean> {
    const dataset = ids[0]?.split('/')[0];
    if (dataset === undefined) return false;
    const chosen = label === undefined ? await this.pickClass(folder, dataset, ids) : { label, newClass: false };
    if (!chosen) return false;
    const to = chosen.label === null ? 'as the dataset says' : `as "${chosen.label}"`;
    const named = chosen.label === null ? [] : ['--label', chosen.label];
    return this.edit(
      folder,
      ids.map((id) => ({ id, label: chosen.label })),
      ['relabel', ...named, ...(chosen.newClass ? ['--new-class'] : [])],
      (changed) => `Relabelled ${plural(changed, 'sample')} ${to}`,
      chosen.newClass,
    );
  }

  /** Puts a tag on samples, one that is asked for. */
  async tag(folder: string, ids: readonly string[]): Promise<boolean> {
    if (ids.length === 0) return false;
    const inUse = await this.runners.ask('curation/tags', { workspace: folder });
    const tag = await pickTag(`Tag ${named(ids)}`, inUse);
    if (tag === undefined) return false;
    return this.edit(
      folder,
      ids.map((id) => ({ id, tag: [tag] })),
      ['tag', ...asArgument(tag)],
      (changed) => `Tagged ${plural(changed, 'sample')} "${tag}"`,
    );
  }

  /** Takes a tag off samples, one of theirs that is asked for. */
  async untag(folder: string, ids: readonly string[]): Promise<boolean> {
    if (ids.length === 0) return false;
    const tags = await this.runners.ask('curation/tags', { workspace: folder, ids: [...ids] });
    if (tags.length === 0) {
      window.setStatusBarMessage('The samples have no tags', 5000);
      return false;
    }
    const tag = await pickTagOf(`Remove Tag from ${named(ids)}`, tags, ids.length > 1);
    if (tag === undefined) return false;
    return this.edit(
      folder,
      ids.map((id) => ({ id, untag: [tag] })),
      ['untag', ...asArgument(tag)],
      (changed) => `Removed the tag "${tag}" from ${plural(changed, 'sample')}`,
    );
  }

  /** Takes the last edit of this window back, if there is one; then the one before. */
  async undo(): Promise<void> {
    const last = this.done.pop();
    if (!last) {
      window.setStatusBarMessage('No edit of samples to undo in this window', 5000);
      return;
    }
    const asked = { workspace: last.folder, edits: last.before, newClass: true };
    const place = this.done.length;
    const { indexed } = await this.runners.ask('curation/edit', asked).catch((error: unknown) => {
      this.done.splice(place, 0, last); // it can be tried again once what was in the way is mended
      throw error;
    });
    await this.followed(last.folder, last.before, indexed, `$(discard) Undone: ${asLabel(last.what)}`);
  }

  /** The edit that `undo` would take back, as a command. */
  async copyLast(): Promise<void> {
    const last = this.done.at(-1);
    if (last) await copyCli(['edit', '--workspace', last.folder, ...last.words, ...last.ids]);
    else window.setStatusBarMessage('No edit of samples to copy in this window', 5000);
  }

  dispose(): void {
    this.editedEmitter.dispose();
  }

  private async edit(
    folder: string,
    edits: SampleEdit[],
    words: readonly string[],
    say: (changed: number) => string,
    newClass = false,
  ): Promise<boolean> {
    if (edits.length === 0) return false;
    const asked = { workspace: folder, edits, newClass };
    const { changed, before, indexed } = await this.runners.ask('curation/edit', asked);
    if (changed === 0) {
      window.setStatusBarMessage('Nothing to change: the samples are like that already', 5000);
      return false;
    }
    const what = say(changed);
    this.done.push({ folder, what, words, ids: edits.map(({ id }) => id), before });
    if (this.done.length > mostUndone) this.done.shift();
    await this.followed(folder, before, indexed, `$(check) ${asLabel(what)}. "CoVeR: Undo Last Edit" takes it back`);
    return true;
  }

  /** What follows from an edit beside the samples themselves, such as problems, the next update finds: the file is watched. */
  private async followed(
    folder: string,
    edits: readonly SampleEdit[],
    indexed: boolean,
    message: string,
  ): Promise<void> {
    if (indexed) this.indexing.changed();
    else await this.indexing.update();
    this.editedEmitter.fire({ folder, ids: edits.map(({ id }) => id) });
    window.setStatusBarMessage(message, 8000);
  }

  private async pickClass(
    folder: string,
    dataset: string,
    ids: readonly string[],
  ): Promise<{ label: string | null; newClass: boolean } | undefined> {
    const classes = await this.runners.ask('curation/classes', { workspace: folder, dataset });
    const items: (QuickPickItem & { chosen: string | null | undefined })[] = [
      ...classes.map((label) => ({ label: asLabel(label), chosen: label })),
      { label: 'As the dataset says', description: 'take a relabelling back', chosen: null },
      {
        label: '$(add) New class…',
        description: 'one that the dataset does not have yet',
        alwaysShow: true,
        chosen: undefined,
      },
    ];
    const title = `Relabel ${named(ids)}`;
    const picked = await window.showQuickPick(items, {
      title,
      placeHolder: `Class of ${dataset}`,
      matchOnDescription: true,
    });
    if (!picked) return undefined;
    if (picked.chosen !== undefined) return { label: picked.chosen, newClass: false };
    const label = (await window.showInputBox({ title, prompt: `A new class of ${dataset}` }))?.trim();
    return label ? { label, newClass: true } : undefined;
  }
}

/** So that a tag that begins with a dash is no option. */
function asArgument(tag: string): string[] {
  return tag.startsWith('-') ? ['--', tag] : [tag];
}

/** Of one sample its id, of more how many. */
function named(ids: readonly string[]): string {
  return ids.length === 1 ? asLabel(ids[0]!) : plural(ids.length, 'sample');
}
