// How far a study is: a bar with a piece for each run, the run under way filled by its own share, and in words what it does, how fast, and
// how long all takes. Under the bar the same as the notification and the status bar say.
import { count, dotted, duration, figures, plural } from '../../src/base/format.ts';
import { studyLeft } from '../../src/base/studyLeft.ts';
import type { ViewedStudy } from '../../src/protocol/studyView.ts';
import { type ArmState, stateOf } from './armState.ts';

export function StudyProgress({ study }: { study: ViewedStudy }) {
  const { arms, finished, runs, running, newest, eta, later } = study;
  const states = arms.map((arm) => stateOf(arm, newest));
  const index = states.findIndex(({ kind }) => kind === 'training');
  const share = states.reduce((sum, each) => sum + each.share, 0) / Math.max(1, states.length);
  const left = index < 0 ? restText(later) : studyLeft(newest?.eta ?? eta, later);
  const under = arms[index];
  const state = states[index];
  const doing =
    under &&
    state &&
    dotted(
      `run ${count(index + 1)} of ${count(runs)}: ${under.title}, seed ${under.seed}`,
      state.steps > 0 && `step ${count(state.step)} of ${count(state.steps)}`,
      newest !== undefined && `${figures(newest.clipsPerSecond)} clips/s`,
    );
  const told = `${count(finished)} of ${plural(runs, 'run')} finished`;
  return (
    <section class="panel study-progress" aria-label="Progress" data-testid="progress">
      <div class="section-head">
        <h2>{told}</h2>
        <span class="dim">{doing ?? (running ? 'the next run begins' : 'nothing trains now')}</span>
        <span class="spread" />
        <b data-testid="left">{left}</b>
      </div>
      <div
        class="arm-bar"
        role="progressbar"
        aria-label={`Study: ${told}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(100 * share)}
        aria-valuetext={dotted(told, doing, left)}
      >
        {arms.map((arm, i) => (
          <span
            key={i}
            class={`arm-piece is-${states[i]!.kind}`}
            title={`${arm.title}, seed ${arm.seed}: ${states[i]!.text}`}
          >
            <span style={{ width: `${100 * states[i]!.share}%` }} />
          </span>
        ))}
      </div>
      <p class="dim">
        {finished === 0 && later === null
          ? 'How long all runs take is known when the first is finished.'
          : 'The time left is estimated from finished runs, those of the same kind first.'}{' '}
        Tables are made when every run is finished. It can be stopped at any time and gone on with: what is trained is
        kept.
      </p>
    </section>
  );
}

/** Of a study that nobody trains now: what the rest would take. */
function restText(later: number | null): string {
  return later === null || later <= 0 ? '' : `about ${duration(later)} of training left`;
}

/** What became of a run, as a sign: a circle that fills, a tick, a cross, a square. */
export function ArmSign({ state: { kind, share } }: { state: ArmState }) {
  const turn = 2 * Math.PI * Math.min(0.999, share);
  const [x, y] = [8 + 5 * Math.sin(turn), 8 - 5 * Math.cos(turn)];
  return (
    <svg class={`arm-sign is-${kind}`} width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      {kind === 'done' && <path class="stroked" d="M3.5 8.5 6.5 11.5 12.5 4.5" />}
      {kind === 'failed' && <path class="stroked" d="M4 4 12 12M12 4 4 12" />}
      {kind === 'stopped' && <rect x="4" y="4" width="8" height="8" />}
      {(kind === 'training' || kind === 'waiting') && <circle class="stroked" cx="8" cy="8" r="6.3" />}
      {kind === 'training' && <path d={`M8 8V3A5 5 0 ${share > 0.5 ? 1 : 0} 1 ${x.toFixed(2)} ${y.toFixed(2)}Z`} />}
    </svg>
  );
}
