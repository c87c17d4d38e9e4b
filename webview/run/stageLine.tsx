// The stages of a run side by side, each as wide as its steps, filled as far as it is trained.
import { count, plural } from '../../src/base/format.ts';
import type { RunModel } from './runModel.ts';

export function StageLine({ model }: { model: RunModel }) {
  if (model.stages.length === 0) return null;
  const at = model.step?.step ?? 0;
  return (
    <ol class="stages" aria-label="Stages">
      {model.stages.map((stage) => {
        const done = Math.min(stage.steps, Math.max(0, at - stage.offset));
        const share = stage.steps === 0 ? 0 : done / stage.steps;
        const current = done < stage.steps && at >= stage.offset && (at > 0 || stage.offset === 0);
        const epoch = model.step && model.step.stage === stage.name ? model.step.epoch : share * stage.epochs;
        return (
          <li
            key={stage.name}
            class={current ? 'stage current' : 'stage'}
            style={{ flexGrow: String(Math.max(1, stage.steps)) }}
            title={`${stage.title}: step ${count(done)} of ${count(stage.steps)}`}
          >
            <div class="row">
              <span class="clip-text">{stage.title}</span>
              <span class="dim clip-text">
                {share >= 1 ? `✓ ${plural(stage.epochs, 'epoch')}` : `epoch ${epoch.toFixed(1)} / ${stage.epochs}`}
              </span>
            </div>
            <div class="stage-bar">
              <div style={{ width: `${100 * share}%` }} />
            </div>
          </li>
        );
      })}
    </ol>
  );
}
