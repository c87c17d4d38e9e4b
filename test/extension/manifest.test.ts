// What package.json promises the editor: commands that are registered, pictures that are there, settings that say what they are.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Manifest {
  activationEvents: string[];
  contributes: {
    commands: { command: string; title: string }[];
    menus: Record<string, { command?: string; group?: string; when?: string }[]>;
    viewsWelcome: { contents: string }[];
    keybindings?: { command: string }[];
    walkthroughs: { steps: { description: string; media: object; completionEvents: string[] }[] }[];
    configuration: { properties: Record<string, Setting> };
  };
}
interface Setting {
  description?: string;
  markdownDescription?: string;
  default?: unknown;
  enum?: string[];
  enumDescriptions?: string[];
}

const { activationEvents, contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const declared = contributes.commands.map(({ command }) => command);
const source = readdirSync('src/extension')
  .map((name) => readFileSync(`src/extension/${name}`, 'utf8'))
  .join('\n');
const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
const linked = (text: string) => [...text.matchAll(/\(command:(cover\.[\w.]+)/g)].map(([, command]) => command!);

test('every command has a handler', () => {
  expect(declared.filter((command) => !source.includes(`'${command}'`))).toEqual([]);
  expect(new Set(declared).size).toBe(declared.length);
});

test('each menu has a command once, and the commands on samples, runs and models are in one', () => {
  const places = contributes.menus['view/item/context']!.flatMap(({ command, group, when }) =>
    group?.startsWith('inline') ? [] : `${command} ${when}`,
  );
  expect(places.length).toBe(new Set(places).size);
  const of = (menu: string, view: string) =>
    contributes.menus[menu]!.flatMap(({ command, when }) => (when?.includes(view) ? command : []));
  expect(of('view/title', 'cover.datasets')).toContain('cover.findDuplicates');
  expect(of('view/item/context', 'cover.models')).toEqual(
    expect.arrayContaining(['cover.deleteRun', 'cover.revealRun']),
  );
});

test('only windows with a configuration activate the extension by themselves', () => {
  const others = activationEvents.filter((event) => !/^(workspaceContains|onWebviewPanel):/.test(event));
  expect(others).toEqual([]);
});

test('what menus, keys, welcomes and the walkthrough name is declared', () => {
  const named = [
    ...Object.values(contributes.menus).flatMap((items) => items.flatMap(({ command }) => command ?? [])),
    ...(contributes.keybindings ?? []).map(({ command }) => command),
    ...contributes.viewsWelcome.flatMap(({ contents }) => linked(contents)),
    ...steps.flatMap(({ description }) => linked(description)),
    ...steps.flatMap(({ completionEvents }) =>
      completionEvents.flatMap((event) => /^onCommand:(.*)/.exec(event)?.[1] ?? []),
    ),
  ];
  expect(named.filter((command) => !declared.includes(command))).toEqual([]);
});

test('each step of the walkthrough has something to do, and pictures that are there', () => {
  expect(steps.length).toBeGreaterThanOrEqual(5);
  for (const { description, media, completionEvents } of steps) {
    expect(linked(description)).not.toEqual([]);
    expect(completionEvents).not.toEqual([]);
    const pictures = JSON.stringify(media).match(/media\/[\w/-]+\.(png|svg)/g) ?? [];
    expect(pictures.filter((file) => !existsSync(file))).toEqual([]);
    expect(pictures).not.toEqual([]);
  }
});

test('every setting says what it does, and each of its values too', () => {
  for (const [name, { description, markdownDescription, enum: values, enumDescriptions, ...setting }] of Object.entries(
    contributes.configuration.properties,
  )) {
    expect(description ?? markdownDescription, name).toMatch(/^[A-Z`].{30,}\.$/s);
    expect(enumDescriptions?.length, name).toBe(values?.length);
    expect(setting.default, name).toBeDefined();
  }
});

test('every page comes back after a reload', () => {
  const kinds = [...source.matchAll(/viewType: 'cover\.(\w+)'/g)].map(([, kind]) => `onWebviewPanel:cover.${kind}`);
  expect(kinds.filter((event) => !activationEvents.includes(event))).toEqual([]);
});
