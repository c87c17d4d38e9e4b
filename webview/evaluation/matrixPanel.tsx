// The confusion matrix with its controls: order, counts or shares, size.
import { useState } from 'preact/hooks';
import type { Evaluation } from '../../src/protocol/evaluation.ts';
import { Button, Dropdown } from '../base/toolkit.tsx';
import type { Cell, Order } from './confusion.ts';
import { Matrix } from './matrix.tsx';
import { cellSides, zoomed } from './matrixGeometry.ts';
import type { Navigation } from './navigation.ts';

interface MatrixPanelProps {
  evaluation: Evaluation;
  order: readonly number[];
  sums: readonly number[];
  navigation: Navigation;
  go: (change: Partial<Navigation>) => void;
  selected: Cell | undefined;
  onSelect: (cell: Cell) => void;
}

const orderTexts: readonly { value: Order; text: string }[] = [
  { value: 'given', text: 'dataset order' },
  { value: 'name', text: 'name' },
  { value: 'support', text: 'most samples' },
  { value: 'recall', text: 'worst recall' },
  { value: 'similar', text: 'confused together' },
];

export function MatrixPanel({ evaluation, order, sums, navigation, go, selected, onSelect }: MatrixPanelProps) {
  const [side, setSide] = useState(0);
  return (
    <section class="panel matrix-panel">
      <div class="section-head">
        <h2>Confusion</h2>
        <span class="spread" />
        <Dropdown
          label="order"
          value={navigation.order}
          options={orderTexts}
          onChange={(value) => go({ order: value })}
          testId="order"
        />
        <Dropdown
          label="numbers"
          quiet
          value={navigation.normalised ? 'share' : 'count'}
          options={[
            { value: 'count', text: 'counts' },
            { value: 'share', text: '% of truth' },
          ]}
          onChange={(value) => go({ normalised: value === 'share' })}
          testId="normalise"
        />
        <span class="row zoom">
          <Button
            appearance="icon"
            label="Smaller cells"
            disabled={side <= cellSides[0]}
            onClick={() => go({ side: zoomed(side, -1) })}
          >
            −
          </Button>
          <Button
            appearance="icon"
            label="Larger cells"
            disabled={side >= cellSides.at(-1)!}
            onClick={() => go({ side: zoomed(side, 1) })}
          >
            +
          </Button>
          <Button appearance="icon" label="Fit the whole matrix" onClick={() => go({ side: undefined })}>
            ⤢
          </Button>
        </span>
      </div>
      <Matrix
        evaluation={evaluation}
        order={order}
        sums={sums}
        normalised={navigation.normalised}
        side={navigation.side}
        selected={selected}
        onSelect={onSelect}
        onSide={setSide}
      />
    </section>
  );
}
