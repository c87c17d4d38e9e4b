// A chart saved from the page: an SVG that needs nothing beside it, a PNG of twice the size, a table no spreadsheet computes.
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { csvText } from '../../src/base/csv.ts';
import { savedName } from '../../src/extension/savedName.ts';
import type { JobEvent } from '../../src/protocol/events.ts';
import { runHostSurface } from '../../src/protocol/runView.ts';
import { lineTable } from '../../webview/charts/lineTable.ts';
import { eventually, type Harness, hasChromium, startHarness } from './harness.ts';
import { runEvents, runSummary } from './runData.ts';
import { runHandlers } from './runHost.ts';
import type { ThemeName } from './themes.ts';

test.each([
  [['a', 1.5, null, Number.NaN], 'a,1.5,,\n'],
  [['a,b', 'say "no"', 'two\nlines'], '"a,b","say ""no""","two\nlines"\n'],
  [['=1+1', '+1', '-1', '@sum'], `"'=1+1","'+1","'-1","'@sum"\n`],
  [[' =1+1', '\t=1', '\r=1'], `"' =1+1","'\t=1","'\r=1"\n`],
  [[-1.5, '1-1'], '-1.5,1-1\n'],
])('the row %j is %j', (row, expected) => expect(csvText([row])).toBe(expected));

test('lines become one row for every step of any of them', () => {
  const series = [
    { name: 'a', color: 'red', points: { x: [1, 2], y: [0, 0] }, faint: { x: [1, 2], y: [3, 4] } },
    { name: '=b', color: 'red', points: { x: [2, 5], y: [0.5, 0.25] } },
  ];
  expect(lineTable('step', series)).toBe(`step,a,"'=b"\n1,3,\n2,4,0.5\n5,,0.25\n`);
});

test.each([
  ['cover-tiny-3 loss', 'cover-tiny-3 loss.svg'],
  ['../../etc/passwd', 'etc passwd.svg'],
  ['-rf\u202e\u0000', 'rf.svg'],
  ['.hidden. ', 'hidden.svg'],
  ['C:\\a*b?', 'C a b.svg'],
  ['', 'chart.svg'],
  ['con', 'chart con.svg'],
  ['é'.repeat(200), `${'é'.repeat(80)}.svg`],
])('%j is saved as %j', (name, expected) => expect(savedName(name, 'svg')).toBe(expected));

