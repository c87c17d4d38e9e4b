// onnxruntime keeps an identifier of the machine, and a store of what it will send, in the person's cache folder as soon as it is
// loaded: with us it must leave nothing there (without src/engine/noTelemetry.ts this fails). In a process of its own, as the library
// decides once for each.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const home = mkdtempSync(join(tmpdir(), 'cover-telemetry-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** As on a person's machine: where tests and builds run, the library is silent by itself. */
function personsEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'LD_LIBRARY_PATH', 'SystemRoot', 'TMPDIR', 'TEMP'];
  const env = Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
  return { ...env, HOME: home, USERPROFILE: home, LOCALAPPDATA: home };
}

const left = () => readdirSync(home, { recursive: true }).map(String);

test('a process that uses onnxruntime leaves no trace of telemetry', () => {
  const probe = spawnSync(process.execPath, [resolve('dist/deviceProbe.js')], { env: personsEnvironment() });
  expect(JSON.parse(String(probe.stdout))).toBeTypeOf('object');
  expect(left().filter((name) => /deviceid|onnxruntime/i.test(name))).toEqual([]);
});
