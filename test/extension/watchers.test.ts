import { expect, test } from 'vitest';
import { Watchers, type WatchTarget, watchTargets } from '../../src/extension/watchers.ts';
import type { WatchedPath } from '../../src/protocol/datasets.ts';

const inside = (folder: string, folders: number): WatchedPath => ({ dataset: 'd', folder: `/w/${folder}`, folders });
const outside = (folder: string, folders: number): WatchedPath => ({ dataset: 'd', folder: `/o/${folder}`, folders });

test('folders outside of the workspace are watched whole as long as there are not too many', () => {
  const list = { ...outside('lists', 9), name: 'a[1]*.csv' };
  const paths = [inside('a', 50), outside('b', 6), outside('c', 5), outside('d', 4), list];
  expect(watchTargets(paths, (folder) => folder.startsWith('/o'), 10)).toEqual([
    { folder: '/w/a', pattern: '**' },
    { folder: '/o/b', pattern: '**' },
    { folder: '/o/c', pattern: '*', tooMany: 5 },
    { folder: '/o/d', pattern: '**' },
    { folder: '/o/lists', pattern: 'a?1??.csv' },
  ]);
});

/** Watchers of which it is told what was begun (+) and ended (-). */
function watching() {
  const told: string[] = [];
  const plans: ((targets: WatchTarget[]) => void)[] = [];
  const watchers = new Watchers(
    () => new Promise((resolve) => plans.push(resolve)),
    ({ folder, pattern }) => {
      told.push(`+${folder}/${pattern}`);
      return { dispose: () => told.push(`-${folder}/${pattern}`) };
    },
  );
  return { told, plans, watchers };
}
const whole = (folder: string): WatchTarget => ({ folder, pattern: '**' });

test('what stays is not watched anew, and what is new is watched before the old is let go', async () => {
  const { told, plans, watchers } = watching();
  for (const plan of [
    [whole('a'), whole('b')],
    [whole('a'), whole('b'), whole('a')],
    [{ folder: 'a', pattern: '*', tooMany: 7 }, whole('b')],
    [{ folder: 'a', pattern: '*', tooMany: 8 }],
  ]) {
    const update = watchers.update();
    plans.pop()!(plan);
    await update;
    told.push('.');
  }
  watchers.dispose();
  expect(told).toEqual(['+a/**', '+b/**', '.', '.', '+a/*', '-a/**', '.', '-b/**', '.', '-a/*']);
});

test('an older plan that comes late, or after the end, is of no effect', async () => {
  const { told, plans, watchers } = watching();
  const both = [watchers.update(), watchers.update()];
  plans[1]!([whole('new')]);
  plans[0]!([whole('old')]);
  await Promise.all(both);
  expect(told).toEqual(['+new/**']);
  const late = watchers.update();
  watchers.dispose();
  plans[2]!([whole('late')]);
  await late;
  expect(told).toEqual(['+new/**', '-new/**']);
});
