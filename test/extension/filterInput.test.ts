// Typing the filter of the Datasets tree: what keeps it, and what brings back the one before.
import { beforeEach, expect, test, vi } from 'vitest';

const event = () => {
  const listeners = new Set<(value: string) => void>();
  return {
    on: (listener: (value: string) => void) => {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    fire: (value = '') => {
      for (const listener of [...listeners]) listener(value);
    },
    count: () => listeners.size,
  };
};

function inputBox() {
  const [changed, accepted, hidden] = [event(), event(), event()];
  return {
    value: '',
    ignoreFocusOut: false,
    isShown: false,
    onDidChangeValue: changed.on,
    onDidAccept: accepted.on,
    onDidHide: hidden.on,
    show() {
      for (const other of boxes) other.hide(); // there is one at a time
      this.isShown = true;
    },
    hide() {
      if (!this.isShown) return;
      this.isShown = false;
      hidden.fire();
    },
    dispose: () => {},
    type: (text: string) => changed.fire(text),
    enter: () => accepted.fire(),
    listeners: () => changed.count() + accepted.count() + hidden.count(),
  };
}
let boxes: ReturnType<typeof inputBox>[];
vi.mock('vscode', () => ({
  window: {
    createInputBox: () => {
      boxes.push(inputBox());
      return boxes.at(-1);
    },
  },
}));
const { FilterInput } = await import('../../src/extension/filterInput.ts');

let filter: { text: string; set(text: string): void };
beforeEach(() => {
  boxes = [];
  filter = {
    text: 'before',
    set(text) {
      this.text = text;
    },
  };
});

test.each([
  ['Enter keeps what was typed', 'typed', (box: ReturnType<typeof inputBox>) => box.enter()],
  ['going on with what is shown keeps it', 'typed', (_: unknown, input: { accept(): void }) => input.accept()],
  ['Escape brings back what was shown before', 'before', (box: ReturnType<typeof inputBox>) => box.hide()],
])('%s', (_, kept, end) => {
  const input = new FilterInput(filter);
  input.ask();
  const [box] = boxes;
  expect([box!.value, box!.isShown]).toEqual(['before', true]);
  expect(box!.ignoreFocusOut).toBe(true); // a click into the tree hides nothing
  box!.type('typed');
  expect(filter.text).toBe('typed');
  end(box!, input);
  expect([filter.text, box!.isShown, box!.listeners()]).toEqual([kept, false, 0]);
  filter.set('later');
  input.accept();
  expect(filter.text).toBe('later');
});

test('asked for once more while it is typed, it begins with what was typed', () => {
  const input = new FilterInput(filter);
  input.ask();
  boxes[0]!.type('typed');
  input.ask();
  expect([filter.text, boxes[1]!.value]).toEqual(['typed', 'typed']);
  boxes[1]!.type('more');
  boxes[1]!.hide();
  expect(filter.text).toBe('typed');
});
