// Real child processes in every way of ending. The scripts stand for a runner at its worst, which dist/runner.js cannot
// be told to be.
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeJobLog, type JobLog, openJobLog } from '../../src/extension/jobLogs.ts';
import { RunnerProcess } from '../../src/extension/runnerProcess.ts';
import type { JobEvent } from '../../src/protocol/events.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cover-runner-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a script with `on(message)` called for each line that arrives and `send(object)` for answers. */
function start(body: string, keep?: JobLog) {
  const script = join(folder, `${Math.abs(hash(body))}.cjs`);
  writeFileSync(
    script,
    `const send = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
     const lines = require('node:readline').createInterface({ input: process.stdin });
     const on = (listener) => lines.on('line', (line) => listener(JSON.parse(line)));
     ${body}`,
  );
  const log: string[] = [];
  const events: JobEvent[] = [];
  const process = new RunnerProcess({
    script,
    env: { COVER_FFMPEG: '/opt/ffmpeg' },
    log: (line) => log.push(line),
    listeners: { 'job/event': (event) => events.push(event) },
    keep,
  });
  return { process, log, events };
}

const hash = (text: string) => [...text].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) | 0, 7);
const hello = { version: '1', pid: 1, node: '20' };

describe('a runner process', () => {
  test('answers, tells events, logs, and gets its environment', async () => {
    const { process, log, events } = start(`
      console.error('ready with ' + process.env.COVER_FFMPEG + ' ' + process.env.ELECTRON_RUN_AS_NODE);
      console.log('a library prints this');
      on((message) => {
        send({ method: 'job/event', params: { event: 'progress', task: 'index', done: 1, total: 2, rate: 1, eta: null } });
        send({ id: message.id, result: ${JSON.stringify(hello)} });
      });`);
    expect(await process.endpoint.request('runner/hello', {})).toEqual(hello);
    const exit = await process.stop();
    expect(events).toMatchObject([{ event: 'progress', done: 1 }]);
    expect(log).toEqual(expect.arrayContaining(['ready with /opt/ffmpeg 1', 'a library prints this']));
    expect(exit).toMatchObject({ code: 0, signal: null, stoppedByUser: true });
  });

  test.each([
    {
      what: 'throws',
      body: "on(() => { throw new Error('no disk') });",
      words: 'exit code 1): Error: no disk',
      code: 1,
    },
    { what: 'leaves quietly', body: 'on(() => process.exit(0));', words: 'exit code 0)', code: 0 },
    {
      what: 'is killed',
      body: "on(() => process.kill(process.pid, 'SIGKILL'));",
      words: 'killed, SIGKILL',
      code: null,
    },
  ])('that $what rejects what was asked, with its last words', async ({ body, words, code }) => {
    const { process } = start(body);
    await expect(process.endpoint.request('runner/hello', {})).rejects.toThrow(words);
    expect(await process.exited).toMatchObject({ code, stoppedByUser: false });
    await expect(process.endpoint.request('runner/hello', {})).rejects.toThrow('ended unexpectedly');
  });

  test('that cannot start is reported', async () => {
    const process = new RunnerProcess({ script: join(folder, 'absent.cjs'), env: {}, log: () => {} });
    await expect(process.endpoint.request('runner/hello', {})).rejects.toThrow('Cannot find module');
    expect((await process.exited).code).toBe(1);
  });

  test('that ignores the end of its input is killed after the grace, with its children', async () => {
    // The grandchild holds a connection open as long as it lives; a process id alone cannot tell a zombie.
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const connected = once(server, 'connection') as Promise<[Socket]>;
    const { process } = start(`
      const code = "require('node:net').connect(${port}, '127.0.0.1'); setInterval(() => {}, 1000)";
      require('node:child_process').spawn(process.execPath, ['-e', code]);
      setInterval(() => {}, 1000);`);
    const [socket] = await connected;
    const closed = new Promise((resolve) => socket.resume().on('error', resolve).on('close', resolve));
    expect(await process.stop(50)).toMatchObject({ signal: 'SIGKILL', stoppedByUser: true });
    await closed;
    server.close();
  });
});

describe('a runner process that may be left to itself', () => {
  test('writes its log to a file, which is heard here too, with its last words', async () => {
    const keep = openJobLog(folder)!;
    const { process, log } = start(
      "console.error(process.env.COVER_JOB_LOG); on(() => { throw new Error('no disk') });",
      keep,
    );
    await expect(process.endpoint.request('runner/hello', {})).rejects.toThrow('exit code 1): Error: no disk');
    expect(log).toContain(keep.file);
    expect(readFileSync(keep.file, 'utf8')).toContain('Error: no disk');
  });

  test('goes on when it is released, whatever it prints', async () => {
    const keep = openJobLog(folder)!;
    const { process } = start(
      `process.stdout.on('error', () => {});
       setInterval(() => { console.log('x'.repeat(1000)); console.error('still here'); }, 10);
       setTimeout(() => process.exit(7), 1500);`,
      keep,
    );
    await expect.poll(() => readFileSync(keep.file, 'utf8'), { timeout: 10_000 }).toContain('still here');
    process.release();
    expect(await process.exited).toMatchObject({ code: 7, signal: null, stoppedByUser: false });
  });

  test('old logs are removed, never those of others', () => {
    const workspace = mkdtempSync(join(folder, 'workspace '));
    const open = (minute: number) => openJobLog(workspace, new Date(Date.UTC(2026, 0, 1, 0, minute)))!;
    const logs = Array.from({ length: 52 }, (_, minute) => {
      const log = open(minute);
      closeJobLog(log);
      utimesSync(log.file, 1000 + minute, 1000 + minute);
      return log.file;
    });
    const own = join(workspace, '.cover', 'logs', 'mine.log');
    writeFileSync(own, '');
    utimesSync(own, 1, 1);
    closeJobLog(open(59));
    const left = readdirSync(join(workspace, '.cover', 'logs'));
    expect(left).toContain('mine.log');
    expect(left).not.toContain(basename(logs[0]!));
    expect(left).toContain(basename(logs[51]!));
    expect(left).toHaveLength(50 + 1 + 1);
  });

  test.skipIf(process.platform === 'win32')(
    'one that another window removes meanwhile is no reason to have none',
    () => {
      const workspace = mkdtempSync(join(folder, 'workspace '));
      closeJobLog(openJobLog(workspace, new Date(0))!);
      // Listed, and not there when it is looked at.
      symlinkSync('gone', join(workspace, '.cover', 'logs', 'training-gone.log'));
      const log = openJobLog(workspace, new Date(1));
      expect(log).toBeDefined();
      closeJobLog(log!);
    },
  );

  test('a workspace that cannot be written has no log', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(openJobLog(join(folder, 'file'))).toBeUndefined();
  });
});
