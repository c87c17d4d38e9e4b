// A study from the editor: composed in the palette, followed on its page, stopped there, and gone on with. Short: the rows are tested in
// test/extension/studyRows.test.ts, the work in test/runner/studies.test.ts, the page in test/webview/studyView.test.ts.
import assert from 'node:assert/strict';

const shown = '[data-testid="study"]';

export const steps = [
  {
    name: 'a comparison is composed, and says how many runs it comes to before it starts',
    run: async (context) => {
      const { window, shoot } = context;
      const { page } = window;
      const rows = window.quickRows();
      await window.command('CoVeR: Run Study');
      await rows.filter({ hasText: 'New comparison…' }).click();
      await window.quickPick('Run Study: what to compare');
      await rows.filter({ hasText: 'Videos with and without images' }).waitFor();
      await shoot('study-compare');
      await page.keyboard.press('Enter'); // coTraining, as the schema has it
      await window.quickPick('Run Study: of which experiment');
      await rows.filter({ hasText: 'short' }).first().click();
      await window.quickPick('Run Study: seeds');
      const widget = page.locator('.quick-input-widget');
      const planned = await widget.getByText(/\d+ runs to train/).textContent(); // with three seeds, and each dataset alone
      const runs = Number(/(\d+) runs/.exec(planned)[1]) / 3;
      assert.ok(Number.isInteger(runs) && runs >= 3, planned);
      await window.input().fill('one');
      await widget.getByText('"one" is no whole number from 0 on.').waitFor();
      await shoot('study-seeds');
      await window.input().fill('1');
      await widget.getByText(`${runs} runs to train`, { exact: true }).waitFor();
      await page.keyboard.press('Enter');
      await window.quickPick('Study coTraining');
      await rows.filter({ hasText: `${runs} runs to train` }).waitFor();
      await shoot('study-confirm');
      await rows.filter({ hasText: 'Start' }).click();
      const view = await window.webview(shown);
      await view.locator('[data-testid="arms"]', { hasText: 'training' }).waitFor();
      await window.notification(`Run 1 of ${runs}: co-trained, seed 1`).waitFor();
      await view.locator('[data-testid="progress"]', { hasText: 'step' }).waitFor(); // told with the run's steps
      const told = await view.locator('[role="progressbar"]').getAttribute('aria-valuetext');
      assert.match(told, new RegExp(`^0 of ${runs} runs finished · run 1 of ${runs}: co-trained, seed 1`));
      await shoot('study-running');
      context.study = view;
    },
  },
  {
    name: 'it is stopped on its page, which says what is left, and goes on from there',
    needs: 'study',
    run: async ({ window, study, axe, shoot }) => {
      await study.locator('[data-testid="stop"]').click();
      await study.locator('[data-testid="go-on"]').waitFor();
      await window.notification('was stopped with').waitFor();
      await axe(study);
      await shoot('study-stopped');
      assert.equal(await study.locator('[data-testid="stop"]').count(), 0);
      await study.locator('[data-testid="go-on"]').click();
      await study.locator('[data-testid="arms"]', { hasText: 'training' }).waitFor();
      await study.locator('[data-testid="stop"]').click();
      await study.locator('[data-testid="go-on"]').waitFor();
    },
  },
];
