// The table of speeds in the README, drawn from the files in bench/results: of every machine and case the newest file that
// has it, one table a file. What stands between the two markers is the program's; a test holds it to the files.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../src/base/atomicFile.ts';
import { messageOf, UserError } from '../src/base/errors.ts';
import { bytes, figures, percent, plural } from '../src/base/format.ts';

/** The first and last line of the section. */
export const markers = ['<!-- speed: drawn by npm run bench -- --readme -->', '<!-- end of speed -->'] as const;

/** A program that could not be measured has said why instead. */
const measured = <T extends z.ZodRawShape>(shape: T) => z.union([z.object({ failed: z.string() }), z.object(shape)]);
const spread = z.object({ median: z.number() });
const otherSchema = measured({ timeOverOurs: spread, peakBytes: z.number().nullable() });

const caseSchema = z.object({
  model: z.string(),
  mode: z.enum(['training', 'inference']),
  device: z.string(),
  batch: z.number(),
  ours: measured({ ms: spread, clipsPerSecond: z.number(), gflops: z.number(), peakBytes: z.number().nullable() }),
  share: spread.nullable(),
  bare: otherSchema.nullable(),
  torch: z.object({ eager: otherSchema, compiled: otherSchema.nullable() }).nullable(),
});

/** What the table reads of a BenchReport (report.ts). */
const reportSchema = z.object({
  date: z.string(),
  machine: z.object({
    cpu: z.string(),
    cores: z.number(),
    memoryBytes: z.number(),
    os: z.string(),
    devices: z.record(z.string(), z.string()),
  }),
  versions: z.record(z.string(), z.string()),
  rounds: z.number(),
  cases: z.array(caseSchema),
});

type Case = z.infer<typeof caseSchema>;
type Other = z.infer<typeof otherSchema>;

export interface ResultFile {
  /** Its name in the folder of results. */
  readonly name: string;
  readonly report: z.infer<typeof reportSchema>;
}

/** Rewrites the section of the README from the folder of results. Throws a UserError where either is not what it should be. */
export async function drawReadme(readme: string, resultsFolder: string): Promise<void> {
  const [before, results] = await Promise.all([readFile(readme, 'utf8'), readResults(resultsFolder)]);
  const after = withSection(before, speedSection(results), readme);
  if (after !== before) await writeFileAtomic(readme, [after]);
}

/** Every .json file of the folder. Throws UserError `bench-result-unreadable` where one is no result of the benchmark. */
export async function readResults(folder: string): Promise<ResultFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      try {
        return { name, report: reportSchema.parse(JSON.parse(await readFile(path, 'utf8'))) };
      } catch (error) {
        const why = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
        throw new UserError('bench-result-unreadable', `${path} is no result of the benchmark: ${why}`, path);
      }
    }),
  );
}

/** The text with what stands between its markers replaced. Throws UserError `bench-readme` where they are not there once. */
export function withSection(text: string, section: string, file: string): string {
  const [start, end] = markers;
  const [before, inside, ...more] = text.split(`${start}\n`);
  const [, after, ...rest] = inside?.split(end) ?? [];
  if (before === undefined || after === undefined || more.length > 0 || rest.length > 0)
    throw new UserError(
      'bench-readme',
      `${file} needs the lines "${start}" and "${end}", once and in this order.`,
      file,
    );
  return `${before}${start}\n${section}${end}${after}`;
}

/** The tables, newest file first, each with its machine. Cases that a newer file has of the same machine are left out. */
export function speedSection(results: readonly ResultFile[]): string {
  const seen = new Set<string>();
  const newestFirst = [...results].sort(
    (a, b) => b.report.date.localeCompare(a.report.date) || b.name.localeCompare(a.name),
  );
  const tables = newestFirst.flatMap(({ name, report }) => {
    const { machine, cases } = report;
    const fresh = cases.filter(({ model, batch, mode, device }) => {
      const key = JSON.stringify([machine.cpu, machine.cores, machine.devices[device], model, batch, mode, device]);
      return !seen.has(key) && seen.add(key);
    });
    return fresh.length === 0 ? [] : [`${headline(name, report, fresh)}\n\n${table(fresh)}`];
  });
  return tables.length === 0 ? '\nNothing has been measured yet.\n\n' : `\n${tables.join('\n\n')}\n\n`;
}

function headline(
  name: string,
  { date, machine, versions, rounds }: ResultFile['report'],
  cases: readonly Case[],
): string {
  const gpus = [...new Set(cases.map(({ device }) => device))].flatMap((id) =>
    id === 'cpu' || machine.devices[id] === undefined ? [] : [`${id}: ${machine.devices[id]}`],
  );
  const libraries = Object.entries(versions).flatMap(([library, version]) =>
    library === 'cover-studio' ? [] : [`${library} ${version}`],
  );
  const parts = [
    `${machine.cpu}, ${plural(machine.cores, 'core')}, ${bytes(machine.memoryBytes)}, ${machine.os}`,
    ...gpus,
  ];
  return (
    `${parts.join('; ')}; ${libraries.join(', ')}. Medians of ${plural(rounds, 'alternating round')}, ` +
    `${date.slice(0, 10)} ([${name}](bench/results/${encodeURI(name)})):`
  );
}

/** Columns, and what a case has in them. */
const columns: readonly (readonly [string, (one: Case) => string])[] = [
  ['case', ({ model, mode, batch }) => `\`${model}\` ${mode}, ${plural(batch, 'clip')}`],
  ['device', ({ device }) => device],
  ['ms', ({ ours }) => ('failed' in ours ? 'failed' : figures(ours.ms.median))],
  ['clips/s', ({ ours }) => ('failed' in ours ? '' : figures(ours.clipsPerSecond))],
  ['GFLOP/s', ({ ours }) => ('failed' in ours ? '' : figures(ours.gflops))],
  ['of the machine’s rate', ({ share }) => percent(share?.median, 0)],
  [
    'peak memory: ours / eager',
    ({ ours, torch }) => [memory(ours), ...(torch ? [memory(torch.eager)] : [])].join(' / '),
  ],
  ['over PyTorch eager', ({ torch }) => ratio(torch?.eager)],
  ['over compiled', ({ torch }) => ratio(torch?.compiled)],
  ['over bare onnxruntime', ({ bare }) => ratio(bare)],
];

function table(cases: readonly Case[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line(columns.map(([title]) => title)),
    `|${columns.map((_, i) => (i < 2 ? '---' : '--:')).join('|')}|`,
    ...cases.map((one) => line(columns.map(([, cell]) => cell(one)))),
  ].join('\n');
}

function memory(program: Case['ours'] | Other): string {
  return 'failed' in program || program.peakBytes === null ? '–' : bytes(program.peakBytes);
}

/** Nothing where it was not measured, a dash where that failed. */
function ratio(other: Other | null | undefined): string {
  if (!other) return '';
  return 'failed' in other ? '–' : `${other.timeOverOurs.median.toFixed(2)} ×`;
}