describe.skipIf(!hasChromium)('saving a chart', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness(tmpdir());
  });
  afterAll(() => harness?.close());

  async function open(theme: ThemeName, events: JobEvent[]) {
    const saved: { name: string; type: string; data: string }[] = [];
    const copied: string[] = [];
    const view = await harness.open({
      view: 'run',
      surface: runHostSurface,
      theme,
      handlers: {
        ...runHandlers({ summary: runSummary('done'), events }),
        'page/save': async (file) => {
          saved.push(file);
          return { saved: true };
        },
        'page/copy': async ({ text }) => {
          copied.push(text);
          return {};
        },
      },
    });
    await view.page.getByTestId('chart-loss').locator('path[d^=M]').first().waitFor();
    const pick = async (chart: string, item: string) => {
      await view.page
        .getByTestId(chart)
        .getByRole('button', { name: /^Save / })
        .click();
      await view.page.getByRole('menuitem', { name: item }).click();
    };
    return { ...view, saved, copied, pick };
  }

  test.each(['dark', 'light', 'contrast'] as const)('SVG and PNG in the %s theme', async (theme) => {
    const view = await open(theme, runEvents({ until: 1240 }));
    await view.pick('chart-loss', 'Save as SVG…');
    await view.pick('chart-drawn', 'Save as SVG…');
    await view.pick('chart-loss', 'Save as PNG…');
    await eventually(() => view.saved.length).toBe(3);
    const [lines, bars, png] = view.saved;
    expect([lines!.name, bars!.name, png!.type]).toEqual(['cover-tiny-3 loss', 'cover-tiny-3 samples drawn', 'png']);
    for (const { data } of [lines!, bars!]) {
      expect(data).toMatch(/^<\?xml /);
      expect(data).toContain('kinetics-mini');
      // Nothing that needs the page, its style sheet or its theme.
      expect(data).not.toMatch(/var\(|color-mix|currentcolor|class=|style=|href|url\(/i);
    }
    // Opened alone it is drawn as large as it says, on the theme's background.
    const alone = await view.page.context().browser()!.newPage();
    const drawn = await alone.evaluate(async (svg) => {
      const image = new Image();
      image.src = `data:image/svg+xml;base64,${btoa(unescape(encodeURIComponent(svg)))}`;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext('2d')!;
      context.drawImage(image, 0, 0);
      const colours = new Set<string>();
      const { data } = context.getImageData(0, 0, image.width, image.height);
      for (let i = 0; i < data.length; i += 4) colours.add([data[i], data[i + 1], data[i + 2], data[i + 3]].join());
      return { width: image.width, height: image.height, colours: [...colours] };
    }, lines!.data);
    const background = { dark: '31,31,31,255', light: '255,255,255,255', contrast: '0,0,0,255' }[theme];
    const blue = { dark: '42,170,255,255', light: '0,99,211,255', contrast: '55,148,255,255' }[theme];
    expect(drawn.colours).toEqual(expect.arrayContaining([background, blue]));
    await alone.setContent(
      `<body style="margin:0">${lines!.data.replace(/^<\?xml[^>]*>/, '')}${bars!.data.replace(/^<\?xml[^>]*>/, '')}`,
    );
    await alone.screenshot({ path: `test-results/webview/saved-${theme}.png`, fullPage: true });
    await alone.close();
    const bytes = Buffer.from(png!.data, 'base64');
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([2 * drawn.width, 2 * drawn.height]);
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });

  test('names that hold markup or formulas stay text', async () => {
    const evil = '=<img src=x onerror=alert(1)>&"\u0007';
    const [started, ...events] = runEvents({ until: 20 }).map((event) =>
      JSON.parse(JSON.stringify(event).replaceAll('imagenet-mini', JSON.stringify(evil).slice(1, -1))),
    ) as JobEvent[];
    const view = await open('dark', [started!, ...events]);
    await view.pick('chart-loss', 'Save as SVG…');
    await view.pick('chart-loss', 'Copy as CSV');
    await eventually(() => [view.saved.length, view.copied.length]).toEqual([1, 1]);
    const parsed = await view.page.evaluate((svg) => {
      const page = new DOMParser().parseFromString(svg, 'image/svg+xml');
      return {
        names: [...new Set([...page.querySelectorAll('*')].map(({ localName }) => localName))],
        text: page.documentElement.textContent,
      };
    }, view.saved[0]!.data);
    expect(parsed.names.filter((name) => !/^(svg|g|rect|text|path|line|circle)$/.test(name))).toEqual([]);
    expect(parsed.text).toContain('=<img src=x onerror=alert(1)>&"\ufffd');
    expect(view.copied[0]).toContain(`"'=<img src=x onerror=alert(1)>&""\u0007"`);
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });

  test('the protocol beside the title is read whole, on two lines where need be', async () => {
    const protocol = '1 clip × 1 crop, 8 frames uniform, 64 × 64';
    const events = runEvents({ until: 1240 }).map((event) =>
      event.event === 'started' ? { ...event, protocol } : event,
    );
    const view = await open('dark', events);
    await view.page.setViewportSize({ width: 900, height: 800 });
    const subtitle = view.page.getByTestId('chart-top1').locator('.chart-head span[title]');
    const [text, lines, isWhole] = await subtitle.evaluate((element) => [
      element.textContent,
      element.getClientRects()[0]!.height / 16,
      element.scrollWidth <= element.clientWidth && element.scrollHeight <= element.clientHeight,
    ]);
    await eventually(() => subtitle.getAttribute('title')).toBe(text);
    expect(text).toContain(protocol);
    expect(lines).toBe(2);
    expect(isWhole).toBe(true);
    await view.shot('run-900');
    await view.page.close();
  });

  test('the menu works from the keyboard', async () => {
    const view = await open('dark', runEvents({ until: 20 }));
    const button = view.page.getByTestId('chart-top1').getByRole('button', { name: 'Save Top-1 per head' });
    await button.focus();
    await view.page.keyboard.press('Enter');
    await view.page.keyboard.press('ArrowUp');
    await eventually(() => view.page.locator(':focus').textContent()).toBe('Copy as CSV');
    await view.shot('run-menu');
    await view.page.keyboard.press('Escape');
    await eventually(() => view.page.getByRole('menu').count()).toBe(0);
    await eventually(() => button.evaluate((element) => element === document.activeElement)).toBe(true);
    await view.page.close();
  });
});
