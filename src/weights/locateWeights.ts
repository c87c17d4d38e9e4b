// What a person means by "weights": a file or folder here, or a model on the Hugging Face Hub.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { UserError } from '../base/errors.ts';
import { type FetchOptions, fetchFromHub, type HubSettings, hubSettings, parseHubId } from './hub.ts';

const hubPrefix = 'hf:';

/**
 * The local file or folder of weights named `named`, fetched from the Hub first where it is an id of it: `hf:owner/name`,
 * `hf:owner/name@revision`, or `owner/name` where no such path is below `folder`. Throws UserError.
 */
export async function locateWeights(
  named: string,
  folder: string,
  options: FetchOptions & { readonly hub?: HubSettings } = {},
): Promise<string> {
  const marked = named.startsWith(hubPrefix);
  const path = resolve(folder, named);
  if (!marked && existsSync(path)) {
    if (!/\.onnx$/i.test(path)) return path;
    const told = `${path} is an ONNX model, and weights are read from .safetensors: name the file it was made from. "cover evaluate --model FILE" judges an ONNX model.`;
    throw new UserError('weights-unreadable', told, path);
  }
  const id = parseHubId(marked ? named.slice(hubPrefix.length) : named);
  // A file name is surely meant as a file, and a typing mistake in it should not become a question to the Hub.
  if (id && (marked || !/\.(safetensors|pt|pth|bin|ckpt|pyth)$/i.test(named)))
    return fetchFromHub(id, options.hub ?? hubSettings(), options);
  if (marked)
    throw new UserError(
      'weights-unreadable',
      `"${named}" names no model on the Hub: write hf:owner/name or hf:owner/name@revision.`,
    );
  throw new UserError(
    'weights-unreadable',
    `There are no weights at ${path}. Name a .safetensors file, a folder with one, or a model on the Hub as hf:owner/name.`,
    path,
  );
}
