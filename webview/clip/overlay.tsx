// The heat map over the film or picture: where the model looked, at the sampled frame nearest to the one shown.
import type { ComponentChildren } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { clock } from '../../src/base/format.ts';
import type { Attention } from '../../src/protocol/predictions.ts';
import { type Answer, useSize } from '../base/hooks.ts';
import { fineness, heatOf, heatPixels, nearestFrame, seenSquare } from './heat.ts';
import { type Playhead, usePlayhead } from './playhead.ts';
import type { Change, Settings } from './settings.ts';

interface StageProps {
  playhead: Playhead;
  /** Pixels of the picture; undefined until it is there. */
  picture: { width: number; height: number } | undefined;
  attention: Attention | undefined;
  opacity: number;
  children: ComponentChildren;
}

/** The picture with the heat map over it. */
export function Stage({ playhead, picture, attention, opacity, children }: StageProps) {
  const [ref, size] = useSize<HTMLDivElement>();
  return (
    <div class="stage-box" ref={ref}>
      {children}
      {attention && picture && size.width > 0 && (
        <HeatMap playhead={playhead} attention={attention} opacity={opacity} box={seenSquare(size, picture)} />
      )}
    </div>
  );
}

interface HeatMapProps {
  playhead: Playhead;
  attention: Attention;
  opacity: number;
  box: { left: number; top: number; width: number; height: number };
}

function HeatMap({ playhead, attention, opacity, box }: HeatMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const heat = useMemo(() => heatOf(attention), [attention]);
  const drawn = useRef<{ heat: typeof heat; frame: number } | undefined>(undefined);
  usePlayhead(playhead, (time) => {
    const frame = nearestFrame(heat.frames, time);
    if (!canvas.current || (drawn.current?.heat === heat && drawn.current.frame === frame)) return;
    const side = heat.side * fineness;
    const context = canvas.current.getContext('2d')!;
    context.putImageData(new ImageData(heatPixels(heat, frame), side, side), 0, 0);
    canvas.current.dataset.frame = String(frame);
    drawn.current = { heat, frame };
  });
  const { left, top, width, height } = box;
  return (
    <canvas
      ref={canvas}
      class="heat"
      width={heat.side * fineness}
      height={heat.side * fineness}
      style={{ left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px`, opacity }}
      role="img"
      aria-label="Where the model looked: brighter is more"
      data-testid="heat"
    />
  );
}

interface HeatControlsProps {
  answer: Answer<Attention>;
  playhead: Playhead;
  settings: Settings;
  change: Change;
}

/** How strong it shows, what its colours mean, and which frame it is of. */
export function HeatControls({ answer, playhead, settings, change }: HeatControlsProps) {
  const said = useRef<HTMLSpanElement>(null);
  const attention = answer.value;
  const heat = useMemo(() => attention && heatOf(attention), [attention]);
  usePlayhead(playhead, (time) => {
    if (!said.current || !attention) return;
    const frame = nearestFrame(attention.frames, time);
    const at = attention.frames[frame]!.time;
    const text = at === null ? '' : `frame ${frame + 1} of ${attention.frames.length}, at ${clock(at)}`;
    if (said.current.textContent !== text) said.current.textContent = text;
  });
  if (answer.failure) {
    return (
      <p class="dim" role="status" data-testid="attention-failure">
        {answer.failure.message}
      </p>
    );
  }
  if (!attention || !heat) return <p class="dim">Asking where the model looked…</p>;
  const kinds = { divided: 'divided space-time', joint: 'joint space-time', space: 'space-only' };
  const about = `Attention roll-out of the class token, ${kinds[attention.kind]} attention${attention.view ? `, of ${attention.view}` : ''}. What the model sees is the square in the middle.`;
  return (
    <div class="heat-controls" title={about}>
      <label class="labelled">
        <span class="dim">opacity</span>
        <input
          type="range"
          min={0}
          max={1}
          step={0.05}
          value={settings.opacity}
          data-testid="opacity"
          onInput={(event) => change({ opacity: Number(event.currentTarget.value) })}
        />
      </label>
      <span class="labelled">
        <span class="number">{heat.least.toFixed(1)}×</span>
        <span class="heat-scale" aria-hidden="true" />
        <span class="number">{heat.most.toFixed(1)}×</span>
        <span class="dim">of an even share</span>
      </span>
      <span class="dim" ref={said} data-testid="heat-frame" />
    </div>
  );
}
