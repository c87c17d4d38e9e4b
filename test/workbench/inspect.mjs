// What the pages' steps look with, beside the window: the three themes, axe-core for what screen readers and keyboards
// need, and the console. `inspecting(context)` gives
//   forEachTheme(async (theme) => …)  theme is dark, light, contrast; the dark one is back in the end
//   axe(frame)                        fails on serious and critical violations, with their rules and places
//   noConsoleErrors()                 fails on errors of the console that are new since it was last asked
//   tidy()                            no editors, notifications or questions, the side bar shown; the dark theme
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { violationsOf } from './axe.mjs';

/** The editor's own themes: their settings' name, and the classes by which workbench and pages show that one is applied. */
const themes = {
  dark: { name: 'Dark Modern', workbench: 'vs-dark', page: 'vscode-dark' },
  light: { name: 'Light Modern', workbench: 'vs', page: 'vscode-light' },
  contrast: { name: 'Default High Contrast', workbench: 'hc-black', page: 'vscode-high-contrast' },
};

/**
 * What the workbench complains of by itself, of parts that are not installed (install.mjs) and of a machine that is slow:
 * everything that its own script says and that does not name this extension. What pages say comes from elsewhere.
 */
function isNoise(text) {
  if (/^Failed to load resource: .*\/static\/node_modules\/vsda\//.test(text)) return true;
  // Of the editor's own page around a webview that is loaded anew while its frame is only just being made.
  if (text === 'Error: Found unexpected null') return true;
  return (
    /\/static\/out\/vs\/code\/browser\/workbench\/workbench\.js\)$/.test(text) && !/cover-studio|\bcover\.\w/.test(text)
  );
}

export function inspecting(context) {
  const { window } = context;
  let applied;
  const setTheme = async (theme) => {
    if (theme === applied) return;
    const { name, workbench, page } = themes[theme];
    // In the workspace, which is watched: this server does not hear of changes to the person's own settings.
    mkdirSync(join(context.folder, '.vscode'), { recursive: true });
    const settings = { 'workbench.colorTheme': name };
    writeFileSync(join(context.folder, '.vscode', 'settings.json'), `${JSON.stringify(settings)}\n`);
    await window.page.locator(`.monaco-workbench.${workbench}`).waitFor();
    await window.until(`the pages to be ${theme}`, async () => {
      const classes = await Promise.all(
        window.webviews().map((frame) => frame.evaluate(() => document.body.className)),
      );
      return classes.every((names) => names.split(' ').includes(page));
    });
    await window.page.mouse.move(640, 5); // no hover in the way
    applied = theme;
  };
  let heard = 0;
  return {
    async forEachTheme(show) {
      for (const theme of ['light', 'contrast', 'dark']) {
        await setTheme(theme);
        try {
          await show(theme);
        } catch (error) {
          throw new Error(`in the ${theme} theme: ${error.message}`);
        }
      }
    },
    async axe(frame) {
      const violations = await violationsOf(frame);
      if (violations.length > 0) throw new Error(`axe-core found\n  ${violations.join('\n  ')}`);
    },
    async noConsoleErrors() {
      const errors = window.consoleErrors.slice(heard).filter((text) => !isNoise(text));
      heard = window.consoleErrors.length;
      if (errors.length > 0) throw new Error(`the console says: ${errors.join(' | ')}`);
    },
    async tidy() {
      await window.dismissNotifications();
      await window.closeEditors();
      await window.sideBar();
      await setTheme('dark');
    },
  };
}
