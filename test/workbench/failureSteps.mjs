// What goes wrong: an invalid cover.json at its line, a killed runner, a cancelled training that leaves a usable run, a
// killed training that leaves its last checkpoint.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quietSettings } from './server.mjs';
import { answerTrain, pointsOf } from './trainingSteps.mjs';

export const failureSteps = [
  {
    name: 'an invalid cover.json shows in the Problems panel at its line, and no more once it is mended',
    needs: 'datasets',
    run: async ({ window, folder, shoot }) => {
      await window.closeEditors();
      const file = join(folder, 'cover.json');
      const sound = readFileSync(file, 'utf8');
      const lines = sound.split('\n');
      const line = lines.findIndex((text) => /"kind": "video"/.test(text)) + 1;
      lines[line - 1] = lines[line - 1].replace('"video"', '"vidoe"');
      writeFileSync(file, lines.join('\n'));
      await window.openFile('cover.json');
      await window.command('Problems: Focus on Problems View');
      const problem = window.page.locator('.markers-panel .monaco-list-row', { hasText: 'must be' }).first();
      await problem.waitFor();
      assert.match(await problem.textContent(), new RegExp(`Ln ${line}, `));
      await shoot('12-invalid-cover-json');
      writeFileSync(file, sound);
      await problem.waitFor({ state: 'detached' });
      await window.page.keyboard.press('Control+J');
      await window.closeEditors();
    },
  },
  {
    name: 'a killed runner is reported with what to do, and questions are answered again',
    needs: 'datasets',
    run: async (context) => {
      const { window, shoot } = context;
      await window.dismissNotifications();
      process.kill(newestRunner(context, 'questions'), 'SIGKILL');
      const message = window.notification('ended unexpectedly');
      await message.waitFor();
      await shoot('13-killed-runner');
      await message.getByRole('button', { name: 'Restart' }).click();
      await window.expand('Datasets', 'textures-mini');
      await window.expand('Datasets', 'val');
      await window.row('Datasets', 'checkerboard').waitFor();
    },
  },
  {
    name: 'Cancel stops the training and leaves a run that can be looked at',
    needs: 'trained',
    run: async (context) => {
      const { window, shoot } = context;
      const view = await startAnother(context);
      const toast = window.notification('step');
      await toast.hover();
      await toast.getByRole('button', { name: 'Cancel' }).click();
      const row = window.tree('Runs').locator('.monaco-list-row').first();
      await window.until('the row to say cancelled', async () => /cancelled/.test(await row.textContent()));
      await window.until(
        'the view to say cancelled',
        async () => (await view.locator('[data-testid="run"]').getAttribute('data-state')) === 'cancelled',
      );
      assert.ok((await pointsOf(view, 'chart-loss')) > 0, 'its curves are kept');
      await shoot('14-cancelled');
      await window.command('CoVeR: Evaluate Run');
      const name = (await row.locator('.label-name').textContent()).trim();
      await window.quickRows().filter({ hasText: name }).click();
      await window.webview('[data-testid="confusion"]');
      await window.until('top-1 in the row', async () => /motion-mini [\d.]+ %/.test(await row.textContent()));
      await window.closeEditors();
    },
  },
  {
    name: 'a killed training is reported, and its run is listed as interrupted',
    needs: 'trained',
    run: async (context) => {
      const { window, shoot } = context;
      await startAnother(context);
      process.kill(newestRunner(context, 'training'), 'SIGKILL');
      await window.notification('ended unexpectedly').waitFor();
      const row = window.tree('Runs').locator('.monaco-list-row').first();
      await window.until('the row to say interrupted', async () => /interrupted/.test(await row.textContent()));
      await shoot('15-killed-training');
      await window.closeEditors();
    },
  },
  {
    name: 'in a workspace that is not trusted nothing is started',
    run: async (context) => {
      const { window, server, shoot } = context;
      const folder = join(server.home, 'unknown');
      mkdirSync(folder);
      writeFileSync(join(folder, 'cover.json'), '{ "datasets": { "a": { "kind": "nonsense" } } }\n');
      const trust = { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' };
      server.writeSettings({ ...quietSettings, ...trust });
      const before = startedRunners(context);
      await window.open(server.url, folder);
      await window.sideBar();
      await window.page.getByRole('button', { name: 'Manage Workspace Trust' }).first().waitFor();
      await window.command('CoVeR: Refresh Index');
      await window.notification('not trusted').waitFor();
      assert.deepEqual(startedRunners(context), before);
      await shoot('16-not-trusted');
    },
  },
];

/** The ids of all runners that the window's logs name. */
function startedRunners(context) {
  return [...context.log().matchAll(/runner started, process (\d+)/g)].map((found) => found[1]);
}

/** The id of the process that the log named last. */
function newestRunner(context, name) {
  const found = [...context.log().matchAll(new RegExp(`\\[${name}\\] runner started, process (\\d+)`, 'g'))].at(-1);
  assert.ok(found, `a ${name} runner was started`);
  return Number(found[1]);
}

/** Trains once more with the remembered answers and waits for the first points of its curve. */
async function startAnother({ window }) {
  await window.closeEditors();
  await window.dismissNotifications();
  await answerTrain(window);
  const view = await window.webview('[data-testid="run"][data-state="running"]');
  await window.until('a first point', async () => (await pointsOf(view, 'chart-loss')) > 1);
  return view;
}
