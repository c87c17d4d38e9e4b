// What every setting of an experiment means, for whoever shows settings: the same words as cover.json's hovers.
import { z } from 'zod';
import { experimentSchema } from './experiment.ts';

let hints: Record<string, string> | undefined;

/** By the setting's keys joined with dots, such as "coTraining.optimizer.learningRate". */
export function settingHints(): Record<string, string> {
  hints ??= Object.fromEntries(hintsIn(z.toJSONSchema(experimentSchema, { io: 'input' }), []));
  return hints;
}

interface Described {
  description?: string;
  properties?: Record<string, Described | boolean>;
  anyOf?: (Described | boolean)[];
}

function hintsIn(schema: object | boolean, path: readonly string[]): [string, string][] {
  if (typeof schema === 'boolean') return [];
  const { description, properties = {}, anyOf = [] } = schema as Described;
  return [
    ...anyOf.flatMap((choice) => hintsIn(choice, path)),
    ...Object.entries(properties).flatMap(([key, inner]) => hintsIn(inner, [...path, key])),
    // Last: what stands outermost says it best.
    ...(description === undefined ? [] : [[path.join('.'), description] as [string, string]]),
  ];
}
