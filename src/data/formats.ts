// Every format that is known by its annotation lists, under the name that cover.json gives it. The order is that of
// recognition: the one whose files are least like others' comes first.
import { diving48 } from './diving48.ts';
import { epicKitchens } from './epicKitchens.ts';
import { fiftyOne } from './fiftyOne.ts';
import type { ListFormat } from './format.ts';
import { hmdb51 } from './hmdb51.ts';
import { imageNet } from './imagenet.ts';
import { jester } from './jester.ts';
import { kinetics } from './kinetics.ts';
import { mmaction2 } from './mmaction2.ts';
import { momentsInTime } from './moments.ts';
import { somethingSomething } from './somethingSomething.ts';
import { ucf101 } from './ucf101.ts';

export const listFormats = {
  kinetics,
  somethingSomething,
  epicKitchens,
  diving48,
  momentsInTime,
  ucf101,
  hmdb51,
  jester,
  fiftyOne,
  imageNet,
  mmaction2,
} as const satisfies Record<string, ListFormat>;

export type ListFormatName = keyof typeof listFormats;
