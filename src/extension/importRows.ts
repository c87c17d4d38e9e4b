// What the import's pickers show, as plain values: which files are what, the rows of a model's input with where each value comes from,
// and reading what a person types. Pure; `importCommand.ts` asks.
import { UserError } from '../base/errors.ts';
import type { InspectedModel, ModelInputChoice } from '../protocol/imports.ts';

export const layouts = ['NCHW', 'NHWC', 'NCTHW', 'NTCHW', 'NTHWC', 'NMCTHW'];

export type InputField = 'layout' | 'frames' | 'size' | 'resize' | 'mean' | 'std' | 'range' | 'colours';

export interface InputRow {
  field: InputField;
  label: string;
  value: string;
  /** What the field asks for when it is changed. */
  prompt: string;
}

/** How a model's pictures would be made, a row a choice. */
export function inputRows(model: InspectedModel, given: ModelInputChoice): InputRow[] {
  const numbers = (values: readonly number[]) => values.map((value) => Number(value.toPrecision(5))).join(', ');
  return [
    { field: 'layout', label: 'Axes', value: model.layout, prompt: `One of ${layouts.join(', ')}` },
    {
      field: 'size',
      label: 'Size',
      value: `${model.size} × ${model.size} pixels`,
      prompt: 'Side of the pictures in pixels',
    },
    {
      field: 'resize',
      label: 'Shorter side before the centre is cut out',
      value: `${model.resize} pixels`,
      prompt: 'In pixels; the size itself: nothing is cut off but the longer side',
    },
    { field: 'frames', label: 'Frames of a clip', value: String(model.frames), prompt: 'A whole number' },
    {
      field: 'mean',
      label: 'Mean',
      value: numbers(model.mean),
      prompt: 'Subtracted from red, green, blue: "0.485, 0.456, 0.406", or of pixels 0 … 255',
    },
    {
      field: 'std',
      label: 'Deviation',
      value: numbers(model.std),
      prompt: 'What is then divided by, one number or three',
    },
    {
      field: 'range',
      label: 'White is',
      value: given.range === undefined ? 'as mean and deviation suggest' : String(given.range),
      prompt: '1 or 255, before mean and deviation',
    },
    {
      field: 'colours',
      label: 'Colours',
      value: model.colours === 'bgr' ? 'blue, green, red' : 'red, green, blue',
      prompt: 'rgb or bgr',
    },
  ];
}

/** The choice with one field as it was typed; empty: found or guessed again. Throws UserError `model-input`. */
export function withTyped(given: ModelInputChoice, field: InputField, text: string): ModelInputChoice {
  const { [field]: _, ...others } = given;
  const typed = text.trim();
  if (typed === '') return others;
  switch (field) {
    case 'layout': {
      const layout = typed.toUpperCase();
      if (!layouts.includes(layout)) throw wrong(`"${typed}" is none of ${layouts.join(', ')}`);
      return { ...others, layout };
    }
    case 'colours': {
      const order = typed.toLowerCase();
      if (order !== 'rgb' && order !== 'bgr') throw wrong('Colours are rgb or bgr');
      return { ...others, colours: order };
    }
    case 'mean':
    case 'std': {
      const values = typed.split(/[\s,;]+/).map(Number);
      if ((values.length !== 1 && values.length !== 3) || values.some((value) => !Number.isFinite(value)))
        throw wrong('One number or three are needed');
      return { ...others, [field]: values };
    }
    case 'range': {
      const value = Number(typed);
      if (value !== 1 && value !== 255) throw wrong('White is 1 or 255');
      return { ...others, range: value };
    }
    default: {
      const value = Number(typed);
      if (!Number.isSafeInteger(value) || value < 1 || value > 8192)
        throw wrong('A whole number from 1 to 8192 is needed');
      return { ...others, [field]: value };
    }
  }
}

function wrong(what: string): UserError {
  return new UserError('model-input', `${what}.`);
}

/** The options of `cover evaluate` for a choice. */
export function inputArguments(given: ModelInputChoice): string[] {
  return (['layout', 'frames', 'size', 'resize', 'mean', 'std', 'range', 'colours'] as const).flatMap((field) => {
    const value = given[field];
    if (value === undefined) return [];
    return [`--${field}`, Array.isArray(value) ? value.join(',') : String(value)];
  });
}
