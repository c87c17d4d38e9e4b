// Every class with its support, precision, recall, F1 and average precision: sortable, searchable; a click shows the class in the
// matrix and its samples. Only the rows that show are drawn.
import { useMemo, useState } from 'preact/hooks';
import { count, percentNumber } from '../../src/base/format.ts';
import { TextField } from '../base/toolkit.tsx';
import { type ClassFigures, type ClassSort, sortedClasses } from './classSort.ts';
import { RowWindow } from './rowWindow.tsx';

interface ClassTableProps {
  classes: readonly ClassFigures[];
  sort: ClassSort;
  onSort: (sort: ClassSort) => void;
  selected: number | undefined;
  onSelect: (index: number) => void;
}

const columns = [
  { key: 'label', text: 'class', title: 'Sort by name' },
  { key: 'support', text: 'n', title: 'Held-out samples of the class' },
  { key: 'precision', text: 'P %', title: 'Precision: of those called so, how many are' },
  { key: 'recall', text: 'R %', title: 'Recall: of those that are, how many were called so' },
  { key: 'f1', text: 'F1 %', title: 'Harmonic mean of precision and recall' },
  { key: 'average', text: 'AP %', title: 'Average precision: the area under the precision-recall curve' },
] as const;

export function ClassTable({ classes, sort, onSort, selected, onSelect }: ClassTableProps) {
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const rows = useMemo(
    () => sortedClasses(classes, sort).filter((i) => classes[i]!.label.toLowerCase().includes(wanted)),
    [classes, sort, wanted],
  );
  const hasAverage = classes.some(({ average }) => average !== undefined);
  const shownColumns = columns.filter(({ key }) => key !== 'average' || hasAverage);
  return (
    <section class="panel" data-testid="classes" aria-label="Per class">
      <div class="section-head">
        <h2>Per class</h2>
        {classes.length > 12 && <TextField label="Filter classes" value={search} onInput={setSearch} />}
      </div>
      <RowWindow class="class-scroll" rows={rows.length} height={320}>
        {({ from, to, above, below }) => (
          <table aria-rowcount={rows.length + 1}>
            <thead>
              <tr>
                {shownColumns.map(({ key, text, title }) => (
                  <th
                    key={key}
                    class={key === 'label' ? '' : 'number'}
                    aria-sort={sort.by === key ? (sort.down ? 'descending' : 'ascending') : 'none'}
                  >
                    <button
                      type="button"
                      class="plain"
                      title={title}
                      onClick={() => onSort({ by: key, down: sort.by === key ? !sort.down : key !== 'label' })}
                    >
                      {text}
                      {sort.by === key ? (sort.down ? ' ▾' : ' ▴') : ''}
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {above > 0 && <Room height={above} />}
              {rows.slice(from, to).map((i, at) => {
                const row = classes[i]!;
                return (
                  <tr key={i} class={selected === i ? 'selected' : ''} aria-rowindex={from + at + 2}>
                    <td class="class-name">
                      <button type="button" class="plain clip-text" title={row.label} onClick={() => onSelect(i)}>
                        {row.label}
                      </button>
                    </td>
                    <td class="number">{count(row.support)}</td>
                    <td class="number">{percentNumber(row.precision)}</td>
                    <td class="number">{percentNumber(row.recall)}</td>
                    <td class="number">{percentNumber(row.f1)}</td>
                    {hasAverage && <td class="number">{percentNumber(row.average)}</td>}
                  </tr>
                );
              })}
              {below > 0 && <Room height={below} />}
            </tbody>
          </table>
        )}
      </RowWindow>
      {rows.length === 0 && <p class="dim">No class has “{search}” in its name.</p>}
    </section>
  );
}

/** The room of the rows that do not show. */
function Room({ height }: { height: number }) {
  return (
    <tr class="room">
      <td colSpan={columns.length} style={{ height: `${height}px` }} />
    </tr>
  );
}
