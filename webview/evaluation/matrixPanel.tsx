// The confusion matrix with its controls: search, order, groups, counts or shares, this run or what changed, size.
import { useRef } from 'preact/hooks';
import { csvText } from '../../src/base/csv.ts';
import { plural } from '../../src/base/format.ts';
import { canvasTheme } from '../base/theme.ts';
import { Button, Dropdown } from '../base/toolkit.tsx';
import { ChartFrame } from '../charts/chartFrame.tsx';
import { ClassSearch } from './classSearch.tsx';
import type { Cell, Matrix as MatrixData, Order } from './confusion.ts';
import { Matrix, type MatrixControl } from './matrix.tsx';
import { zoomStep } from './matrixGeometry.ts';
import { MatrixLegend } from './matrixLegend.tsx';
import { matrixSvg, mostInSvg } from './matrixSvg.ts';
import { type Paint, paletteOf } from './matrixTexture.ts';
import type { Navigation } from './navigation.ts';

interface MatrixPanelProps {
  /** Of the file that it is saved to. */
  name: string;
  matrix: MatrixData;
  order: readonly number[];
  paint: Paint;
  navigation: Navigation;
  go: (change: Partial<Navigation>) => void;
  /** Groups were chosen from a file, or taken back. */
  onGroups: (choice: 'none' | 'word' | 'file') => void;
  /** Rises when a choice of groups came to nothing. */
  refused: number;
  /** Which other run there is to show the difference to. */
  other: string | undefined;
  selected: Cell | undefined;
  describe: (cell: Cell) => string;
  onSelect: (cell: Cell) => void;
  onFind: (index: number) => void;
}

const orderTexts: readonly { value: Order; text: string }[] = [
  { value: 'given', text: 'dataset order' },
  { value: 'name', text: 'name' },
  { value: 'support', text: 'most samples' },
  { value: 'recall', text: 'worst recall' },
  { value: 'similar', text: 'confused together' },
];

export function MatrixPanel(props: MatrixPanelProps) {
  const { name, matrix, order, paint, navigation, go, other, onGroups } = props;
  const control = useRef<MatrixControl>(null);
  const { groups } = navigation;
  const grouped = groups === undefined ? 'none' : groups === 'word' ? 'word' : 'file';
  const csv = () =>
    csvText([
      ['truth \\ predicted', ...order.map((index) => matrix.labels[index]!)],
      ...order.map((truth) => [
        matrix.labels[truth]!,
        ...order.map((predicted) => matrix.values[truth * order.length + predicted]!),
      ]),
    ]);
  const vector = () => {
    if (order.length > mostInSvg) return undefined;
    const theme = canvasTheme();
    return matrixSvg(matrix, order, paint, paletteOf(theme, paint.difference), theme);
  };
  return (
    <ChartFrame
      title={paint.difference ? 'What changed' : 'Confusion'}
      subtitle={plural(order.length, grouped === 'none' ? 'class' : 'group', grouped === 'none' ? 'classes' : 'groups')}
      name={name}
      csv={csv}
      vector={vector}
      testId="matrix-panel"
      tools={
        <span class="row zoom">
          <Button appearance="icon" label="Smaller cells" onClick={() => control.current?.zoom(1 / zoomStep)}>
            −
          </Button>
          <Button appearance="icon" label="Larger cells" onClick={() => control.current?.zoom(zoomStep)}>
            +
          </Button>
          <Button appearance="icon" label="Show all of the matrix" onClick={() => control.current?.fit()}>
            ⤢
          </Button>
        </span>
      }
    >
      <div class="matrix-tools">
        {order.length > 5 && (
          <ClassSearch
            label="Find a class"
            labels={matrix.labels}
            testId="find-class"
            onPick={(index) => {
              props.onFind(index);
              control.current?.show(index);
            }}
          />
        )}
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
        <Dropdown
          key={`${grouped} ${props.refused}`}
          label="rows"
          quiet
          value={grouped}
          options={[
            { value: 'none', text: 'each class' },
            { value: 'word', text: 'by first word' },
            { value: 'file', text: typeof groups === 'object' ? `by ${groups.name}` : 'by a file…' },
          ]}
          onChange={onGroups}
          testId="groups"
        />
        {other !== undefined && (
          <Dropdown
            label="shown"
            quiet
            value={paint.difference ? 'difference' : 'own'}
            options={[
              { value: 'difference', text: 'difference' },
              { value: 'own', text: 'this run' },
            ]}
            onChange={(value) => go({ difference: value === 'difference' })}
            testId="shown"
          />
        )}
      </div>
      <Matrix
        matrix={matrix}
        order={order}
        paint={paint}
        view={navigation.view}
        selected={props.selected}
        describe={props.describe}
        onSelect={props.onSelect}
        onView={(view) => go({ view })}
        control={control}
      />
      <MatrixLegend matrix={matrix} paint={paint} />
      {grouped !== 'none' && (
        <p class="dim small">
          {grouped === 'word'
            ? 'Classes whose names begin with the same word are counted as one.'
            : `Classes are counted by their group in ${typeof groups === 'object' ? groups.name : 'the file'}.`}{' '}
          What is confused within a group counts as recognised; all other figures are of the classes.
        </p>
      )}
    </ChartFrame>
  );
}
