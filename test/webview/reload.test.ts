// A page that is loaded anew at a bad moment: while its questions are open, and the answers come late. It is where it was,
// and takes no late answer for its own. Each page in the real workbench: test/workbench/pages/reloadSteps.mjs.
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Handlers } from '../../src/protocol/endpoint.ts';
import { type EvaluationHostSurface, evaluationHostSurface } from '../../src/protocol/evaluationView.ts';
import { evaluationOf, shownOf } from './evaluationData.ts';
import { eventually, type Harness, hasChromium, startHarness } from './harness.ts';
import { runSummary } from './runData.ts';

describe.skipIf(!hasChromium)('a page that is loaded anew', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness(tmpdir());
  });
  afterAll(() => harness?.close());

  const heads = ['kinetics-mini', 'ssv2-mini', 'imagenet-mini'];

  function open() {
    return harness.open({
      view: 'evaluation',
      surface: evaluationHostSurface,
      handlers: {
        ...({} as Handlers<EvaluationHostSurface>),
        'evaluationView/ready': async () => ({ summary: runSummary('done'), heads, others: [] }),
        'evaluationView/head': async ({ head }) => shownOf(evaluationOf(head, 6 + heads.indexOf(head))),
        'evaluationView/curves': async () => [],
      },
    });
  }

  test('before its first question is answered', async () => {
    const view = await open();
    view.hold(true);
    await view.reload();
    await view.reload();
    view.hold(false);
    await view.page.locator(`[data-testid=evaluation][data-head="${heads[0]}"]`).waitFor();
    await view.page.getByTestId('confusion').waitFor();
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });

  test('while what a click asked for is on its way', async () => {
    const view = await open();
    await view.page.getByTestId('confusion').waitFor();
    view.hold(true);
    await view.page.getByTestId(`tab-${heads[2]}`).click();
    await view.page.getByTestId(`tab-${heads[1]}`).click();
    await view.reload();
    view.hold(false); // the answers for both tabs come to the new page, which asked for neither
    await view.page.locator(`[data-testid=evaluation][data-head="${heads[1]}"]`).waitFor();
    await view.page.getByTestId('confusion').waitFor();
    await eventually(() => view.page.getByTestId('headline').textContent()).toContain('7 classes');
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });
});
