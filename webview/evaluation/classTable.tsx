// Every class with its support, precision, recall and F1: sortable, searchable; a click shows the class in the matrix.
import { useState } from 'preact/hooks';
import { count, percentNumber } from '../../src/base/format.ts';
import type { Evaluation } from '../../src/protocol/evaluation.ts';
import { TextField } from '../base/toolkit.tsx';
import { type ClassSort, sortedClasses } from './classSort.ts';
import type { Cell } from './confusion.ts';

interface ClassTableProps {
  evaluation: Evaluation;
  sort: ClassSort;
  onSort: (sort: ClassSort) => void;
  selected: Cell | undefined;
  onSelect: (cell: Cell) => void;
}

const columns = [
  { key: 'label', text: 'class', title: 'Sort by name' },
  { key: 'support', text: 'n', title: 'Held-out samples of the class' },
  { key: 'precision', text: 'P %', title: 'Precision: of those called so, how many are' },
  { key: 'recall', text: 'R %', title: 'Recall: of those that are, how many were called so' },
  { key: 'f1', text: 'F1 %', title: 'Harmonic mean of precision and recall' },
] as const;

export function ClassTable({ evaluation, sort, onSort, selected, onSelect }: ClassTableProps) {
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const rows = sortedClasses(evaluation.perClass, sort).filter((i) =>
    evaluation.perClass[i]!.label.toLowerCase().includes(wanted),
  );
  return (
    <section class="panel" data-testid="classes">
      <div class="section-head">
        <h2>Per class</h2>
        {evaluation.classes.length > 12 && <TextField label="Find a class" value={search} onInput={setSearch} />}
      </div>
      <div class="class-scroll">
        <table>
          <thead>
            <tr>
              {columns.map(({ key, text, title }) => (
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
            {rows.map((i) => {
              const row = evaluation.perClass[i]!;
              return (
                <tr key={i} class={selected?.truth === i ? 'selected' : ''}>
                  <td class="class-name">
                    <button
                      type="button"
                      class="plain clip-text"
                      title={row.label}
                      onClick={() => onSelect({ truth: i, predicted: i })}
                    >
                      {row.label}
                    </button>
                  </td>
                  <td class="number">{count(row.support)}</td>
                  <td class="number">{percentNumber(row.precision)}</td>
                  <td class="number">{percentNumber(row.recall)}</td>
                  <td class="number">{percentNumber(row.f1)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
        {rows.length === 0 && <p class="dim">No class has “{search}” in its name.</p>}
      </div>
    </section>
  );
}
