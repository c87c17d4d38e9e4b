// A study as a page: what was compared and how, its tables and the transfer matrix, and the runs it is made of.
import { useState } from 'preact/hooks';
import { count, duration, plural } from '../../src/base/format.ts';
import type { StudyHostSurface, ViewedStudy } from '../../src/protocol/studyView.ts';
import { failureOf } from '../base/hooks.ts';
import type { Host } from '../base/host.ts';
import { Failed } from '../base/notes.tsx';
import { Button } from '../base/toolkit.tsx';
import { stateOf } from './armState.ts';
import { ArmSign, StudyProgress } from './progress.tsx';
import { StudyTable } from './studyTable.tsx';
import { TransferChart } from './transferChart.tsx';

export function StudyView({ host, study }: { host: Host<StudyHostSurface>; study: ViewedStudy }) {
  const { name, experiment, seeds, finished, runs, protocols, devices, seconds, arms, tables, transfer } = study;
  const { running, stopping, newest } = study;
  const states = arms.map((arm) => stateOf(arm, newest));
  const [failure, setFailure] = useState<string>();
  const fail = (error: unknown) => setFailure(failureOf(error).message);
  const ask = (asked: Promise<unknown>) => void asked.then(() => setFailure(undefined), fail);
  return (
    <main class="page" data-testid="study">
      <header class="title-line">
        <div class="title-words" title={`${name}\n${study.folder}`}>
          <h1 class="clip-text">{name}</h1>
          <span class="dim">study</span>
        </div>
        {finished < runs && !running && (
          <Button appearance="primary" testId="go-on" onClick={() => ask(host.request('studyView/goOn', {}))}>
            {arms.every(({ run }) => run === null) ? 'Start' : 'Go on'}
          </Button>
        )}
        {running && (
          <Button testId="stop" disabled={stopping} onClick={() => ask(host.request('studyView/stop', {}))}>
            {stopping ? 'Stopping after this step…' : 'Stop'}
          </Button>
        )}
        <Button testId="copy-cli" onClick={() => ask(host.request('studyView/copyCli', {}))}>
          Copy as CLI
        </Button>
      </header>
      <p class="dim" data-testid="study-line">
        {experiment} · {plural(seeds.length, 'seed')} ({seeds.join(', ')}) · {count(finished)} of {plural(runs, 'run')}
        {seconds > 0 && ` in ${duration(seconds)}`}
        {devices.length > 0 && ` on ${devices.join(', ')}`}
        {protocols.length > 0 && ` · ${protocols.join('; ')}`}
      </p>
      {failure !== undefined && <Failed message={failure} />}
      {finished < runs && <StudyProgress study={study} />}
      {transfer && <TransferChart name={name} matrix={transfer} seeds={seeds} />}
      {tables.map((table) => (
        <StudyTable key={table.comparison} name={name} table={table} seeds={seeds} onFailure={fail} />
      ))}
      <section class="panel" data-testid="arms" aria-label="Runs">
        <div class="section-head">
          <h2>Runs</h2>
          <span class="dim">in the order in which they are trained</span>
        </div>
        <div class="wide-table">
          <table>
            <thead>
              <tr>
                <th>trained</th>
                <th class="number">seed</th>
                <th>run</th>
                <th>state</th>
              </tr>
            </thead>
            <tbody>
              {arms.map(({ title, seed, run, done, training }, i) => (
                <tr key={`${title} ${seed}`}>
                  <td class="name clip-text" title={title}>
                    {title}
                  </td>
                  <td class="number">{seed}</td>
                  <td class="name clip-text" title={run ?? ''}>
                    {run !== null && (done || training) ? (
                      <button
                        type="button"
                        class="plain link clip-text fills"
                        onClick={() => ask(host.request('studyView/openRun', { run, training }))}
                        data-testid="arm-run"
                      >
                        {run}
                      </button>
                    ) : (
                      <span class="dim">{run ?? '–'}</span>
                    )}
                  </td>
                  <td data-testid="arm-state">
                    <span class="row">
                      <ArmSign state={states[i]!} />
                      {states[i]!.text}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </main>
  );
}
