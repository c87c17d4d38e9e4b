// One value of a JSON text with comments is changed, added or taken away, and nothing else.
import { parseTree } from 'jsonc-parser';
import { expect, test } from 'vitest';
import { changeJson } from '../../src/config/changeJson.ts';

const file = `{
  // ours
  "experiments": {
    "one": {
      "seed": 3, // lucky
      "model": { "preset": "tiny", "frames": 4 },
      /* long */
      "coTraining": {
        "epochs": 2
      },
      "imagePretraining": false
    }
  }
}
`;

const one = (...path: string[]) => ['experiments', 'one', ...path];

test.each<[string, string[], unknown, (text: string) => string]>([
  ['a number', one('seed'), 4, (text) => text.replace('3, // lucky', '4, // lucky')],
  ['in one line', one('model', 'preset'), 'base', (text) => text.replace('"tiny"', '"base"')],
  [
    'a new key in one line',
    one('model', 'patchSize'),
    8,
    (text) => text.replace('"frames": 4 }', '"frames": 4, "patchSize": 8 }'),
  ],
  [
    'a new key on its own line',
    one('coTraining', 'batchSize'),
    16,
    (text) => text.replace('"epochs": 2\n', '"epochs": 2,\n        "batchSize": 16\n'),
  ],
  [
    'objects on the way are made',
    one('coTraining', 'optimizer', 'learningRate'),
    1e-4,
    (text) =>
      text.replace(
        '"epochs": 2\n',
        '"epochs": 2,\n        "optimizer": {\n          "learningRate": 0.0001\n        }\n',
      ),
  ],
  [
    'false becomes an object',
    one('imagePretraining', 'epochs'),
    5,
    (text) => text.replace('"imagePretraining": false', '"imagePretraining": {\n        "epochs": 5\n      }'),
  ],
  ['false becomes an empty object', one('imagePretraining'), {}, (text) => text.replace('": false', '": {}')],
  [
    'an object becomes false',
    one('coTraining'),
    false,
    (text) => text.replace(/"coTraining": \{[^}]*\}/, '"coTraining": false'),
  ],
  [
    'a list',
    one('datasets'),
    ['a', 'b'],
    (text) => text.replace('false\n', 'false,\n      "datasets": [\n        "a",\n        "b"\n      ]\n'),
  ],
  ['taken away, with its comment', one('seed'), undefined, (text) => text.replace('      "seed": 3, // lucky\n', '')],
  [
    'taken away in one line, first',
    one('model', 'preset'),
    undefined,
    (text) => text.replace('"preset": "tiny", ', ''),
  ],
  ['taken away in one line, last', one('model', 'frames'), undefined, (text) => text.replace(', "frames": 4', '')],
  [
    'taken away, the last of several lines',
    one('imagePretraining'),
    undefined,
    (text) => text.replace('      },\n      "imagePretraining": false\n', '      }\n'),
  ],
  [
    'taken away, the only one',
    one('coTraining', 'epochs'),
    undefined,
    (text) => text.replace('        "epochs": 2\n', ''),
  ],
  ['taken away, what is not there', one('nothing', 'here'), undefined, (text) => text],
])('%s', (_, path, value, expected) => {
  expect(changeJson(file, path, value)).toBe(expected(file));
  const windows = file.replaceAll('\n', '\r\n');
  expect(changeJson(windows, path, value)).toBe(expected(file).replaceAll('\n', '\r\n'));
});

test('whatever is changed in whatever order, it stays JSON', () => {
  let text = file;
  const paths = [
    one('seed'),
    one('model', 'preset'),
    one('model', 'frames'),
    one('coTraining', 'epochs'),
    one('model'),
  ];
  for (let round = 0; round < 40; round++) {
    const path = paths[(round * 7) % paths.length]!;
    text = changeJson(text, path, round % 3 === 0 ? undefined : round % 3 === 1 ? round : { a: [round], b: 'x' });
    const errors: never[] = [];
    expect(parseTree(text, errors)).toBeDefined();
    expect(errors).toEqual([]);
  }
  expect(text).toContain('// ours');
  expect(text).toContain('/* long */');
});
