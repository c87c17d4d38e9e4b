// The checkpoints that are on the disk: step, size, which head is best there, and what can be done with each.
import { bytes, count } from '../../src/base/format.ts';
import type { CheckpointInfo } from '../../src/protocol/runHistory.ts';
import type { RunAction } from '../../src/protocol/runView.ts';
import type { RunModel } from './runModel.ts';

interface CheckpointListProps {
  checkpoints: readonly CheckpointInfo[];
  model: RunModel;
  resumable: boolean;
  onDo: (action: RunAction) => void;
  onReveal: (checkpoint: string) => void;
}

/** The heads whose best judgement was made with the weights of this step. */
export function bestAt(model: RunModel, step: number): string[] {
  return model.heads.filter(({ best }) => best?.step === step).map(({ name }) => name);
}

export function CheckpointList({ checkpoints, model, resumable, onDo, onReveal }: CheckpointListProps) {
  if (checkpoints.length === 0) return null;
  return (
    <section class="panel" data-testid="checkpoints">
      <div class="chart-head">
        <h2>Checkpoints</h2>
        <span class="dim clip-text">the newest on the disk; the run goes on from the last</span>
      </div>
      <div class="scroll-x">
        <table>
          <thead>
            <tr>
              <th class="number">step</th>
              <th class="number">size</th>
              <th>best of</th>
              <th aria-label="Actions" />
            </tr>
          </thead>
          <tbody>
            {checkpoints.map(({ name, step, bytes: size, newest }) => (
              <tr key={name}>
                <td class="number">{count(step)}</td>
                <td class="number">{bytes(size)}</td>
                <td class="name clip-text" title={bestAt(model, step).join('\n')}>
                  {bestAt(model, step).join(', ') || '–'}
                </td>
                <td class="number">
                  <span class="row checkpoint-actions">
                    {newest && resumable && (
                      <button type="button" class="plain link" onClick={() => onDo('resume')}>
                        Resume from here
                      </button>
                    )}
                    {newest && (
                      <button type="button" class="plain link" onClick={() => onDo('exportOnnx')}>
                        Export ONNX
                      </button>
                    )}
                    <button
                      type="button"
                      class="plain link"
                      aria-label={`Reveal the checkpoint of step ${count(step)}`}
                      onClick={() => onReveal(name)}
                    >
                      Reveal
                    </button>
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
