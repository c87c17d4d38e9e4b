// One comparison of a study as a table: what each arm reached, and each difference with its sign, in the same size whatever it says.
import { csvText } from '../../src/base/csv.ts';
import type { StudyTable as TableData } from '../../src/protocol/studies.ts';
import { savePage } from '../base/pageServices.ts';
import { Button } from '../base/toolkit.tsx';
import { accuracyText, differenceText, rangeText, seedsText, tableRows } from './texts.ts';

interface StudyTableProps {
  name: string;
  table: TableData;
  seeds: readonly number[];
  onFailure: (error: unknown) => void;
}

export function StudyTable({ name, table, seeds, onFailure }: StudyTableProps) {
  const { arms, rows, mean, over, title, explained, comparison } = table;
  const [first, ...others] = arms as [string, ...string[]];
  const save = () => savePage(`${name}-${comparison}`, 'csv', csvText(tableRows(table, seeds))).catch(onFailure);
  const uneven = rows.some(({ samples, missing }) => samples.length > 1 || missing.length > 1);
  return (
    <section class="panel" data-testid={`table-${comparison}`} aria-label={title}>
      <div class="section-head">
        <h2>{title}</h2>
        <span class="spread" />
        <Button onClick={() => void save()}>Save CSV…</Button>
      </div>
      <p class="dim">{explained}</p>
      <div class="wide-table">
        <table>
          <thead>
            <tr>
              <th>dataset</th>
              {arms.map((arm) => (
                <th key={arm} class="number">
                  {arm}
                </th>
              ))}
              {others.map((arm) => (
                <th key={arm} class="number" title={`${first} minus ${arm}, seed by seed`}>
                  − {arm}
                </th>
              ))}
              <th class="number">judged</th>
              <th class="number">missing</th>
              <th class="number">samples seen</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.dataset}>
                <td class="name clip-text" title={row.dataset}>
                  {row.dataset}
                </td>
                {arms.map((arm) => (
                  <td key={arm} class="number" title={seedsText(row.arms[arm], seeds)}>
                    {accuracyText(row.arms[arm])}
                  </td>
                ))}
                {others.map((arm) => (
                  <td key={arm} class="number difference" title={seedsText(row.differences[arm], seeds)}>
                    {differenceText(row.differences[arm])}
                  </td>
                ))}
                <td class="number">{rangeText(row.samples)}</td>
                <td class="number">{rangeText(row.missing)}</td>
                <td class="number">{rangeText(Object.values(row.seen).flat())}</td>
              </tr>
            ))}
            <tr class="mean">
              <td>mean</td>
              {arms.map((arm) => (
                <td key={arm} class="number">
                  {accuracyText(mean.arms[arm])}
                </td>
              ))}
              {others.map((arm) => (
                <td key={arm} class="number difference">
                  {differenceText(mean.differences[arm])}
                  {over[arm] !== undefined && over[arm] > 0 && over[arm] < rows.length ? ` (of ${over[arm]})` : ''}
                </td>
              ))}
              <td />
              <td />
              <td />
            </tr>
          </tbody>
        </table>
      </div>
      {uneven && (
        <p class="warning">
          Not all were judged on the same held-out samples: files changed while the study ran. Begin it anew.
        </p>
      )}
    </section>
  );
}
