// Which samples are chosen, by id, and how clicks and keys change that. Places count in the grid's order; a stretch from where the
// choice began may reach over samples that were never fetched, whose ids the host tells.

export interface Selection {
  ids: ReadonlySet<string>;
  /** Place where a stretch begins: what was chosen last without Shift. */
  anchor: number;
}

export const nothing: Selection = { ids: new Set(), anchor: 0 };

export function choose(selection: Selection, place: number, id: string, isAdded: boolean): Selection {
  if (!isAdded) return { ids: new Set([id]), anchor: place };
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ids, anchor: place };
}

/** The stretch from the anchor to `place`, both included: first place and how many. */
export function stretch({ anchor }: Selection, place: number): { offset: number; limit: number } {
  const offset = Math.min(anchor, place);
  return { offset, limit: Math.abs(anchor - place) + 1 };
}

export function chooseAll(selection: Selection, ids: readonly string[], isAdded: boolean): Selection {
  return { ...selection, ids: new Set(isAdded ? [...selection.ids, ...ids] : ids) };
}
