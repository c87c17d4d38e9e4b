// What others published for a dataset everybody reports on, under the user's own figure, each with what is known of how it was
// reached.
import { percent } from '../base/format.ts';
import type { Report } from '../runs/report.ts';
import { table } from './tables.ts';

/** One table for each head whose dataset is a known one. */
export function publishedTables({ heads }: Report, colour: boolean): string[] {
  return Object.values(heads).flatMap(({ head, run, top1, protocol, published }) => {
    if (!published) return [];
    const rows = published.figures.map((figure) => [
      ...[figure.method, percent(figure.top1), figure.pretraining ?? 'not stated', figure.training ?? 'not stated'],
      ...[figure.protocol ?? 'not stated', figure.source],
    ]);
    const own = [`${run} (this evaluation)`, percent(top1), '', '', protocol, ''];
    const header = ['method', 'top-1', 'pre-training', 'trained on', 'protocol', 'source'];
    return [`${head} beside published results on ${published.name}:\n${table(header, [...rows, own], 6, colour)}`];
  });
}
