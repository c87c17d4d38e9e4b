// One study is one folder, `.cover/studies/<name>/`:
//   study.json   what is compared, frozen, and which run is which arm; written before a run starts and after it ended
//   owner.json   which process works on it, while one does (studyOwner.ts)
//   report.json  the tables (statistics.ts), when every run is finished
//   report.md    the same for a person
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { unwritable, writeFileAtomic } from '../base/atomicFile.ts';
import { messageOf, systemCode, UserError } from '../base/errors.ts';
import { experimentSchema, studySchema } from '../config/experiment.ts';
import { headResultsSchema } from '../protocol/events.ts';

export const unwritableCode = 'study-unwritable';

const storedSchema = z.object({
  version: z.literal(1),
  name: z.string(),
  study: studySchema,
  /** The experiment that the arms are made from, by its name in cover.json. */
  experiment: z.object({ name: z.string(), config: experimentSchema }),
  datasets: z.array(z.object({ name: z.string(), kind: z.enum(['video', 'image']) })),
  /** By the arm's key. `outcome` once its run is finished. */
  runs: z.record(
    z.string(),
    z.object({
      run: z.string(),
      outcome: z
        .object({
          heads: headResultsSchema,
          stages: z.record(z.string(), z.record(z.string(), z.number())),
          steps: z.number(),
          protocol: z.string(),
          device: z.string(),
          seconds: z.number(),
        })
        .optional(),
    }),
  ),
});
export type StoredStudy = z.infer<typeof storedSchema>;
export type StudyRun = StoredStudy['runs'][string];

export class StudyFolder {
  private constructor(
    readonly folder: string,
    readonly stored: StoredStudy,
  ) {}

  /** The study as it was begun, or undefined. Throws UserError where its study.json is damaged. */
  static async open(workspace: string, name: string): Promise<StudyFolder | undefined> {
    const folder = folderOf(workspace, name);
    const file = join(folder, 'study.json');
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw new UserError('study-damaged', `${file} cannot be read: ${messageOf(error)}.`, file);
    }
    try {
      return new StudyFolder(folder, storedSchema.parse(JSON.parse(text)));
    } catch {
      throw new UserError(
        'study-damaged',
        `${file} is damaged. Move it away, and the study begins anew; its runs stay.`,
        file,
      );
    }
  }

  static async create(workspace: string, stored: StoredStudy): Promise<StudyFolder> {
    const folder = folderOf(workspace, stored.name);
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      throw unwritable(unwritableCode, error, folder);
    }
    const made = new StudyFolder(folder, stored);
    await made.save();
    return made;
  }

  /** Notes which run is an arm, or what it came to. */
  async note(key: string, run: StudyRun): Promise<void> {
    this.stored.runs[key] = run;
    await this.save();
  }

  async write(name: 'report.json' | 'report.md', text: string): Promise<string> {
    const file = join(this.folder, name);
    await writeFileAtomic(file, [text], unwritableCode);
    return file;
  }

  private save(): Promise<void> {
    return writeFileAtomic(
      join(this.folder, 'study.json'),
      [`${JSON.stringify(this.stored, undefined, 2)}\n`],
      unwritableCode,
    );
  }
}

function folderOf(workspace: string, name: string): string {
  return join(resolve(workspace), '.cover', 'studies', name);
}
